"""Reads that several modules share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from chargepoints.models import ChargePoint, ChargePointGroup, Reservation, SupplyPoint
from chargepoints.selectors import groups
from smac.models import ChargingNeed, FlexOrder, PlannedCurve, PlanRun, Series, SeriesValue
from smac.slots import floor, quarters

# A car that was announced counts for this long; then the driver did not come.
ANNOUNCED_FOR = timedelta(minutes=30)
# A value may last an hour and begin before the first quarter asked for.
_LONGEST_VALUE = timedelta(hours=1)
DAY = timedelta(days=1)
# A group that bears only a limit on what flows back: no feeder carries as much.
UNLIMITED_W = 1e9


def open_needs(*, supply_point_ids: Iterable[int], now: datetime) -> QuerySet[ChargingNeed]:
    """Running needs, and announced ones that are still expected."""
    expected = Q(status=ChargingNeed.Status.ANNOUNCED, stated_at__gt=now - ANNOUNCED_FOR, departure_at__gt=now)
    return (
        ChargingNeed.objects.filter(evse__charge_point__supply_point_id__in=list(supply_point_ids))
        .filter(Q(status=ChargingNeed.Status.RUNNING) | expected)
        .select_related("evse__charge_point", "transaction")
        .prefetch_related("evse__connectors", "targets")
        .order_by("pk")
    )


def orders_between(*, start: datetime, end: datetime) -> QuerySet[FlexOrder]:
    """Orders not withdrawn whose window overlaps [start, end)."""
    return FlexOrder.objects.filter(withdrawn_at__isnull=True, starts_at__lt=end, ends_at__gt=start).order_by("pk")


def orders_at(*, supply_point_id: int, start: datetime, end: datetime) -> QuerySet[FlexOrder]:
    """Those of them that name a charge point of this supply point, with all their charge points."""
    concerned = orders_between(start=start, end=end).filter(charge_points__supply_point=supply_point_id)
    return concerned.distinct().prefetch_related("charge_points")


def series_for(*, kind: str, supply_points: Iterable[SupplyPoint]) -> dict[int, Series]:
    """The series of each supply point: its own, else that of its price zone."""
    return series_of_kinds(kinds=[kind], supply_points=supply_points)[kind]


def series_of_kinds(*, kinds: Iterable[str], supply_points: Iterable[SupplyPoint]) -> dict[str, dict[int, Series]]:
    """The same for several kinds in one query."""
    points, wanted = list(supply_points), [str(kind) for kind in kinds]
    zones = {point.price_zone for point in points}
    found = Series.objects.filter(kind__in=wanted).filter(
        Q(supply_point__in=points) | Q(supply_point__isnull=True, zone__in=zones)
    )
    own = {(series.kind, series.supply_point_id): series for series in found if series.supply_point_id}
    of_zone = {(series.kind, series.zone): series for series in found if not series.supply_point_id}
    chosen = {
        kind: {point.pk: own.get((kind, point.pk)) or of_zone.get((kind, point.price_zone)) for point in points}
        for kind in wanted
    }
    return {
        kind: {pk: series for pk, series in by_point.items() if series is not None} for kind, by_point in chosen.items()
    }


def quarter_values(
    *, series_ids: Iterable[int], start: datetime, end: datetime, known_at: datetime
) -> dict[int, dict[datetime, float]]:
    """The values of each series by quarter, as they were known at `known_at`: of several the newest known counts."""
    first = floor(start)
    rows = SeriesValue.objects.filter(
        series_id__in=set(series_ids), starts_at__gt=first - _LONGEST_VALUE, starts_at__lt=end, known_at__lte=known_at
    ).order_by("known_at", "pk")
    found: dict[int, dict[datetime, float]] = {}
    for series_id, starts_at, duration_s, value in rows.values_list("series_id", "starts_at", "duration_s", "value"):
        values = found.setdefault(series_id, {})
        for quarter in quarters(starts_at, starts_at + timedelta(seconds=duration_s)):
            if quarter >= first:
                values[quarter] = value
    return found


def newest_value(*, kind: str, supply_point: SupplyPoint, since: datetime, known_at: datetime) -> float | None:
    """The last value of a supply point's own series that began in [since, known_at]; None where there is none."""
    rows = SeriesValue.objects.filter(
        series__kind=kind,
        series__supply_point=supply_point,
        starts_at__gte=since,
        starts_at__lte=known_at,
        known_at__lte=known_at,
    )
    return rows.order_by("-starts_at", "-known_at").values_list("value", flat=True).first()


