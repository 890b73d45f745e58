"""The log of frames, stored in batches: one statement for many frames of many chargers."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

from chargepoints.ocpp import database
from chargepoints.services import messages
from chargepoints.services.messages import Entry

logger = logging.getLogger(__name__)
FULL = 400
PERIOD_S = 1.0
# While the database is away frames wait in memory, but not without end: facts go before their log.
MOST_WAITING_BYTES = 32 * 1024 * 1024
# What a row takes beside its payload.
_ROW_BYTES = 300
# A megabyte of a charger's report explains nothing that its first pages do not.
_LONGEST_STORED = 64 * 1024
_HOLDERS = frozenset({"key", "setVariableData", "configurationKey"})
_SECRETS = frozenset({"authorizationkey", "basicauthpassword", "securityctrlr.basicauthpassword"})


class Journal:
    """Frames of all links of one event loop, stored at most ``PERIOD_S`` after they passed, by one writer."""

    def __init__(self) -> None:
        self._waiting: deque[Entry] = deque()
        self._waiting_bytes = 0
        self._dropped = 0
        self._timer: asyncio.TimerHandle | None = None
        self._writer: asyncio.Task[None] | None = None

    def add(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._waiting_bytes += _size(entry)
        while self._waiting_bytes > MOST_WAITING_BYTES:
            self._waiting_bytes -= _size(self._waiting.popleft())
            self._dropped += 1
        if len(self._waiting) >= FULL:
            self._begin()
        elif self._timer is None and self._writer is None:
            self._timer = asyncio.get_running_loop().call_later(PERIOD_S, self._begin)

    async def flush(self) -> None:
        """Wait until all that was added is stored."""
        self._begin()
        if self._writer is not None:
            await asyncio.shield(self._writer)

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._waiting:
                # Taken off only when stored: what waits is what memory is counted for.
                entries = list(islice(self._waiting, FULL))
                dropped = self._dropped
                await _store(entries)
                self._forget(len(entries) - (self._dropped - dropped))
                self._tell_dropped()
        finally:
            self._writer = None

    def _forget(self, count: int) -> None:
        """Those that were dropped while they were being stored are not there any more."""
        for _ in range(count):
            self._waiting_bytes -= _size(self._waiting.popleft())

    def _tell_dropped(self) -> None:
        if self._dropped:
            logger.error("frames were left out of the log, as the database was away", extra={"frames": self._dropped})
            self._dropped = 0


def _size(entry: Entry) -> int:
    return len(entry.payload) + _ROW_BYTES


async def _store(entries: Sequence[Entry]) -> None:
    """A charger that was deleted meanwhile must not cost the others their log."""
    try:
        await database.run_beside(messages.store, entries)
    except Exception:
        for charge_point_id in {entry.charge_point_id for entry in entries}:
            mine = [one for one in entries if one.charge_point_id == charge_point_id]
            try:
                await database.run_beside(messages.store, mine)
            except Exception:
                logger.exception("frames could not be stored", extra={"charge_point": charge_point_id})


_journals: WeakKeyDictionary[asyncio.AbstractEventLoop, Journal] = WeakKeyDictionary()


def current() -> Journal:
    """The journal of the running event loop."""
    return _journals.setdefault(asyncio.get_running_loop(), Journal())


def storable(payload: Any, size: int) -> Any:
    """A payload as the log keeps it: not the passwords, not a megabyte, and never nothing (a row has some)."""
    if payload is None:
        return {}
    if size > _LONGEST_STORED:
        return {"too_long_to_keep": size}
    if isinstance(payload, dict) and not payload.keys().isdisjoint(_HOLDERS):
        return _without_secrets(payload)
    return payload


def _without_secrets(payload: dict[str, Any]) -> dict[str, Any]:
    if str(payload.get("key", "")).lower() in _SECRETS:
        return {**payload, "value": "***"}
    for holder in ("setVariableData", "configurationKey"):
        if isinstance(data := payload.get(holder), list):
            return {**payload, holder: [_without_password(one) for one in data]}
    return payload


def _without_password(entry: Any) -> Any:
    """A setting of 2.0.1 (``variable``), or a key of 1.6 as some chargers tell it when they are asked for all."""
    if not isinstance(entry, dict):
        return entry
    if str(entry.get("key", "")).lower() in _SECRETS:
        return {**entry, "value": "***"}
    variable = entry.get("variable")
    name = str(variable.get("name", "")).lower() if isinstance(variable, dict) else ""
    return {**entry, "attributeValue": "***"} if name in _SECRETS else entry
