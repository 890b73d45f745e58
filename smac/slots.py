"""The grid of quarter-hour slots that every plan and curve stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chargepoints.domain.quarters import QUARTER, quarter_start

SLOT = QUARTER
HORIZON_SLOTS = 96
_SLOT_S = int(SLOT.total_seconds())
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
    """Slots from `now` on: the first is what is left of the current quarter, the others are whole."""

    starts: tuple[datetime, ...]
    hours: tuple[float, ...]

    @classmethod
    def at(cls, now: datetime, count: int = HORIZON_SLOTS) -> Horizon:
        """The horizon that begins at `now`, to the second."""
        now = now.replace(microsecond=0)
        first = floor(now)
        left_h = (first + SLOT - now).total_seconds() / 3600
        later = tuple(first + SLOT * index for index in range(1, count))
        return cls((now, *later), (left_h, *(0.25 for _ in later)))

    @property
    def aligned(self) -> tuple[datetime, ...]:
        """The quarter that each slot lies in, to look values up."""
        return (floor(self.starts[0]), *self.starts[1:])

    @property
    def end(self) -> datetime:
        """The end of the last slot."""
        return floor(self.starts[-1]) + SLOT

    def touched_from(self, at: datetime) -> int:
        """The index of the slot that `at` lies in: 0 for the past, the slot count beyond the end."""
        return max(0, min(self._offset_s(at) // _SLOT_S, len(self.starts)))

    def touched_until(self, at: datetime) -> int:
        """The index after the last slot that begins before `at`: a limit holds in every slot that it touches."""
        if at <= self.starts[0]:
            return 0
        return min(-(-self._offset_s(at) // _SLOT_S), len(self.starts))

    def whole_until(self, at: datetime) -> int:
        """The index after the last slot that ends by `at`: energy after a departure is of no use."""
        return self.touched_from(at)

    def _offset_s(self, at: datetime) -> int:
        return int((at - floor(self.starts[0])).total_seconds())
