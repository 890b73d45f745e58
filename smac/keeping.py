"""Which runs' inputs are kept for a replay, and for how long."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from smac.models import PlanRun
from smac.optimisation.plan import Plan, Status, plan_to_json
from smac.optimisation.together import GroupLimit


def digest(plan: Plan) -> str:
    """What tells two plans apart by a single byte."""
    return hashlib.sha256(plan_to_json(plan).encode()).hexdigest()


def is_worth_it(plan: Plan, *, solve_ms: float) -> bool:
    """Whether somebody will want to look at a run later: it was slow, or not the best that there is."""
    return plan.status is not Status.OPTIMAL or solve_ms >= settings.SMAC_SLOW_MS


def forget_old(*, supply_point_id: int, now: datetime) -> None:
    """Drop the inputs of older ordinary runs of a supply point, and of those kept on purpose when their time is over.

    What was planned is kept of all.
    """
    runs = PlanRun.objects.filter(supply_point_id=supply_point_id).order_by("-pk")
    # A few each time: that is more than come.
    newest = settings.SMAC_KEPT_RUNS
    old = list(runs.filter(is_kept=False).values_list("pk", flat=True)[newest : newest + 3])
    PlanRun.objects.filter(pk__in=old).update(problem={}, together={}, course={})
    expired = runs.filter(is_kept=True, made_at__lt=now - timedelta(days=settings.SMAC_KEPT_DAYS))
    expired.update(problem={}, together={}, course={}, is_kept=False)


def limit_to_dict(limit: GroupLimit) -> dict[str, Any]:
    """A group's limit in JSON's own types."""
    return asdict(limit)


def limit_from_dict(data: Mapping[str, Any]) -> GroupLimit:
    """The limit that `limit_to_dict` wrote."""
    back = data["max_export_w"]
    return GroupLimit(
        key=data["key"],
        site_keys=tuple(data["site_keys"]),
        max_import_w=tuple(data["max_import_w"]),
        max_export_w=None if back is None else tuple(back),
    )
