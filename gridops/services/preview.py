"""What an order would change, drawn before it is saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from gridops.services import curves
from gridops.services.steps import Steps, summed
from smac.optimisation.plan import Plan
from smac.services import limits
from smac.services.foreseeing import Effect
from smac.snapshot.reading import Snapshot


@dataclass(frozen=True)
class Drawn:
    """The chart, and what the order costs and emits."""

    chart: dict[str, Any]
    effect: Effect


def draw(*, order: Mapping[str, Any], now: datetime) -> Drawn:
    """Power of the order's charge points from now to an hour after the window: as planned, and under the limit.

    ``order`` is the arguments of ``smac.services.limits.preview_order``. Raises Refused.
    """
    points = order["charge_points"]
    ids = {point.pk for point in points}
    unsaved = limits.draft(now=now, **{name: value for name, value in order.items() if name != "charge_points"})
    window = curves.Window(now, order["ends_at"] + curves.MARGIN)
    foreseen = limits.foresee_order(**order, now=now)
    limited = [_touched(snapshot, plan, ids) for snapshot, plan in foreseen.plans]
    series = [
        curves.line("baseline", _("Without the limit"), curves.planned(points, window)),
        curves.line("plan", _("With the limit"), window.cut(summed(limited))),
        *curves.limits(unsaved, len(points), alone=False),
    ]
    return Drawn(curves.chart(series, now=now), foreseen.effect)


def _touched(snapshot: Snapshot, plan: Plan, charge_point_ids: Collection[int]) -> Steps:
    touched = {key for key, need in snapshot.needs.items() if need.evse.charge_point_id in charge_point_ids}
    curves_w = [session.power_w for session in plan.sessions if session.key in touched]
    sums = [sum(values) for values in zip(*curves_w, strict=True)] or [0.0] * len(plan.slot_starts)
    return list(zip(plan.slot_starts, sums, strict=True))
