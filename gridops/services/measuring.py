"""What the meters said, of several charge points together."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from chargepoints.domain.metering import POWER_EXPORT, POWER_IMPORT
from chargepoints.models import ChargePoint, MeterValue, Transaction
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
    ends = dict(rows.order_by().values_list("pk", "ended_at"))
    curves = _power_values(list(ends), start - HOLDS, end)
    silent = rows.exclude(pk__in=list(curves))
    return [
        *(_Meter([at for at, _w in curve], [watts for _at, watts in curve], ends[pk]) for pk, curve in curves.items()),
        *(_meter(row) for row in silent),
    ]


def _power_values(
    transaction_ids: Sequence[int], start: datetime, end: datetime
) -> dict[int, list[tuple[datetime, float]]]:
    """The power values of many sessions, by session, with one query."""
    rows = MeterValue.objects.filter(
        transaction__in=transaction_ids, measurand__in=[POWER_IMPORT, POWER_EXPORT], phase="", flaw=""
    )
    values: dict[int, dict[datetime, float]] = defaultdict(dict)
    told = rows.filter(at__gte=start, at__lte=end).order_by()
    for pk, at, measurand, value in told.values_list("transaction_id", "at", "measurand", "value"):
        values[pk][at] = values[pk].get(at, 0.0) + (value if measurand == POWER_IMPORT else -value)
    return {pk: sorted(curve.items()) for pk, curve in values.items()}


def _meter(row: Transaction) -> _Meter:
    curve = registers.power_curve(row)
    return _Meter([at for at, _value in curve], [value for _at, value in curve], row.ended_at)
