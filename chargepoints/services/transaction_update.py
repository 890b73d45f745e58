"""The progress of a transaction: its state of charging, and what comes late (its EVSE, its token)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from chargepoints import events
from chargepoints.domain import clock, reports
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Transaction
from chargepoints.selectors.evses import evse_of
from chargepoints.services import metering
from chargepoints.services import transaction_rows as rows
from chargepoints.services.authorization import Authorization, authorize, authorize_start


@dataclass(frozen=True)
class Updated:
    authorization: Authorization | None = None


@transaction.atomic
def update(*, charge_point_id: int, report: reports.TransactionUpdated, now: datetime) -> Updated:
    """Progress of a transaction. After its end it changes nothing but the meter's record."""
    charge_point = rows.locked_charge_point(charge_point_id)
    row = Transaction.objects.filter(charge_point=charge_point, remote_id=report.remote_id).first()
    report = replace(report, at=clock.corrected(report.at, now, metering.clock_offset(row)))
    opened = row is None
    if row is None:
        row = rows.without_start(charge_point, report.remote_id, report.evse_number, report.at, TransactionState.ACTIVE)
    _name_evse(row, report, now)
    authorization = _late_token(row, report, now)
    _take_remote_start(row, report, now)
    if row.state == TransactionState.ACTIVE:
        _note_progress(row, report, now)
    rows.note_offline(row, report.offline)
    rows.keep_signed(row, report.signed, report.evse_number)
    rows.add_samples(row, report.samples, report.evse_number, now)
    if opened:
        events.announce(events.transaction_started, transaction_id=row.pk)
    rows.tell(row)
    return Updated(authorization)


def _name_evse(row: Transaction, report: reports.TransactionUpdated, now: datetime) -> None:
    """A transaction that began without an EVSE is one like the others once it has it."""
    if row.evse is not None or (evse := evse_of(row.charge_point_id, report.evse_number)) is None:
        return
    row.evse = evse
    if row.flaw == f"{rows.NO_EVSE} 0" and row.ended_at is None:
        row.state, row.flaw = TransactionState.ACTIVE, ""
    row.save(update_fields=["evse", "state", "flaw"])
    if row.state == TransactionState.ACTIVE:
        rows.begin(row, report.at, now)


def _take_remote_start(row: Transaction, report: reports.TransactionUpdated, now: datetime) -> None:
    """A start from here met a transaction that the cable had begun already (2.0.1 F01)."""
    if report.remote_start_id is None or row.remote_start_id is not None:
        return
    row.remote_start_id = report.remote_start_id
    row.save(update_fields=["remote_start_id"])
    nobody_s = row.driver_id is None
    rows.take_remote_start(row)
    if nobody_s and row.driver_id is not None and row.state == TransactionState.ACTIVE:
        rows.begin(row, report.at, now)


def _note_progress(row: Transaction, report: reports.TransactionUpdated, now: datetime) -> None:
    if _is_older(row, report):
        return
    row.charging_state = report.charging_state or row.charging_state
    row.last_seq_no = report.seq_no
    row.save(update_fields=["charging_state", "last_seq_no"])
    rows.tell_connector(row, report.charging_state, report.at, now)


def _is_older(row: Transaction, report: reports.TransactionUpdated) -> bool:
    """Whether an event came after a later one. A count that begins again at 0, or a later moment, is a reboot."""
    if report.seq_no is None or row.last_seq_no is None or report.seq_no >= row.last_seq_no:
        return False
    return report.seq_no != 0 and (row.last_value_at is None or report.at <= row.last_value_at)


def _late_token(row: Transaction, report: reports.TransactionUpdated, now: datetime) -> Authorization | None:
    if report.token is None:
        return None
    if row.id_token_id is not None and not row.flaw.startswith(rows.REFUSED):
        return authorize(charge_point_id=row.charge_point_id, token=report.token, now=now)
    authorization = authorize_start(row.charge_point_id, row.evse, report.token, report.at, now)
    if authorization.accepted:
        rows.take_token(row, report, authorization, now)
    return authorization
