"""What an order would change, drawn before it is saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from gridops.services import curves
from gridops.services.steps import Steps, summed
from smac.models import FlexOrder
from smac.optimisation.solve import solve
from smac.services.planning import TIME_LIMIT_S
from smac.snapshot import reading


def chart(*, order: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Power of the order's charge points from now to an hour after the window: as planned, and under the limit.

    ``order`` is the arguments of ``smac.services.limits.preview_order``.
    """
    points = order["charge_points"]
    ids = [point.pk for point in points]
    unsaved = FlexOrder(created_at=now, **{name: value for name, value in order.items() if name != "charge_points"})
    window = curves.Window(now, order["ends_at"] + curves.MARGIN)
    limited = summed([_limited(unsaved, pk, ids, now) for pk in sorted({point.supply_point_id for point in points})])
    series = [
        curves.line("baseline", _("Without the limit"), curves.planned(points, window)),
        curves.line("plan", _("With the limit"), window.cut(limited)),
        *curves.limits(unsaved, len(points), alone=False),
    ]
    return curves.chart(series, now=now)


def _limited(order: FlexOrder, supply_point_id: int, charge_point_ids: Collection[int], now: datetime) -> Steps:
    """What the sessions at these charge points would get under the order, W."""
    snapshot = reading.take(
        supply_point_id=supply_point_id,
        now=now,
        extra_orders=[order],
        extra_order_charge_points=list(charge_point_ids),
    )
    plan = solve(snapshot.problem, time_limit_s=TIME_LIMIT_S)
    touched = {key for key, need in snapshot.needs.items() if need.evse.charge_point_id in charge_point_ids}
    curves_w = [session.power_w for session in plan.sessions if session.key in touched]
    sums = [sum(values) for values in zip(*curves_w, strict=True)] or [0.0] * len(plan.slot_starts)
    return list(zip(plan.slot_starts, sums, strict=True))
