"""Asking for a new plan: one row a supply point, so that a burst of reasons makes one plan."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from celery import current_app
from django.db import transaction

from smac.models import PlanningState

# A plan that nothing but the time asked for: it lets news go first.
SLOT_REASON = "slot"


@transaction.atomic
def request(*, supply_point_id: int, reason: str, now: datetime) -> None:
    """Ask for a new plan; it is made after the current transaction's commit, by a worker.

    Only the first of a burst sends a task. If that is lost, the sweep over due supply points finds the row.
    """
    state, _ = PlanningState.objects.get_or_create(supply_point_id=supply_point_id)
    row = PlanningState.objects.filter(pk=state.pk)
    first = row.filter(requested_at__isnull=True).update(requested_at=now, reason=reason[:60])
    # What waited for its turn only because time goes on is pressing from here on, and has no task of its own.
    pressing = not first and row.filter(reason=SLOT_REASON).update(reason=reason[:60])
    if first or pressing:
        transaction.on_commit(partial(send, supply_point_id), robust=True)
    else:
        transaction.on_commit(partial(_see_that_it_waits, supply_point_id, reason, now), robust=True)


def _see_that_it_waits(supply_point_id: int, reason: str, now: datetime) -> None:
    """Whoever took the earlier request before this one's commit could not yet see what it is about."""
    taken = PlanningState.objects.filter(supply_point=supply_point_id, requested_at__isnull=True)
    if taken.update(requested_at=now, reason=reason[:60]):
        send(supply_point_id)


def send(supply_point_id: int) -> None:
    """A task for whoever is the most pressing when it runs: this supply point, or one that waits for longer."""
    current_app.send_task("smac.tasks.replan", args=[supply_point_id])
