"""Ends sessions that go on although their token was refused.

A charger that started offline is answered the verdict, and stops (1.6 StopTransactionOnInvalidId, 2.0.1
TxCtrlr.StopTxOnInvalidId). The standards let one that is set otherwise keep the transaction, and even some energy
(MaxEnergyOnInvalidId), which nobody would pay for: whoever still draws some time after the answer is stopped from here,
once.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, Max, Min, OuterRef

from chargepoints.domain import intents
from chargepoints.domain.metering import ENERGY_IMPORT
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Command, MeterValue, Transaction
from chargepoints.services import remote_control, transaction_rows

# The answer takes effect at once; a car ramps down in seconds, and the next meter values come within a minute or two.
_PATIENCE = timedelta(minutes=2)
REASON = "token refused"


def sweep(*, now: datetime) -> int:
    """Stop what goes on; how many."""
    asked = Command.objects.filter(transaction=OuterRef("pk"), kind=intents.RemoteStop.kind)
    refused = (
        Transaction.objects.filter(
            ~Exists(asked),
            state=TransactionState.QUARANTINED,
            ended_at=None,
            flaw__startswith=transaction_rows.REFUSED,
            created_at__lte=now - _PATIENCE,
        )
        .exclude(charge_point__connection_key="")
        .select_related("charge_point")
    )
    going_on = [row for row in refused if _draws(row)]
    for row in going_on:
        remote_control.stop(transaction_row=row, requested_by=None, now=now, reason=REASON)
    return len(going_on)


def _draws(row: Transaction) -> bool:
    """Whether the meter rose after the charger had time to obey."""
    since = row.created_at + _PATIENCE / 2
    read = MeterValue.objects.filter(
        transaction=row, measurand=ENERGY_IMPORT, phase="", flaw="", at__gte=since
    ).aggregate(least=Min("value"), most=Max("value"))
    rose = read["least"] is not None and read["most"] > read["least"]
    return rose or (row.power_w > 0 and row.last_value_at is not None and row.last_value_at >= since)
