"""What a shared feeder or transformer leaves one supply point, while the others there go on as planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from smac import selectors
from smac.models import PlanningState
from smac.optimisation.problem import Problem
from smac.selectors import Coupling
from smac.slots import Horizon
from smac.snapshot.reading import Snapshot


def beside_others(snapshot: Snapshot) -> Problem:
    """The problem of a supply point within what groups with a capacity leave it beside the newest plans of the others.

    For a quote about one supply point alone. Plans and verdicts are made together.
    """
    couplings = selectors.couplings_of(supply_point_id=snapshot.supply_point.pk)
    mine = [one for one in couplings if snapshot.supply_point.pk in one.supply_point_ids]
    problem = snapshot.problem
    if not mine:
        return problem
    others = {pk for one in mine for pk in one.supply_point_ids} - {snapshot.supply_point.pk}
    drawn = _planned_w(others, snapshot.horizon)
    for coupling in mine:
        problem = _narrowed(problem, coupling, [drawn[pk] for pk in coupling.supply_point_ids if pk in drawn])
    return problem


def _narrowed(problem: Problem, coupling: Coupling, others: Sequence[Sequence[float]]) -> Problem:
    taken = [sum(powers) for powers in zip(*others, strict=True)] or [0.0] * len(problem.slot_starts)
    # Houses cannot pause: what they need is there, whatever the feeder says.
    needed = [use - made for use, made in zip(problem.demand_w, problem.production_w, strict=True)]
    left = [max(coupling.capacity_w - power, need, 0.0) for power, need in zip(taken, needed, strict=True)]
    problem = replace(problem, max_import_w=tuple(map(min, problem.max_import_w, left)))
    if coupling.export_capacity_w is None:
        return problem
    back = [max(coupling.export_capacity_w + power, 0.0) for power in taken]
    return replace(problem, max_export_w=tuple(map(min, problem.max_export_w, back)))


def _planned_w(supply_point_ids: set[int], horizon: Horizon) -> dict[int, list[float]]:
    """What the newest plan of each draws from the grid, slot by slot; those without a plan draw nothing."""
    rows = PlanningState.objects.filter(supply_point__in=supply_point_ids, run__isnull=False)
    found = {}
    for pk, starts, curves in rows.values_list("supply_point_id", "run__slot_starts", "run__series"):
        moments = [datetime.fromisoformat(text) for text in starts]
        found[pk] = _by_slot(moments, curves.get("grid", []), horizon)
    return found


def _by_slot(moments: Sequence[datetime], powers: Sequence[float], horizon: Horizon) -> list[float]:
    """A curve of steps at the starts of other slots."""
    curve = list(zip(moments, powers, strict=False))
    values, place, last = [], 0, curve[0][1] if curve else 0.0
    for start in horizon.starts:
        while place < len(curve) and curve[place][0] <= start:
            last = curve[place][1]
            place += 1
        values.append(last)
    return values
