"""What lost tasks left behind: a process that is killed takes its queue along, the rows tell what is still to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Transaction
from smac.models import ChargingNeed
from smac.services import costs, needs

# Tasks of news that is younger than this are still on their way.
_PATIENCE = timedelta(seconds=10)
# Older ones were seen by this sweep long ago, or stay without a receipt for a reason that staff must judge.
_REACH = timedelta(days=7)
_AT_A_TIME = 50


def catch_up(*, now: datetime) -> int:
    """Attach, close and settle what should have been; how many transactions. Running it again changes nothing."""
    begun, ended = list(_without_need(now)), list(_with_open_need())
    unpaid = list(_without_receipt(now))
    for transaction in begun:
        needs.attach(transaction=transaction, now=now)
    for transaction in ended:
        needs.close(transaction=transaction, now=now)
    for transaction in unpaid:
        costs.settle(transaction=transaction, now=now)
    return len(begun) + len(ended) + len(unpaid)


def _transactions() -> QuerySet[Transaction]:
    return Transaction.objects.select_related("evse", "charge_point__supply_point", "charge_point__tariff")


def _without_need(now: datetime) -> QuerySet[Transaction]:
    running = _transactions().filter(
        state=TransactionState.ACTIVE, evse__isnull=False, charging_need=None, created_at__lt=now - _PATIENCE
    )
    return running.order_by("pk")[:_AT_A_TIME]


def _with_open_need() -> QuerySet[Transaction]:
    over = _transactions().exclude(state=TransactionState.ACTIVE)
    return over.filter(charging_need__status=ChargingNeed.Status.RUNNING).order_by("pk")[:_AT_A_TIME]


def _without_receipt(now: datetime) -> QuerySet[Transaction]:
    ended = _transactions().filter(
        state=TransactionState.ENDED,
        cost_amount=None,
        ended_at__lt=now - _PATIENCE,
        created_at__gt=now - _REACH,
    )
    return ended.order_by("pk")[:_AT_A_TIME]
