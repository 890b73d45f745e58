"""Reads of the log of OCPP frames."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet

from chargepoints.models import OcppMessage, Operator, Transaction
from chargepoints.selectors.operators import transactions_of

# A charger's clock, and a start or stop that waited in its queue, may be this far from ours.
MARGIN = timedelta(minutes=10)


def of_operator(operator: Operator) -> QuerySet[OcppMessage]:
    """The frames of an operator's chargers."""
    mine = OcppMessage.objects.filter(charge_point__supply_point__location__operator=operator)
    return mine.select_related("charge_point__supply_point__location")


def of_transaction(rows: QuerySet[OcppMessage], operator: Operator, remote_id: str) -> QuerySet[OcppMessage]:
    """The frames that name a transaction, the answers to them, and the commands that were sent for it."""
    transaction = transactions_of(operator).filter(remote_id=remote_id).order_by("-pk").first()
    if transaction is None:
        return rows.none()
    meanwhile = rows.filter(charge_point=transaction.charge_point, at__gte=transaction.created_at - MARGIN)
    asked = meanwhile.filter(_names(transaction)).values("message_id")
    commands = [str(pk) for pk in transaction.commands.values_list("pk", flat=True)]
    return meanwhile.filter(Q(message_id__in=asked) | Q(message_id__in=commands))


def _names(transaction: Transaction) -> Q:
    """1.6 names a transaction by a number, 2.0.1 by a text in ``transactionInfo`` or beside it."""
    name = transaction.remote_id
    found = Q(payload__transactionInfo__transactionId=name) | Q(payload__transactionId=name)
    found |= Q(payload__csChargingProfiles__transactionId=name) | Q(payload__chargingProfile__transactionId=name)
    if name.isdigit():
        found |= Q(payload__transactionId=int(name)) | Q(payload__csChargingProfiles__transactionId=int(name))
    return found
