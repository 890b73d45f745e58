"""Plans: snapshot, solve, check, save, dispatch; one at a time for a supply point, and never silence."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from chargepoints.events import announce
from smac import checks, dispatch, events, records, selectors
from smac.models import PlanningState, PlanRun
from smac.optimisation.clip import clip
from smac.optimisation.fallback import fall_back
from smac.optimisation.plan import Note, NoteCode, Plan
from smac.optimisation.problem import Problem
from smac.optimisation.solve import solve
from smac.services.requests import request
from smac.slots import floor
from smac.snapshot import reading
from smac.snapshot.reading import Snapshot
from smac.snapshot.sessions import Wish

log = logging.getLogger(__name__)

# Longer than any solve: a worker that died gives the supply point free after this.
LOCK_TIME = timedelta(seconds=60)
# A limit has to reach a charger within five seconds of its order, so no solve may take longer than this.
TIME_LIMIT_S = 3.0
# Requests that come while planning are served at once, so often; then the sweep takes them.
_MOST_ROUNDS = 3


def run(*, supply_point_id: int, now: datetime) -> PlanRun | None:
    """Plan a supply point and tell its chargers; None when somebody else is planning it right now.

    What is asked for meanwhile is planned by whoever holds the lock.
    """
    made = None
    for _ in range(_MOST_ROUNDS):
        key = str(uuid.uuid4())
        state = _lock(supply_point_id, key, now)
        if state is None:
            return made
        try:
            made = _plan(supply_point_id, state.reason, now)
        finally:
            _release(supply_point_id, key)
        if not PlanningState.objects.filter(supply_point_id=supply_point_id, requested_at__isnull=False).exists():
            return made
    return made


def _lock(supply_point_id: int, key: str, now: datetime) -> PlanningState | None:
    """Take the lock by conditional UPDATE and believe the row count. The request is taken with it."""
    state, _ = PlanningState.objects.get_or_create(supply_point_id=supply_point_id)
    free = Q(lock_key="") | Q(locked_until__lt=now)
    taken = PlanningState.objects.filter(free, pk=state.pk).update(
        lock_key=key, locked_until=now + LOCK_TIME, requested_at=None
    )
    return state if taken else None


def _release(supply_point_id: int, key: str) -> None:
    PlanningState.objects.filter(supply_point_id=supply_point_id, lock_key=key).update(lock_key="", locked_until=None)


def _plan(supply_point_id: int, reason: str, now: datetime) -> PlanRun:
    begun = time.perf_counter()
    try:
        snapshot = reading.take(supply_point_id=supply_point_id, now=now)
        plan = _solved(snapshot, records.previous_plan(supply_point_id))
    except Exception as error:
        log.exception("planning failed", extra={"supply_point_id": supply_point_id})
        failed = records.save_failure(supply_point_id=supply_point_id, reason=reason, error=error, now=now)
        _note(supply_point_id, failed, now)
        return failed
    solve_ms = (time.perf_counter() - begun) * 1000
    with transaction.atomic():
        made = records.save(snapshot=snapshot, plan=plan, reason=reason, solve_ms=solve_ms, now=now)
        dispatch.dispatch(snapshot=snapshot, plan=plan, run=made, now=now)
        _note(supply_point_id, made, now)
    return made


def _note(supply_point_id: int, made: PlanRun, now: datetime) -> None:
    PlanningState.objects.filter(supply_point_id=supply_point_id).update(planned_at=now, run=made)
    announce(events.plan_made, supply_point_id=supply_point_id, plan_run_id=made.pk)


def _solved(snapshot: Snapshot, previous: Plan | None) -> Plan:
    """The plan, or, where the optimiser fails or breaks a limit, the fallback that says so."""
    try:
        plan = solve(snapshot.problem, previous=previous, time_limit_s=TIME_LIMIT_S)
        broken = checks.broken(snapshot.problem, plan)
    except Exception:
        log.exception("the optimiser failed", extra={"supply_point_id": snapshot.supply_point.pk})
        return _fallback(snapshot.problem, previous)
    if broken:
        log.error("the plan breaks limits: %s", ", ".join(broken), extra={"supply_point_id": snapshot.supply_point.pk})
        return _fallback(snapshot.problem, previous)
    return plan


def _fallback(problem: Problem, previous: Plan | None) -> Plan:
    clipped, notes = clip(problem)
    return fall_back(clipped, previous, (*notes, Note(NoteCode.SOLVER_FAILED)))


def preview(*, supply_point_id: int, now: datetime, extra_sessions: Sequence[Wish] = ()) -> tuple[Snapshot, Plan]:
    """The question and its answer with sessions that are not stored; nothing is saved or sent.

    An extra session stands for what was announced at its EVSE.
    """
    snapshot = reading.take(supply_point_id=supply_point_id, now=now, extra_sessions=extra_sessions)
    return snapshot, solve(snapshot.problem, time_limit_s=TIME_LIMIT_S)


def run_due(*, now: datetime) -> int:
    """Plan every supply point that was asked for, whose planner died, or whose plan is of an earlier slot."""
    due = due_supply_points(now=now)
    for supply_point_id in due:
        run(supply_point_id=supply_point_id, now=now)
    return len(due)


def due_supply_points(*, now: datetime) -> list[int]:
    """Which supply points need a plan now."""
    asked = PlanningState.objects.filter(
        Q(requested_at__isnull=False, lock_key="") | Q(locked_until__lt=now)
    ).values_list("supply_point_id", flat=True)
    busy = selectors.busy_supply_points(now=now)
    fresh = PlanningState.objects.filter(planned_at__gte=floor(now)).values_list("supply_point_id", flat=True)
    return sorted(set(asked) | (busy - set(fresh)))


__all__ = ["due_supply_points", "preview", "request", "run", "run_due"]
