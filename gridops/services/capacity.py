"""What charge points draw now, what they could, and how far their plan could move: by grid connection and by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Sum

from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Evse, Transaction
from gridops.access import charge_points_of
from smac.models import PlanRun

# Every connection is planned again each quarter hour: a plan much older than that says nothing of now.
_PLAN_LASTS_S = 3600


@dataclass(frozen=True)
class Load:
    """Power of some charge points, W. ``back``: to the grid. The plan is None where none holds now or none may tell."""

    charge_points: int = 0
    power_w: int = 0
    possible_w: int = 0
    possible_back_w: int = 0
    planned_w: int | None = None
    up_w: int | None = None
    down_w: int | None = None

    def __add__(self, other: Load) -> Load:
        return Load(
            self.charge_points + other.charge_points,
            self.power_w + other.power_w,
            self.possible_w + other.possible_w,
            self.possible_back_w + other.possible_back_w,
            _sum(self.planned_w, other.planned_w),
            _sum(self.up_w, other.up_w),
            _sum(self.down_w, other.down_w),
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


def of_points(points: Any) -> dict[int, Load]:
    """Each charge point of a query set by itself, without a plan."""
    ids = points.order_by().values("pk")
    chargers = Evse.objects.filter(charge_point__in=ids).order_by().values("charge_point_id")
    sums = chargers.annotate(most=Sum("max_power_w"), back=Sum("max_discharge_w"))
    most = {pk: (up, back) for pk, up, back in sums.values_list("charge_point_id", "most", "back")}
    running = Transaction.objects.filter(state=TransactionState.ACTIVE, charge_point__in=ids).order_by()
    flows = running.values("charge_point_id").annotate(now=Sum("power_w"))
    power = {pk: round(now or 0) for pk, now in flows.values_list("charge_point_id", "now")}
    return {
        pk: Load(1, power.get(pk, 0), *most.get(pk, (0, 0))) for pk in points.order_by().values_list("pk", flat=True)
    }


def of_connections(*, user: Any, supply_point_ids: Collection[int], now: datetime) -> dict[int, Load]:
    """The user's charge points at each grid connection; its plan only where no foreign one shares it."""
    points = charge_points_of(user).filter(supply_point__in=supply_point_ids)
    loads, found = of_points(points), dict[int, Load]()
    for pk, supply_point_id in points.order_by().values_list("pk", "supply_point_id"):
        found[supply_point_id] = found.get(supply_point_id, Load()) + loads[pk]
    plans = _plans(set(found) - shared(user=user, supply_point_ids=found), now)
    return {pk: replace(load, **plans.get(pk, {})) for pk, load in found.items()}


def shared(*, user: Any, supply_point_ids: Iterable[int]) -> set[int]:
    """The grid connections that foreign charge points share: their plans would tell of those."""
    here = ChargePoint.objects.filter(supply_point__in=set(supply_point_ids))
    foreign = here.exclude(pk__in=charge_points_of(user).order_by().values("pk"))
    return set(foreign.values_list("supply_point_id", flat=True))


def _plans(supply_point_ids: Collection[int], now: datetime) -> dict[int, dict[str, int]]:
    """The values of the slot that runs, of the newest plan of each connection."""
    runs = PlanRun.objects.filter(supply_point__in=supply_point_ids, made_at__lte=now).order_by("made_at", "pk")
    recent = runs.exclude(status=PlanRun.Status.FAILED).only("supply_point_id", "slot_starts", "series")
    newest = {run.supply_point_id: run for run in recent.filter(made_at__gte=_since(now))}
    return {pk: values for pk, run in newest.items() if (values := _slot(run, now))}


def _since(now: datetime) -> datetime:
    return datetime.fromtimestamp(now.timestamp() - _PLAN_LASTS_S, tz=now.tzinfo)


_SERIES = {"planned_w": "vehicles", "up_w": "flexibility_up", "down_w": "flexibility_down"}


def _slot(run: PlanRun, now: datetime) -> dict[str, int]:
    begun = [index for index, text in enumerate(run.slot_starts) if datetime.fromisoformat(text) <= now]
    curves: Mapping[str, list[float]] = defaultdict(list, run.series)
    return {
        name: round(curves[series][begun[-1]])
        for name, series in _SERIES.items()
        if begun and begun[-1] < len(curves[series])
    }


def of_groups(*, user: Any, branches: Mapping[int, Collection[int]]) -> dict[int, Load]:
    """Groups with their branches (``branches``: the groups of each); a charge point in several counts once."""
    points = charge_points_of(user)
    loads, members = of_points(points), defaultdict[int, set[int]](set)
    through = ChargePoint.groups.through.objects.filter(chargepoint__in=points.order_by().values("pk"))
    for pk, group_id in through.values_list("chargepoint_id", "chargepointgroup_id"):
        members[group_id].add(pk)
    inside = {pk: set().union(*(members[one] for one in branch)) for pk, branch in branches.items()}
    return {pk: sum((loads[one] for one in ids if one in loads), Load()) for pk, ids in inside.items()}
