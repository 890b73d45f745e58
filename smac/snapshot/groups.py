"""Supply points behind one feeder or transformer, at one moment: their questions and the capacity that couples them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chargepoints.models import SupplyPoint
from smac import selectors
from smac.models import FlexOrder
from smac.optimisation.problem import Problem
from smac.optimisation.together import GroupLimit
from smac.selectors import Coupling
from smac.slots import Horizon
from smac.snapshot import reading, supply
from smac.snapshot.reading import Snapshot


@dataclass(frozen=True, slots=True)
class Together:
    """The questions of supply points that are planned together, by `key_of`, and the limits on their sum.

    Supply points where nothing can be planned are left out: what they draw is taken off the limits.
    """

    snapshots: Mapping[str, Snapshot]
    limits: tuple[GroupLimit, ...]

    @property
    def problems(self) -> dict[str, Problem]:
        """What `solve_together` takes, with `limits`."""
        return {key: snapshot.problem for key, snapshot in self.snapshots.items()}


def key_of(supply_point_id: int) -> str:
    """The key of a supply point in a question for several."""
    return str(supply_point_id)


def take_together(
    *,
    supply_point_id: int,
    now: datetime,
    extra_orders: Sequence[FlexOrder] = (),
    extra_order_charge_points: Sequence[int] = (),
    without_orders: Sequence[int] = (),
) -> Together:
    """What has to be planned with a supply point: itself, and whoever shares a limit with it, directly or by others.

    The extras, for previews, as in `reading.take`. Raises SupplyPoint.DoesNotExist.
    """
    couplings = selectors.couplings_of(supply_point_id=supply_point_id)
    members = {pk for coupling in couplings for pk in coupling.supply_point_ids}
    busy = selectors.plannable(supply_point_ids=members, now=now) if members else set()
    planned = sorted(busy | {supply_point_id})
    taken = reading.take_all(
        supply_point_ids=planned,
        now=now,
        extra_orders=extra_orders,
        extra_order_charge_points=extra_order_charge_points,
        without_orders=without_orders,
    )
    horizon = taken[0].horizon
    fixed = _fixed_w(members - set(planned), horizon, now)
    return Together(
        {key_of(snapshot.supply_point.pk): snapshot for snapshot in taken},
        tuple(_limit(coupling, planned, fixed, len(horizon.starts)) for coupling in couplings),
    )


def _fixed_w(supply_point_ids: Collection[int], horizon: Horizon, now: datetime) -> dict[int, list[float]]:
    """What each of these supply points draws in each slot whatever is planned; below zero what it gives back."""
    points = list(SupplyPoint.objects.filter(pk__in=supply_point_ids).select_related("location"))
    curves = supply.read_curves(points, horizon, now) if points else {}
    frames = {point.pk: supply.frame(point, horizon, now, read=curves[point.pk])[0] for point in points}
    return {pk: _net_w(problem) for pk, problem in frames.items()}


def _net_w(problem: Problem) -> list[float]:
    rows = zip(problem.demand_w, problem.production_w, problem.max_export_w, strict=True)
    return [max(demand - made, -back) for demand, made, back in rows]


def _limit(coupling: Coupling, planned: Sequence[int], fixed: Mapping[int, Sequence[float]], count: int) -> GroupLimit:
    others = [fixed[pk] for pk in coupling.supply_point_ids if pk in fixed]
    drawn = [sum(values) for values in zip(*others, strict=True)] or [0.0] * count
    back_w = coupling.export_capacity_w
    return GroupLimit(
        key=f"group:{coupling.group_id}",
        site_keys=tuple(key_of(pk) for pk in planned if pk in coupling.supply_point_ids),
        max_import_w=tuple(coupling.capacity_w - power for power in drawn),
        max_export_w=None if back_w is None else tuple(max(back_w + power, 0.0) for power in drawn),
    )
