"""What the meters said, of several charge points together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from chargepoints.models import ChargePoint, Transaction
from chargepoints.services import registers

# Chargers report once a quarter hour at the slowest; an older value says nothing of now.
HOLDS = timedelta(minutes=20)
_FINE, _COARSE = timedelta(minutes=1), timedelta(minutes=5)
_LONG = timedelta(hours=6)


@dataclass(frozen=True)
class _Meter:
    times: list[datetime]
    values: list[float]
    ended_at: datetime | None

    def power_w(self, at: datetime) -> float:
        index = bisect_right(self.times, at) - 1
        if index < 0 or at - self.times[index] > HOLDS or (self.ended_at and at >= self.ended_at):
            return 0.0
        return self.values[index]


def power(charge_points: Sequence[ChargePoint], start: datetime, end: datetime) -> list[tuple[datetime, float]]:
    """Measured power of the charge points together, (moment, W), each minute (of long windows each fifth)."""
    if end <= start:
        return []
    meters = _meters(charge_points, start, end)
    step = _COARSE if end - start > _LONG else _FINE
    count = int((end - start) / step)
    moments = [start + step * index for index in range(count + 1)]
    return [(at, sum(meter.power_w(at) for meter in meters)) for at in moments]


def _meters(charge_points: Sequence[ChargePoint], start: datetime, end: datetime) -> list[_Meter]:
    rows = Transaction.objects.filter(charge_point__in=charge_points, started_at__lt=end)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=start))
    return [_meter(row) for row in rows]


def _meter(row: Transaction) -> _Meter:
    curve = registers.power_curve(row)
    return _Meter([at for at, _value in curve], [value for _at, value in curve], row.ended_at)
