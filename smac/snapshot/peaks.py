"""The highest quarter hour of a month so far, for the demand charge: as meters told it, else as it was planned."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT
from chargepoints.models import MeterValue, SupplyPoint, Transaction
from smac.models import PlanningState, PlanRun, Series
from smac.services import series
from smac.slots import SLOT, floor, quarters

# A charger reports once a quarter hour at the slowest: what no meter has told by then was as planned.
_PATIENCE = timedelta(minutes=20)
# Where people charge, plans are made each quarter: what is older is settled.
_REACH = timedelta(hours=4)
# A plan says what flows until the next one is made, and no longer than this.
_PLAN_HOLDS = timedelta(hours=1)
_OUTLET = "Outlet"

Curve = Sequence[tuple[datetime, float]]


@dataclass(frozen=True, slots=True)
class Peak:
    """The month's highest quarter hour, W; `settled_w`: of all quarters before `until`, of which no more is heard."""

    power_w: float
    settled_w: float
    until: datetime


def peak_of(point: SupplyPoint, now: datetime) -> Peak:
    """What vehicles and house drew in the month's quarters that are over; not what a `peak` series tells."""
    begin = month_of(point, now)
    state = PlanningState.objects.filter(supply_point=point, peak_month=begin.date()).first()
    settled_w = state.peak_w if state else 0.0
    told_until = state.peak_until if state and state.peak_until else begin
    until = max(floor(begin), floor(told_until), floor(now) - _REACH)
    highest_w, in_order = settled_w, True
    for quarter, power_w, is_measured in _drawn(point, until, floor(now), now):
        highest_w = max(highest_w, power_w)
        in_order = in_order and (is_measured or quarter + SLOT + _PATIENCE <= now)
        if in_order:
            settled_w, until = max(settled_w, power_w), quarter + SLOT
    return Peak(highest_w, settled_w, until)


def month_of(point: SupplyPoint, now: datetime) -> datetime:
    """The first moment of the month, as people at the place count it."""
    local = now.astimezone(ZoneInfo(point.location.time_zone))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _drawn(point: SupplyPoint, start: datetime, end: datetime, now: datetime) -> Iterable[tuple[datetime, float, bool]]:
    """Each quarter of [start, end) with the mean power that was drawn in it, and whether meters told it."""
    if start >= end:
        return
    house, meters = _house_w(point, start, end, now), _meters(point, start, end)
    plans = _plans(point, start, end)
    for quarter in quarters(start, end):
        told = [meter.energy_wh(quarter, quarter + SLOT) for meter in meters if meter.is_there(quarter, quarter + SLOT)]
        known = [wh for wh in told if wh is not None]
        if len(known) == len(told):
            stored_w = _planned_w(plans, "storage", quarter)
            yield quarter, house[quarter] + stored_w + sum(known) / (SLOT / timedelta(hours=1)), True
        else:
            yield quarter, _planned_w(plans, "grid", quarter), False


def _house_w(point: SupplyPoint, start: datetime, end: datetime, now: datetime) -> dict[datetime, float]:
    """What the supply point drew beside vehicles, less what it made, as it is known by now."""
    kinds = (Series.Kind.DEMAND, Series.Kind.PRODUCTION)
    read = series.readings(kinds=kinds, supply_points=[point], start=start, end=end, known_at=now)[point.pk]
    used, made = (dict(read[str(kind)].curve) for kind in kinds)
    return {quarter: (used[quarter] or 0.0) - (made[quarter] or 0.0) for quarter in used}


@dataclass(frozen=True, slots=True)
class _Meter:
    """The registers of a session, (moment, Wh) each, rising in time."""

    started_at: datetime
    ended_at: datetime | None
    drawn: Curve
    given: Curve

    def is_there(self, start: datetime, end: datetime) -> bool:
        return self.started_at < end and (self.ended_at is None or self.ended_at > start)

    def energy_wh(self, start: datetime, end: datetime) -> float | None:
        """What it drew, less what it gave back, in [start, end); None where its register does not reach so far."""
        last = end if self.ended_at is None else min(end, self.ended_at)
        if not self.drawn or self.drawn[-1][0] < last or self.drawn[0][0] > max(start, self.started_at) + _PATIENCE:
            return None
        return _rise(self.drawn, start, end) - _rise(self.given, start, end)


def _rise(readings: Curve, start: datetime, end: datetime) -> float:
    return _at(readings, end) - _at(readings, start) if readings else 0.0


def _at(readings: Curve, at: datetime) -> float:
    """The register at a moment, in proportion to time between two readings."""
    place = bisect_right([moment for moment, _ in readings], at)
    if place == 0 or place == len(readings):
        return readings[place - 1 if place else 0][1]
    (before, low), (after, high) = readings[place - 1], readings[place]
    return low + (high - low) * ((at - before) / (after - before))


def _meters(point: SupplyPoint, start: datetime, end: datetime) -> list[_Meter]:
    """The sessions in [start, end) with their registers from a little before to a little after."""
    rows = Transaction.objects.filter(charge_point__supply_point=point, started_at__lt=end)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=start)).order_by("pk")
    sessions = list(rows.values_list("pk", "started_at", "ended_at"))
    told = _registers([pk for pk, *_ in sessions], start - _PATIENCE, end + _PATIENCE)
    return [
        _Meter(started_at, ended_at, told.get((pk, ENERGY_IMPORT), ()), told.get((pk, ENERGY_EXPORT), ()))
        for pk, started_at, ended_at in sessions
    ]


def _registers(transaction_ids: Sequence[int], start: datetime, end: datetime) -> Mapping[tuple[int, str], Curve]:
    """The plausible readings of each session and register; those at the outlet where there are any."""
    values = MeterValue.objects.filter(
        transaction__in=transaction_ids,
        measurand__in=[ENERGY_IMPORT, ENERGY_EXPORT],
        phase="",
        flaw="",
        at__gte=start,
        at__lte=end,
    )
    found: dict[tuple[int, str], dict[str, dict[datetime, float]]] = defaultdict(lambda: defaultdict(dict))
    for pk, measurand, location, at, wh in values.order_by("at", "value").values_list(
        "transaction_id", "measurand", "location", "at", "value"
    ):
        found[pk, measurand][location][at] = wh
    return {
        key: sorted((by_place.get(_OUTLET) or max(by_place.values(), key=len)).items())
        for key, by_place in found.items()
    }


def _plans(point: SupplyPoint, start: datetime, end: datetime) -> list[PlanRun]:
    runs = PlanRun.objects.filter(supply_point=point, made_at__gt=start - _PLAN_HOLDS, made_at__lt=end)
    return [run for run in runs.order_by("made_at", "pk").only("made_at", "slot_starts", "series") if run.slot_starts]


def _planned_w(plans: Sequence[PlanRun], what: str, quarter: datetime) -> float:
    """The mean over a quarter of what the plan of each moment said."""
    ends = [*(run.made_at for run in plans[1:]), quarter + SLOT]
    total = 0.0
    for run, next_at in zip(plans, ends, strict=False):
        start, end = max(run.made_at, quarter), min(next_at, quarter + SLOT)
        if start < end:
            total += _of_plan(run, what, start) * ((end - start) / SLOT)
    return total


def _of_plan(run: PlanRun, what: str, at: datetime) -> float:
    starts = [datetime.fromisoformat(text) for text in run.slot_starts]
    place = max(bisect_right(starts, at) - 1, 0)
    return float(run.series[what][place])


__all__ = ["Peak", "month_of", "peak_of"]
