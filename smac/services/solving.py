"""Questions to plans: solved on live models, checked, and replaced by a fallback that says so. Never silence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from smac import checks
from smac.checks import Broken
from smac.optimisation.clip import clip
from smac.optimisation.course import History
from smac.optimisation.fallback import fall_back
from smac.optimisation.live import LivePlanner
from smac.optimisation.plan import Note, NoteCode, Plan, Status
from smac.optimisation.problem import Problem
from smac.optimisation.together import GroupLimit, solve_together, within_shares

log = logging.getLogger(__name__)

# A limit has to reach a charger within five seconds of its order, so no solve may take longer than this.
TIME_LIMIT_S = 3.0
# Nobody waits for a plan of then.
_NO_HURRY_S = 600.0
# Models kept alive by each worker: some megabytes each for a large supply point.
_KEPT_MODELS = 24
_HOW_IT_FELL_BACK = (NoteCode.PREVIOUS_PLAN_USED, NoteCode.EARLIEST_DEADLINE_USED)
_threads = threading.local()


class Unsafe(Exception):
    """Not even a fallback keeps the limits: chargers go on with what they have."""


def plans_for(
    problems: Mapping[str, Problem],
    limits: Sequence[GroupLimit] = (),
    *,
    previous: Callable[[str], Plan | None] = lambda key: None,
    history: History | None = None,
) -> dict[str, Plan]:
    """A plan for each problem (by its key) that may be sent; together they keep the limits.

    ``previous`` reads the last plan, and is asked only where a fallback is needed; ``history`` takes down how the
    plans came about. Raises Unsafe.
    """
    history = history or History()
    try:
        plans = _solved(problems, limits, previous, history, planner(), TIME_LIMIT_S)
        found = _broken(problems, plans, limits)
        if not found:
            return plans
        log.error("the plan breaks limits: %s", _told(found), extra={"supply_points": sorted(problems)})
    except Exception:
        log.exception("the optimiser failed", extra={"supply_points": sorted(problems)})
        forget()
    history.failed = True
    return _fallbacks(problems, limits, previous)


def plans_again(
    problems: Mapping[str, Problem],
    limits: Sequence[GroupLimit],
    *,
    previous: Callable[[str], Plan | None],
    history: History,
) -> dict[str, Plan]:
    """The plans of then, on models built anew and with all the time there is."""
    if history.failed:
        return _fallbacks(problems, limits, previous)
    return _solved(problems, limits, previous, history, LivePlanner(), _NO_HURRY_S)


def _solved(
    problems: Mapping[str, Problem],
    limits: Sequence[GroupLimit],
    previous: Callable[[str], Plan | None],
    history: History,
    planner: LivePlanner,
    time_limit_s: float,
) -> dict[str, Plan]:
    plans = solve_together(problems, limits, time_limit_s=time_limit_s, planner=planner, history=history)
    if any(plan.status is Status.FALLBACK for plan in plans.values()):
        return {key: _better_known(problems[key], plan, previous(key)) for key, plan in plans.items()}
    return plans


def planner() -> LivePlanner:
    """This thread's live models: a program must not be solved by two threads at once."""
    if not hasattr(_threads, "planner"):
        _threads.planner = LivePlanner(kept=_KEPT_MODELS)
    kept: LivePlanner = _threads.planner
    return kept


def forget() -> None:
    """Begin anew with this thread's models: nobody knows what state a failure left them in."""
    _threads.__dict__.pop("planner", None)


def _broken(problems: Mapping[str, Problem], plans: Mapping[str, Plan], limits: Sequence[GroupLimit]) -> list[Broken]:
    alone = [one for key, problem in problems.items() for one in checks.broken(problem, plans[key])]
    return alone + checks.broken_together(problems, plans, limits)


def _told(found: Sequence[Broken]) -> str:
    """The first of them: one fault often breaks a slot after the other."""
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return ", ".join(map(str, found[:5])) + more


def _better_known(problem: Problem, plan: Plan, previous: Plan | None) -> Plan:
    """A fallback of the optimiser's, which knew no last plan, made with it."""
    if plan.status is not Status.FALLBACK or previous is None:
        return plan
    notes = tuple(note for note in plan.notes if note.code not in _HOW_IT_FELL_BACK)
    return fall_back(clip(problem)[0], previous, notes)


def _fallbacks(
    problems: Mapping[str, Problem], limits: Sequence[GroupLimit], previous: Callable[[str], Plan | None]
) -> dict[str, Plan]:
    narrowed = within_shares({key: clip(problem)[0] for key, problem in problems.items()}, limits)
    plans = {}
    for key, problem in problems.items():
        notes = (*clip(problem)[1], Note(NoteCode.SOLVER_FAILED))
        plans[key] = fall_back(narrowed[key], previous(key), notes)
    if found := _broken(problems, plans, limits):
        raise Unsafe(_told(found))
    return plans
