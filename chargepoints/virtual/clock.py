"""The charger's clock: given, so that tests move hours in an instant and the demo runs at real speed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """`now()` is the start, plus what was advanced, plus real time multiplied by `speed`.

    Speed 0 stands still between calls of `advance`; speed 1 is a wall clock.
    """

    def __init__(self, start: datetime | None = None, *, speed: float = 0.0) -> None:
        self._base = start or datetime.now(UTC)
        self._real_base_s = time.monotonic()
        self.speed = speed

    def now(self) -> datetime:
        """The simulated moment, aware, in UTC."""
        elapsed_s = (time.monotonic() - self._real_base_s) * self.speed if self.speed else 0.0
        return self._base + timedelta(seconds=elapsed_s)

    def advance(self, dt_s: float) -> None:
        """Move on by `dt_s` seconds (negative: a clock that is set back)."""
        self._base += timedelta(seconds=dt_s)
