"""The grid of quarter-hour slots that every plan and curve stands on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepoints.domain.quarters import QUARTER, quarter_start

SLOT = QUARTER
HORIZON_SLOTS = 96
floor = quarter_start


def quarters(start: datetime, end: datetime) -> list[datetime]:
    """The starts of all quarters that overlap [start, end)."""
    found, at = [], floor(start)
    while at < end:
        found.append(at)
        at += SLOT
    return found


@dataclass(frozen=True, slots=True)
class Horizon:
    """Slots from `now` on: first what is left of the current quarter, then whole ones, unless they are cut."""

    starts: tuple[datetime, ...]
    hours: tuple[float, ...]

    @classmethod
    def at(cls, now: datetime, count: int = HORIZON_SLOTS) -> Horizon:
        """The horizon that begins at `now`, to the second."""
        first = floor(now)
        return cls._of((now.replace(microsecond=0), *(first + SLOT * index for index in range(1, count))))

    @classmethod
    def _of(cls, starts: Sequence[datetime]) -> Horizon:
        ends = (*starts[1:], floor(starts[-1]) + SLOT)
        hours = ((end - start) / timedelta(hours=1) for start, end in zip(starts, ends, strict=True))
        return cls(tuple(starts), tuple(hours))

    def cut(self, moments: Iterable[datetime]) -> Horizon:
        """The horizon with a slot begun at each moment within it, to the minute before.

        A car that leaves at seven past uses these seven minutes, and an order from seven past takes none before.
        """
        whole = (moment.replace(second=0, microsecond=0) for moment in moments)
        within = {moment for moment in whole if self.starts[0] < moment < self.end}
        return self._of(sorted({*self.starts, *within})) if within else self

    @property
    def aligned(self) -> tuple[datetime, ...]:
        """The quarter that each slot lies in, to look values up."""
        return tuple(floor(start) for start in self.starts)

    @property
    def end(self) -> datetime:
        """The end of the last slot."""
        return floor(self.starts[-1]) + SLOT

    def ends_of(self, slot: int) -> datetime:
        """The end of a slot."""
        return self.starts[slot + 1] if slot + 1 < len(self.starts) else self.end

    def touched_from(self, at: datetime) -> int:
        """The index of the slot that `at` lies in: 0 for the past, the slot count beyond the end."""
        if at >= self.end:
            return len(self.starts)
        return max(bisect_right(self.starts, at) - 1, 0)

    def touched_until(self, at: datetime) -> int:
        """The index after the last slot that begins before `at`: a limit holds in every slot that it touches."""
        return bisect_left(self.starts, at)

    def whole_until(self, at: datetime) -> int:
        """The index after the last slot that ends by `at`: energy after a departure is of no use."""
        return self.touched_from(at)
