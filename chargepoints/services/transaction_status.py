"""Asking a charger how a transaction is, and whether it has messages left to deliver (2.0.1 E14)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from chargepoints.domain import intents, reports
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Command, Transaction
from chargepoints.services import answers, commands
from chargepoints.services import transaction_rows as rows


def ask(
    *, charge_point: ChargePoint, now: datetime, transaction_row: Transaction | None = None, requested_by: Any = None
) -> Command:
    """Ask about a transaction; without one: whether there is anything at all that was not delivered."""
    remote_id = transaction_row.remote_id if transaction_row else ""
    return commands.enqueue(
        charge_point=charge_point,
        intent=intents.GetTransactionStatus(remote_id),
        now=now,
        requested_by=requested_by,
        transaction_row=transaction_row,
        supersede_key=f"status:{remote_id}"[:64],
    )


@answers.keeps(reports.TransactionStatusReported)
@transaction.atomic
def _keep(command: Command, report: reports.TransactionStatusReported, now: datetime) -> None:
    mine = Transaction.objects.select_for_update().filter(charge_point=command.charge_point_id)
    row = mine.filter(remote_id=report.remote_id).first() if report.remote_id else None
    if row is None:
        return
    row.messages_in_queue = report.messages_in_queue
    row.save(update_fields=["messages_in_queue"])
    if row.state == TransactionState.ACTIVE and report.is_running is False and not report.messages_in_queue:
        _end_without_stop(row, now)
    rows.tell(row)


def _end_without_stop(row: Transaction, now: datetime) -> None:
    """It is over and its end will never come. Should it come after all, it is believed."""
    row.state, row.flaw, row.ended_at = TransactionState.QUARANTINED, rows.NO_STOP, row.last_value_at or now
    row.save(update_fields=["state", "flaw", "ended_at"])
    rows.close(row, now)