@dataclass(frozen=True, slots=True)
class Coupling:
    """A group with a capacity and the supply points behind it: those with a charge point in its branch."""

    group_id: int
    capacity_w: float
    export_capacity_w: float | None
    supply_point_ids: frozenset[int]


def couplings() -> list[Coupling]:
    """All groups that bear a capacity and hold a charge point. Without an import capacity there is no limit on it."""
    bearing = ChargePointGroup.objects.filter(Q(capacity_w__isnull=False) | Q(export_capacity_w__isnull=False))
    found = [(group, _behind(group)) for group in bearing.order_by("pk")]
    return [
        Coupling(group.pk, float(group.capacity_w or UNLIMITED_W), _or_none(group.export_capacity_w), behind)
        for group, behind in found
        if behind
    ]


def _behind(group: ChargePointGroup) -> frozenset[int]:
    points = ChargePoint.objects.filter(groups__in=groups.branch_ids([group.pk]))
    return frozenset(points.values_list("supply_point_id", flat=True).distinct())


def _or_none(watts: int | None) -> float | None:
    return None if watts is None else float(watts)


def couplings_of(*, supply_point_id: int) -> list[Coupling]:
    """The couplings of a supply point and of whoever it is coupled with, directly or by way of others."""
    left, reached, mine = couplings(), {supply_point_id}, []
    while touching := [one for one in left if one.supply_point_ids & reached]:
        reached = reached.union(*(one.supply_point_ids for one in touching))
        left = [one for one in left if one not in touching]
        mine += touching
    return sorted(mine, key=lambda one: one.group_id)


def coupled_with(*, supply_point_id: int) -> list[int]:
    """The supply points whose plans depend on each other by the capacity of groups, this one among them."""
    found = couplings_of(supply_point_id=supply_point_id)
    return sorted({supply_point_id}.union(*(one.supply_point_ids for one in found)))


def plannable(*, supply_point_ids: Iterable[int], now: datetime) -> set[int]:
    """Those of the supply points where there is something to plan: a vehicle there or expected, a battery, an order."""
    ids = list(supply_point_ids)
    needs = open_needs(supply_point_ids=ids, now=now).order_by()
    reserved = Reservation.objects.filter(
        evse__charge_point__supply_point__in=ids, status=Reservation.Status.ACTIVE, expires_at__gt=now
    )
    stored = SupplyPoint.objects.filter(pk__in=ids, storage_capacity_wh__gt=0, storage_power_w__gt=0)
    ordered = orders_between(start=now, end=now + DAY).filter(charge_points__supply_point__in=ids).order_by()
    return {
        *needs.values_list("evse__charge_point__supply_point_id", flat=True),
        *reserved.values_list("evse__charge_point__supply_point_id", flat=True),
        *stored.values_list("pk", flat=True),
        *(set(ordered.values_list("charge_points__supply_point_id", flat=True)) & set(ids)),
    }


def latest_run(*, supply_point_id: int) -> PlanRun | None:
    """The newest plan of a supply point."""
    return PlanRun.objects.filter(supply_point_id=supply_point_id).order_by("-made_at", "-pk").first()


def latest_curve(*, need: ChargingNeed) -> PlannedCurve | None:
    """The newest planned curve of a session, with its run."""
    return PlannedCurve.objects.filter(need=need).select_related("run").order_by("-run__made_at", "-run_id").first()


def supply_point_of(*, charge_point_id: int) -> int | None:
    """The supply point that a charge point hangs on."""
    return ChargePoint.objects.filter(pk=charge_point_id).values_list("supply_point_id", flat=True).first()


def supply_points_of_order(order: FlexOrder) -> list[int]:
    """The supply points that an order touches."""
    ids = order.charge_points.values_list("supply_point_id", flat=True)
    return sorted(set(ids))


def busy_supply_points(*, now: datetime) -> set[int]:
    """The supply points with a session, or with an order under way."""
    running = ChargingNeed.objects.filter(status=ChargingNeed.Status.RUNNING)
    orders = orders_between(start=now, end=now + timedelta(microseconds=1))
    return set(running.values_list("evse__charge_point__supply_point_id", flat=True)) | set(
        orders.values_list("charge_points__supply_point_id", flat=True)
    )
