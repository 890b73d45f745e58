"""Reports of many links, stored together: what comes while a batch is written makes the next one.

The first report is written at once, and no batch begins sooner than a hundredth of a second after the one before: most
of what a batch costs does not depend on its size. An answer goes out when its fact is committed.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from chargepoints.ocpp import database
from chargepoints.services import recording
from chargepoints.services.recording import NOT_ORDINARY, Fact

logger = logging.getLogger(__name__)
# So many that a batch takes some hundredths of a second at most.
_MOST = 200
_APART_S = 0.01
_Waiting = tuple[Fact, "asyncio.Future[Any]"]


class Recorder:
    """Facts of all links of one event loop, and the one task that writes them."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def record(self, fact: Fact) -> Any:
        """What the fact's service would return, once it is committed; NOT_ORDINARY: nothing was done about it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((fact, future))
        if self._writer is None:
            self._writer = loop.create_task(self._write(), name="ocpp recorder")
        return await future

    async def _write(self) -> None:
        try:
            clock = asyncio.get_running_loop().time
            while batch := self._batch():
                next_at_s = clock() + _APART_S
                for (_, future), result in zip(batch, await _stored([fact for fact, _ in batch]), strict=True):
                    if not future.done():
                        future.set_result(result)
                await asyncio.sleep(max(0.0, next_at_s - clock()))
        finally:
            self._writer = None

    def _batch(self) -> list[_Waiting]:
        """One of each charger: an old and a new link may speak for the same."""
        batch: dict[int, _Waiting] = {}
        later: list[_Waiting] = []
        while self._waiting and len(batch) < _MOST:
            one = self._waiting.popleft()
            if batch.setdefault(one[0].charge_point_id, one) is not one:
                later.append(one)
        self._waiting.extendleft(reversed(later))
        return list(batch.values())


async def _stored(facts: list[Fact]) -> list[Any]:
    """A batch that fails is nothing special: each of its facts is then taken by itself, with patience."""
    try:
        return await database.run_batch(recording.store, facts)
    except Exception as error:
        logger.info("reports are stored one by one", extra={"count": len(facts), "error": type(error).__name__})
        return [NOT_ORDINARY] * len(facts)


_recorders: WeakKeyDictionary[asyncio.AbstractEventLoop, Recorder] = WeakKeyDictionary()


async def run(service: Callable[..., Any], *, charge_point_id: int, report: Any, now: datetime) -> Any:
    """Call a service with a charger's report: together with others where it is ordinary, else by itself.

    :raises: the last error of the database, when it lasted longer than a charger waits.
    """
    if recording.may_be_ordinary(report):
        recorder = _recorders.setdefault(asyncio.get_running_loop(), Recorder())
        result = await recorder.record(Fact(charge_point_id, report, now))
        if result is not NOT_ORDINARY:
            return result
    return await database.run(service, charge_point_id=charge_point_id, report=report, now=now)
