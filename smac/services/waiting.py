"""Who is planned next: the most pressing first, and in the end everybody. Who plans holds the lock.

One row a supply point: what is asked for while it waits, or while it is planned, makes one plan more, not many. A task
is a ticket to plan whoever has waited longest: no supply point waits for a slow one, whose worker alone it keeps busy.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Value, When

from smac import selectors
from smac.models import PlanningState, PlanRun
from smac.services import requests
from smac.slots import floor

# Longer than any solve: a worker that died gives the supply point free after this.
LOCK_TIME = timedelta(seconds=60)
SLOT_REASON = requests.SLOT_REASON
# The plan for a new slot lets news (a start, an order) go first, but not for longer than this.
_GIVES_WAY = timedelta(seconds=20)
_LOST_AFTER = timedelta(seconds=2)
# What could not be planned at all is tried again after this.
_RETRY_AFTER = timedelta(seconds=60)


class Overtaken(Exception):
    """The lock ran out meanwhile and somebody else took it: what was planned here is of yesterday."""


@dataclass(frozen=True, slots=True)
class Held:
    """The lock of some supply points (those that are planned together), with what each was asked for."""

    key: str
    reasons: Mapping[int, str]


def due(*, now: datetime) -> list[int]:
    """The supply points that wait for a plan and that nobody plans now, the most pressing first."""
    asked = Q(requested_at__isnull=False) & _free(now)
    patient = When(reason=SLOT_REASON, requested_at__gt=now - _GIVES_WAY, then=Value(1))
    behind = Case(patient, default=Value(0), output_field=IntegerField())
    states = PlanningState.objects.filter(asked | Q(locked_until__lt=now))
    ordered = states.order_by(behind, F("requested_at").asc(nulls_first=True), "supply_point_id")
    return list(ordered.values_list("supply_point_id", flat=True))


def is_late(*, now: datetime) -> bool:
    """Whether somebody waits for longer than the task takes that was sent for it: that is lost, or all are busy."""
    asked = Q(requested_at__lt=now - _LOST_AFTER) & _free(now)
    return PlanningState.objects.filter(asked | Q(locked_until__lt=now)).exists()


def _free(now: datetime) -> Q:
    return Q(lock_key="") | Q(locked_until__lt=now)


def ask_for_slot(*, now: datetime) -> int:
    """Ask for a plan wherever the one there is was made in an earlier slot, or failed a while ago; for how many.

    No tasks are sent: they would stand in everybody's way. Whoever calls sends a few, which go on until all are served.
    """
    busy = selectors.busy_supply_points(now=now)
    retry = Q(run__status=PlanRun.Status.FAILED, planned_at__lt=now - _RETRY_AFTER)
    fresh = PlanningState.objects.filter(planned_at__gte=floor(now)).exclude(retry)
    outdated = busy - set(fresh.values_list("supply_point_id", flat=True))
    PlanningState.objects.bulk_create(
        [PlanningState(supply_point_id=pk) for pk in sorted(outdated - _known(outdated))], ignore_conflicts=True
    )
    idle = PlanningState.objects.filter(supply_point__in=outdated, requested_at__isnull=True, lock_key="")
    return idle.update(requested_at=now, reason=SLOT_REASON)


def _known(supply_point_ids: Collection[int]) -> set[int]:
    states = PlanningState.objects.filter(supply_point__in=supply_point_ids)
    return set(states.values_list("supply_point_id", flat=True))


def lock(supply_point_ids: Collection[int], *, now: datetime, if_asked: int | None = None) -> Held | None:
    """Take the locks of all, always in the same order, and their requests with them; None where one is taken.

    ``if_asked``: only when this one of them still waits for a plan.
    """
    key = str(uuid.uuid4())
    try:
        with transaction.atomic():
            return Held(key, {pk: _take(pk, key, now, only_asked=pk == if_asked) for pk in sorted(supply_point_ids)})
    except _Taken:
        return None


class _Taken(Exception):
    pass


def _take(supply_point_id: int, key: str, now: datetime, *, only_asked: bool) -> str:
    """By conditional UPDATE: believe the row count."""
    state, _ = PlanningState.objects.get_or_create(supply_point_id=supply_point_id)
    rows = PlanningState.objects.filter(_free(now), pk=state.pk)
    if only_asked:
        rows = rows.filter(Q(requested_at__isnull=False) | Q(locked_until__lt=now))
    if not rows.update(lock_key=key, locked_until=now + LOCK_TIME, requested_at=None):
        raise _Taken
    return state.reason


def note(held: Held, runs: Mapping[int, PlanRun], *, now: datetime) -> None:
    """Keep which runs hold now. Raises Overtaken, so that the caller's transaction keeps nothing else either."""
    for supply_point_id in sorted(runs):
        mine = PlanningState.objects.filter(supply_point_id=supply_point_id, lock_key=held.key)
        if not mine.update(planned_at=now, run=runs[supply_point_id]):
            raise Overtaken(supply_point_id)


def ask_again(held: Held, *, now: datetime) -> None:
    """Put back what was asked for: it could not be planned this time."""
    PlanningState.objects.filter(lock_key=held.key, requested_at__isnull=True).update(requested_at=now)


def release(held: Held) -> None:
    """Give the locks back. What was asked for meanwhile gets its turn behind those who wait already."""
    mine = PlanningState.objects.filter(lock_key=held.key)
    ids = list(mine.values_list("supply_point_id", flat=True))
    mine.update(lock_key="", locked_until=None)
    asked = PlanningState.objects.filter(supply_point__in=ids, requested_at__isnull=False)
    for supply_point_id in asked.order_by("requested_at").values_list("supply_point_id", flat=True):
        requests.send(supply_point_id)
