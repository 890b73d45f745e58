"""Plans: snapshot, solve, check, save, dispatch; one at a time for a supply point, and never silence."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chargepoints.events import announce
from smac import dispatch, events, records
from smac.models import PlanRun
from smac.optimisation.plan import Plan
from smac.optimisation.solve import solve
from smac.services import solving, waiting
from smac.services.requests import request
from smac.services.solving import TIME_LIMIT_S
from smac.services.waiting import Held
from smac.snapshot import reading
from smac.snapshot.reading import Snapshot
from smac.snapshot.sessions import Wish

log = logging.getLogger(__name__)


def run(*, supply_point_id: int, now: datetime, if_asked: bool = False) -> PlanRun | None:
    """Plan a supply point and tell its chargers; None when somebody else is planning it right now.

    What is asked for meanwhile gets a task of its own when this one is done. ``if_asked``: only if it still waits.
    """
    held = waiting.lock([supply_point_id], now=now, if_asked=supply_point_id if if_asked else None)
    if held is None:
        return None
    try:
        return _plan(supply_point_id, held, now)
    except waiting.Overtaken:
        log.warning("planned too slowly: somebody else did meanwhile", extra={"supply_point_id": supply_point_id})
        return None
    finally:
        waiting.release(held)


def run_next(*, now: datetime) -> PlanRun | None:
    """Plan the supply point that waits for it most; None when none does."""
    for supply_point_id in waiting.due(now=now):
        made = run(supply_point_id=supply_point_id, now=now, if_asked=True)
        if made is not None:
            return made
    return None


def run_due(*, now: datetime) -> int:
    """Plan every supply point that was asked for, whose planner died, or whose plan is of an earlier slot."""
    waiting.ask_for_slot(now=now)
    count = 0
    while run_next(now=now) is not None:
        count += 1
    return count


def _plan(supply_point_id: int, held: Held, now: datetime) -> PlanRun:
    begun, reason = time.perf_counter(), held.reasons[supply_point_id]
    try:
        snapshot = reading.take(supply_point_id=supply_point_id, now=now)
        key = str(supply_point_id)
        plan = solving.plans_for({key: snapshot.problem}, previous=lambda _: records.previous_plan(supply_point_id))[
            key
        ]
    except Exception as error:
        log.exception("planning failed", extra={"supply_point_id": supply_point_id})
        failed = records.save_failure(supply_point_id=supply_point_id, reason=reason, error=error, now=now)
        _note(supply_point_id, held, failed, now)
        return failed
    solve_ms = (time.perf_counter() - begun) * 1000
    with transaction.atomic():
        made = records.save(snapshot=snapshot, plan=plan, reason=reason, solve_ms=solve_ms, now=now)
        dispatch.dispatch(snapshot=snapshot, plan=plan, run=made, now=now)
        _note(supply_point_id, held, made, now)
    return made


def _note(supply_point_id: int, held: Held, made: PlanRun, now: datetime) -> None:
    waiting.note(held, {supply_point_id: made}, now=now)
    announce(events.plan_made, supply_point_id=supply_point_id, plan_run_id=made.pk)


def preview(*, supply_point_id: int, now: datetime, extra_sessions: Sequence[Wish] = ()) -> tuple[Snapshot, Plan]:
    """The question and its answer with sessions that are not stored; nothing is saved or sent.

    An extra session stands for what was announced at its EVSE.
    """
    snapshot = reading.take(supply_point_id=supply_point_id, now=now, extra_sessions=extra_sessions)
    return snapshot, solve(snapshot.problem, time_limit_s=TIME_LIMIT_S)


__all__ = ["TIME_LIMIT_S", "preview", "request", "run", "run_due", "run_next"]
