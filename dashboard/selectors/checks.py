"""Reads of doubtful sessions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from chargepoints.models import MeterValue, Operator, Transaction, TransactionReview
from chargepoints.selectors.operators import transactions_of
from chargepoints.services import reviews

READINGS_SHOWN = 12


def of_operator(operator: Operator) -> QuerySet[Transaction]:
    """The operator's sessions whose facts make no sense, with the decisions about them."""
    decisions = Prefetch("reviews", TransactionReview.objects.select_related("decided_by"))
    rows = reviews.doubtful(transactions_of(operator)).prefetch_related(decisions)
    return rows.select_related("charge_point__supply_point__location", "evse", "driver")


@dataclass(frozen=True)
class Check:
    """What staff need for a decision. Energy Wh."""

    doubted_wh: float
    in_force: TransactionReview | None
    reviews: QuerySet[TransactionReview]
    readings: QuerySet[MeterValue]


def of_transaction(row: Transaction) -> Check | None:
    """None where there is nothing to decide: no flaw, or a session that still runs."""
    if not reviews.doubtful(Transaction.objects.filter(pk=row.pk)).exists():
        return None
    return Check(
        doubted_wh=reviews.doubted_wh(row),
        in_force=reviews.in_force(row),
        reviews=row.reviews.select_related("decided_by"),
        readings=row.meter_values.exclude(flaw="").order_by("-at", "-pk")[:READINGS_SHOWN],
    )
