"""Patience with those who are turned away: what they may cost, and how often it is told.

Kept in the memory of one process, bounded. Nothing here can lock out a charger that knows its secret: another knock is
looked at always, however many of its neighbours or of those who claim to be it were wrong.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

from chargepoints.ocpp.pace import Pace
from chargepoints.services.security import Knock, Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chargepoints.models import ChargePoint

# The very same knock is looked up a few times; then it is answered from memory, and looked up now and then.
FREE_TRIES = 5
ANSWERED_FROM_MEMORY_S = 30
# An address that fails more often than this is looked at one knock after the other, with a pause after each failure.
FAILURES_PER_S, FAILURES_AT_ONCE = 0.5, 20
PAUSE_S = 0.05
LONGEST_QUEUE = 50
TOLD_EVERY_S = 600
# Strangers that invent identities fill neither the log nor the table of the refused.
_TOLD_PER_S, _TOLD_AT_ONCE = 0.5, 200
_REMEMBERED = 10_000

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class TooMany(Exception):
    def __init__(self, wait_s: int) -> None:
        super().__init__(f"wait {wait_s} s")
        self.wait_s = wait_s


class Memory(OrderedDict[K, V], Generic[K, V]):
    """The last so many things that were told it."""

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > _REMEMBERED:
            self.popitem(last=False)


class Doorkeeper:
    """Of one event loop. ``clock``: seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: Memory[tuple[str, int], tuple[int, float]] = Memory()
        self._addresses: Memory[str, Pace] = Memory()
        self._queues: dict[str, tuple[asyncio.Lock, list[int]]] = {}
        self._told: Memory[tuple[str, Refusal], tuple[float, int]] = Memory()
        self._refused: Memory[str, bool] = Memory()
        self._telling = Pace(_TOLD_PER_S, _TOLD_AT_ONCE)

    async def ask(
        self, knock: Knock, address: str, look: Callable[[], Awaitable[ChargePoint | Refusal]]
    ) -> ChargePoint | Refusal:
        """The answer of ``look``.

        :raises TooMany: the same was refused often, or too many wait at this address.
        """
        key = (address, hash(knock))
        self._answer_from_memory(key)
        if not self._fails_often(address):
            return self._remembered(key, await look())
        async with self._turn(address):
            answer = self._remembered(key, await look())
            if isinstance(answer, Refusal):
                await asyncio.sleep(PAUSE_S)
            return answer

    def _answer_from_memory(self, key: tuple[str, int]) -> None:
        tries, looked_at = self._failures.get(key, (0, 0.0))
        wait_s = looked_at + ANSWERED_FROM_MEMORY_S - self._clock()
        if tries >= FREE_TRIES and wait_s > 0:
            raise TooMany(int(wait_s) + 1)

    def _fails_often(self, address: str) -> bool:
        pace = self._addresses.get(address)
        return pace is not None and pace.wait_s(self._clock()) > 0

    def _remembered(self, key: tuple[str, int], answer: ChargePoint | Refusal) -> ChargePoint | Refusal:
        if isinstance(answer, Refusal):
            self._failures[key] = (self._failures.get(key, (0, 0.0))[0] + 1, self._clock())
            address = key[0]
            if address not in self._addresses:
                self._addresses[address] = Pace(FAILURES_PER_S, FAILURES_AT_ONCE)
            self._addresses[address].count(self._clock())
        else:
            self._failures.pop(key, None)
        return answer

    @asynccontextmanager
    async def _turn(self, address: str) -> AsyncIterator[None]:
        lock, waiting = self._queues.setdefault(address, (asyncio.Lock(), []))
        if len(waiting) >= LONGEST_QUEUE:
            raise TooMany(int(LONGEST_QUEUE * PAUSE_S) + 1)
        waiting.append(1)
        try:
            async with lock:
                yield
        finally:
            waiting.pop()
            if not waiting:
                self._queues.pop(address, None)

    def times_to_tell(self, identity: str, refusal: Refusal) -> int:
        """How many refusals to tell of now: 0 while it was told not long ago."""
        self._refused[identity] = True
        now, key = self._clock(), (identity, refusal)
        told_at, untold = self._told.get(key, (None, 0))
        if (told_at is not None and now - told_at < TOLD_EVERY_S) or self._telling.wait_s(now) > 0:
            self._told[key] = (now - TOLD_EVERY_S if told_at is None else told_at, untold + 1)
            return 0
        self._telling.count(now)
        self._told[key] = (now, 0)
        return untold + 1

    def forgive(self, identity: str) -> bool:
        """It was let in; whether it had been refused before."""
        return self._refused.pop(identity, False)


_keepers: WeakKeyDictionary[asyncio.AbstractEventLoop, Doorkeeper] = WeakKeyDictionary()


def current() -> Doorkeeper:
    """The doorkeeper of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _keepers:
        _keepers[loop] = Doorkeeper()
    return _keepers[loop]
