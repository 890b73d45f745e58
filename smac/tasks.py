"""What workers do: ids in, one service call."""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import shared_task
from django.utils import timezone

from chargepoints.models import Reservation, Transaction
from chargepoints.services import smart_charging
from smac import selectors
from smac.services import catching_up, costs, limits, needs, planning, waiting, watching
from smac.services.campaigns import answering, settling

logger = logging.getLogger(__name__)
# As many as have workers of their own: more would only stand in the way of other tasks.
_AT_ONCE = 4
# A sweep comes every two seconds, and there are other tasks.
_SWEEP_S = 1.0


@shared_task
def replan(supply_point_id: int) -> None:
    """Make the plan that waits most: the one asked for, or one that was asked for earlier."""
    planning.run_next(now=timezone.now())


@shared_task
def replan_waiting() -> None:
    """Make the plan that waits most, and go on as long as one waits, behind what came meanwhile."""
    if planning.run_next(now=timezone.now()) is not None:
        replan_waiting.delay()


@shared_task
def replan_due() -> None:
    """Catch what lost tasks left behind."""
    now = timezone.now()
    catching_up.catch_up(now=now)
    waiting.ask_for_slot(now=now)
    until_s = time.monotonic() + _SWEEP_S
    while waiting.is_late(now=now) and planning.run_next(now=timezone.now()) and time.monotonic() < until_s:
        pass


@shared_task
def replan_every_slot() -> None:
    """Plan again with each slot: a few tasks go from supply point to supply point."""
    asked = waiting.ask_for_slot(now=timezone.now())
    for _ in range(min(asked, _AT_ONCE)):
        replan_waiting.delay()


@shared_task
def advance_orders() -> None:
    """Orders begin and end."""
    limits.advance(now=timezone.now())


@shared_task
def serve_campaigns() -> None:
    """Sessions that came meanwhile join the offers that their drivers said yes to; offers that are over are settled."""
    now = timezone.now()
    answering.join_waiting(now=now)
    settling.settle_due(now=now)


@shared_task
def attach_need(transaction_id: int) -> None:
    """A session began: find or assume what its driver wants."""
    needs.attach(transaction=_transaction(transaction_id), now=timezone.now())


@shared_task
def close_need(transaction_id: int) -> None:
    """A session ended."""
    needs.close(transaction=_transaction(transaction_id), now=timezone.now())


@shared_task
def settle_transaction(transaction_id: int) -> None:
    """A session ended: keep what it cost, unless a receipt with a penalty was faster."""
    transaction = _transaction(transaction_id)
    if transaction.cost_amount is None:
        costs.settle(transaction=transaction, now=timezone.now())


@shared_task
def watch_session(transaction_id: int) -> None:
    """Meter values came: does the charger keep within its limit, and is the battery where the plan has it?"""
    transaction, now = _transaction(transaction_id), timezone.now()
    smart_charging.look(transaction_row=transaction, now=now)
    watching.look(transaction=transaction, now=now)


@shared_task
def replan_charge_point(charge_point_id: int, reason: str) -> None:
    """A charger is back: it may have forgotten its profiles."""
    supply_point_id = selectors.supply_point_of(charge_point_id=charge_point_id)
    if supply_point_id is not None:
        planning.request(supply_point_id=supply_point_id, reason=reason, now=timezone.now())


@shared_task
def replan_reservation(reservation_id: int) -> None:
    """Somebody announced to come, or comes no more: a visit is planned for."""
    charge_point_id = Reservation.objects.values_list("evse__charge_point_id", flat=True).get(pk=reservation_id)
    replan_charge_point(charge_point_id, "reservation changed")


_NEWS: dict[str, Any] = {
    task.name.rpartition(".")[2]: task for task in (attach_need, close_need, settle_transaction, watch_session)
}
_NEWS |= {"replan_charge_point": replan_charge_point, "replan_reservation": replan_reservation}


@shared_task
def follow(news: list[list[Any]]) -> None:
    """Each of some news as its own task would: a name and its arguments. One that fails keeps no other back."""
    for name, *arguments in news:
        try:
            _NEWS[name](*arguments)
        except Exception:
            logger.exception("news could not be followed", extra={"news": name, "about": arguments})


def _transaction(transaction_id: int) -> Transaction:
    return Transaction.objects.select_related("evse", "charge_point__supply_point", "charge_point__tariff").get(
        pk=transaction_id
    )
