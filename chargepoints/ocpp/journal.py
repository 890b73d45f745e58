"""The log of frames, stored in batches: one statement for many frames of many chargers."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from chargepoints.ocpp import database
from chargepoints.services import messages
from chargepoints.services.messages import Entry

logger = logging.getLogger(__name__)
FULL = 50
PERIOD_S = 1.0
# A megabyte of a charger's report explains nothing that its first pages do not.
_LONGEST_STORED = 64 * 1024
_SECRETS = frozenset({"authorizationkey", "basicauthpassword", "securityctrlr.basicauthpassword"})


class Journal:
    """Frames of all links of one event loop, stored at most ``PERIOD_S`` after they passed."""

    def __init__(self) -> None:
        self._waiting: list[Entry] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writes: set[asyncio.Task[None]] = set()

    def add(self, entry: Entry) -> None:
        self._waiting.append(entry)
        if len(self._waiting) >= FULL:
            self._begin()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PERIOD_S, self._begin)

    async def flush(self) -> None:
        """Wait until all that was added is stored."""
        self._begin()
        if self._writes:
            await asyncio.gather(*self._writes)

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            entries, self._waiting = self._waiting, []
            task = asyncio.get_running_loop().create_task(_store(entries))
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)


async def _store(entries: Sequence[Entry]) -> None:
    """A charger that was deleted meanwhile must not cost the others their log."""
    try:
        await database.run(messages.store, entries)
    except Exception:
        for charge_point_id in {entry.charge_point_id for entry in entries}:
            try:
                await database.run(messages.store, [one for one in entries if one.charge_point_id == charge_point_id])
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
    if isinstance(payload, dict) and ("key" in payload or "setVariableData" in payload):
        return _without_secrets(payload)
    return payload


def _without_secrets(payload: dict[str, Any]) -> dict[str, Any]:
    if str(payload.get("key", "")).lower() in _SECRETS:
        return {**payload, "value": "***"}
    data = payload.get("setVariableData")
    if isinstance(data, list):
        return {**payload, "setVariableData": [_without_password(one) for one in data]}
    return payload


def _without_password(entry: Any) -> Any:
    name = str(entry.get("variable", {}).get("name", "")).lower() if isinstance(entry, dict) else ""
    return {**entry, "attributeValue": "***"} if name in _SECRETS else entry
