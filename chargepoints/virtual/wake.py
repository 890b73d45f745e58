"""When a charger has to look at its clock. The event loop's own timer serves all chargers: none has a task for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from .clock import Clock


class Wake:
    """Calls `wake` when `next_due` comes, or a moment that was added. Does nothing until started (clocks moved by
    hand wake their chargers themselves)."""

    def __init__(self, clock: Clock, next_due: Callable[[], datetime | None], wake: Callable[[], None]) -> None:
        self._clock, self._next_due, self._wake = clock, next_due, wake
        self._moments: list[datetime] = []
        self._handle: asyncio.TimerHandle | None = None
        self._shortest_s: float | None = None
        self._planned_at = 0.0

    def start(self, shortest_s: float) -> None:
        """From now on; looks at the clock at most every `shortest_s` real seconds."""
        self._shortest_s = shortest_s
        self.plan()

    def stop(self) -> None:
        """No more."""
        self._shortest_s = None
        if self._handle:
            self._handle.cancel()
            self._handle = None

    def add(self, moment: datetime) -> None:
        """Wake then, too."""
        self._moments.append(moment)
        self.plan()

    def plan(self) -> None:
        """Set the timer if something is due earlier than it stands."""
        if self._shortest_s is None:
            return
        due = self._due()
        if due is None:
            return
        loop = asyncio.get_running_loop()
        wait_s = (due - self._clock.now()).total_seconds() / self._clock.speed
        at = loop.time() + max(self._shortest_s, wait_s)
        if self._handle and self._planned_at <= at:
            return
        if self._handle:
            self._handle.cancel()
        self._handle, self._planned_at = loop.call_at(at, self._ring), at

    def _due(self) -> datetime | None:
        now = self._clock.now()
        self._moments = [moment for moment in self._moments if moment > now]
        dues = [due for due in (self._next_due(), *self._moments) if due]
        return min(dues, default=None)

    def _ring(self) -> None:
        self._handle = None
        self._wake()
        self.plan()
