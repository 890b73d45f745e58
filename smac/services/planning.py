"""Plans: snapshot, solve, check, save, dispatch; one at a time for a supply point, and never silence."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from chargepoints.events import announce
from smac import calm, dispatch, events, records, selectors
from smac.models import PlanRun
from smac.optimisation.course import History
from smac.optimisation.plan import Plan
from smac.optimisation.solve import solve
from smac.services import coupling, solving, waiting
from smac.services.requests import request
from smac.services.solving import TIME_LIMIT_S
from smac.services.waiting import Held
from smac.snapshot import reading
from smac.snapshot.groups import Together, key_of, take_together
from smac.snapshot.reading import Snapshot
from smac.snapshot.sessions import Wish

log = logging.getLogger(__name__)


class Joined(Exception):
    """Somebody came to be planned with these between the lock and the question: the next try locks that one too."""


def run(*, supply_point_id: int, now: datetime, if_asked: bool = False) -> PlanRun | None:
    """Plan a supply point, with whoever shares a capacity with it, and tell their chargers; its run.

    None when somebody else is planning one of them right now. What is asked for meanwhile gets a task of its own when
    this one is done. ``if_asked``: only if it still waits.
    """
    members = _members(supply_point_id, now)
    held = waiting.lock(members, now=now, if_asked=supply_point_id if if_asked else None)
    if held is None:
        return None
    try:
        return _plan(supply_point_id, held, now)[key_of(supply_point_id)]
    except waiting.Overtaken:
        log.warning("planned too slowly: somebody else did meanwhile", extra={"supply_point_id": supply_point_id})
        return None
    except Joined:
        waiting.ask_again(held, now=now)
        return None
    finally:
        waiting.release(held)


def _members(supply_point_id: int, now: datetime) -> set[int]:
    """Who is planned together: a changed session at one of them may change the plans of all."""
    coupled = selectors.coupled_with(supply_point_id=supply_point_id)
    if len(coupled) == 1:
        return {supply_point_id}
    return selectors.plannable(supply_point_ids=coupled, now=now) | {supply_point_id}


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


def _plan(supply_point_id: int, held: Held, now: datetime) -> dict[str, PlanRun]:
    begun = time.perf_counter()
    try:
        together, history = _question(supply_point_id, held, now), History()
        plans = solving.plans_for(together.problems, together.limits, previous=_previous, history=history)
    except Joined:
        raise
    except Exception as error:
        log.exception("planning failed", extra={"supply_point_id": supply_point_id})
        return _fail(held, error, now)
    solve_ms = (time.perf_counter() - begun) * 1000
    with transaction.atomic():
        runs = records.save_all(
            together=together, plans=plans, reasons=held.reasons, solve_ms=solve_ms, now=now, history=history
        )
        _note(held, runs.values(), now)
    # Not in one transaction: the first chargers act while the last ones are told. Should this worker die here, its lock
    # runs out, and the next plan tells whoever has not been told.
    for key, snapshot in together.snapshots.items():
        bounds = _bounds(together, plans, key)
        dispatch.dispatch(snapshot=snapshot, plan=plans[key], run=runs[key], now=now, bounds=bounds)
    for key, snapshot in together.snapshots.items():
        records.keep_costs(run=runs[key], snapshot=snapshot, plan=plans[key], now=now)
    return runs


def _question(supply_point_id: int, held: Held, now: datetime) -> Together:
    together = take_together(supply_point_id=supply_point_id, now=now)
    if set(together.snapshots) - {key_of(pk) for pk in held.reasons}:
        raise Joined(sorted(together.snapshots))
    return together


def _previous(key: str) -> Plan | None:
    return records.previous_plan(int(key))


def _bounds(together: Together, plans: Mapping[str, Plan], key: str) -> list[calm.Bound]:
    """What the capacity of groups leaves a supply point whose chargers are not told anew: its part of the room."""
    everybody = frozenset(session.key for session in plans[key].sessions)
    found = []
    for limit in together.limits:
        if key in limit.site_keys:
            sums = [sum(powers) for powers in zip(*(plans[one].grid_w for one in limit.site_keys), strict=True)]
            parts = len(limit.site_keys)
            over = tuple(max(most - power, 0.0) / parts for most, power in zip(limit.max_import_w, sums, strict=True))
            backs = limit.max_export_w or (math.inf,) * len(sums)
            under = tuple(max(most + power, 0.0) / parts for most, power in zip(backs, sums, strict=True))
            found.append(calm.Bound(everybody, over, under))
    return found


def _fail(held: Held, error: Exception, now: datetime) -> dict[str, PlanRun]:
    """Keep that nothing could be planned: chargers go on with what they have, and it is tried again soon."""
    with transaction.atomic():
        runs = {
            key_of(pk): records.save_failure(supply_point_id=pk, reason=reason, error=error, now=now)
            for pk, reason in held.reasons.items()
        }
        _note(held, runs.values(), now)
    return runs


def _note(held: Held, runs: Iterable[PlanRun], now: datetime) -> None:
    made = {run.supply_point_id: run for run in runs}
    waiting.note(held, made, now=now)
    for supply_point_id, run in made.items():
        announce(events.plan_made, supply_point_id=supply_point_id, plan_run_id=run.pk)


def preview(*, supply_point_id: int, now: datetime, extra_sessions: Sequence[Wish] = ()) -> tuple[Snapshot, Plan]:
    """The question and its answer with sessions that are not stored; nothing is saved or sent.

    An extra session stands for what was announced at its EVSE.
    """
    snapshot = reading.take(supply_point_id=supply_point_id, now=now, extra_sessions=extra_sessions)
    return snapshot, solve(coupling.beside_others(snapshot), time_limit_s=TIME_LIMIT_S)


__all__ = ["TIME_LIMIT_S", "preview", "request", "run", "run_due", "run_next"]
