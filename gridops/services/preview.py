"""What an order would change, drawn before it is saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from chargepoints.models import ChargePoint
from gridops.services import curves
from gridops.services.steps import Steps, summed
from smac.models import FlexOrder
from smac.optimisation.plan import Plan
from smac.optimisation.together import solve_together
from smac.services.planning import TIME_LIMIT_S
from smac.snapshot import groups
from smac.snapshot.reading import Snapshot


def chart(*, order: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Power of the order's charge points from now to an hour after the window: as planned, and under the limit.

    ``order`` is the arguments of ``smac.services.limits.preview_order``.
    """
    points = order["charge_points"]
    unsaved = FlexOrder(created_at=now, **{name: value for name, value in order.items() if name != "charge_points"})
    window = curves.Window(now, order["ends_at"] + curves.MARGIN)
    series = [
        curves.line("baseline", _("Without the limit"), curves.planned(points, window)),
        curves.line("plan", _("With the limit"), window.cut(summed(_limited(unsaved, points, now)))),
        *curves.limits(unsaved, len(points), alone=False),
    ]
    return curves.chart(series, now=now)


def _limited(order: FlexOrder, points: Sequence[ChargePoint], now: datetime) -> list[Steps]:
    """What the sessions at these charge points would get under the order, W, by supply point.

    Those that share a feeder are planned together, as they will be; only who pauses in the next minutes is left open.
    """
    ids, found = [point.pk for point in points], dict[str, Steps]()
    wanted = sorted({point.supply_point_id for point in points})
    for supply_point_id in wanted:
        if groups.key_of(supply_point_id) not in found:
            together = groups.take_together(
                supply_point_id=supply_point_id, now=now, extra_orders=[order], extra_order_charge_points=ids
            )
            plans = solve_together(together.problems, together.limits, time_limit_s=TIME_LIMIT_S, pauses=False)
            found |= {key: _touched(together.snapshots[key], plan, ids) for key, plan in plans.items()}
    return list(found.values())


def _touched(snapshot: Snapshot, plan: Plan, charge_point_ids: Collection[int]) -> Steps:
    touched = {key for key, need in snapshot.needs.items() if need.evse.charge_point_id in charge_point_ids}
    curves_w = [session.power_w for session in plan.sessions if session.key in touched]
    sums = [sum(values) for values in zip(*curves_w, strict=True)] or [0.0] * len(plan.slot_starts)
    return list(zip(plan.slot_starts, sums, strict=True))
