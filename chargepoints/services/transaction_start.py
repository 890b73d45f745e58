"""The start of a transaction: a repeat changes nothing, a refused one is kept apart, one that comes late completes."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, Q
from django.db.models.functions import Cast

from chargepoints import events
from chargepoints.domain import clock, reports
from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Evse, Transaction
from chargepoints.selectors.evses import evse_of_transaction
from chargepoints.services import doubts
from chargepoints.services import transaction_rows as rows
from chargepoints.services.authorization import Authorization, authorize_start, kept


@dataclass(frozen=True)
class Started:
    transaction: Transaction
    authorization: Authorization


@transaction.atomic
def start(*, charge_point_id: int, report: reports.TransactionStarted, now: datetime) -> Started:
    """A charger says that a transaction began. A repeat gets the transaction it got the first time."""
    charge_point = rows.locked_charge_point(charge_point_id)
    known = _same_start(charge_point, report)
    told_at, report = report.at, replace(report, at=clock.corrected(report.at, now))
    authorization = _judge(charge_point_id, report, now, known)
    if known is not None:
        _complete_start(known, report, authorization, now)
        return Started(known, authorization)
    row = _create(charge_point, report, authorization, now)
    if told_at != report.at and not row.flaw:
        row.flaw = clock.flaw(told_at)
        row.save(update_fields=["flaw"])
    rows.note_offline(row, report.offline)
    rows.keep_signed(row, report.signed, report.evse_number)
    rows.add_samples(row, rows.begin_samples(report), report.evse_number, now)
    if row.state == TransactionState.ACTIVE:
        rows.begin(row, report.at, now, report.reservation_number)
        rows.tell_connector(row, report.charging_state, report.at, now)
    rows.tell(row)
    return Started(row, authorization)


def _judge(
    charge_point_id: int, report: reports.TransactionStarted, now: datetime, known: Transaction | None
) -> Authorization:
    if report.token is None:
        # 2.0.1 may start with the cable; the token comes with a later event.
        return Authorization(AuthorizationStatus.ACCEPTED)
    evse = evse_of_transaction(charge_point_id, report.evse_number)
    was_accepted = known is not None and not known.flaw.startswith(rows.REFUSED)
    return authorize_start(charge_point_id, evse, report.token, report.at, now, is_repeat=was_accepted)


def _same_start(charge_point: ChargePoint, report: reports.TransactionStarted) -> Transaction | None:
    """2.0.1 chargers name their transactions; 1.6 repeats are known by content, never by message id alone."""
    mine = Transaction.objects.filter(charge_point=charge_point)
    if report.remote_id:
        return mine.filter(remote_id=report.remote_id).first()
    content = mine.filter(
        Q(started_at=report.at) | Q(flaw=clock.flaw(report.at)),
        evse=evse_of_transaction(charge_point.pk, report.evse_number),
        meter_start_wh=report.meter_start_wh,
        token=kept(report.token),
    )
    # What was kept of an end without a start, or told in another version, has a name that no 1.6 charger can be given.
    return content.filter(remote_id=Cast("pk", CharField())).first()


def _create(
    charge_point: ChargePoint, report: reports.TransactionStarted, authorization: Authorization, now: datetime
) -> Transaction:
    evse = evse_of_transaction(charge_point.pk, report.evse_number)
    if authorization.accepted:
        _quarantine_open(evse, report, now)
    row = Transaction.objects.create(
        charge_point=charge_point,
        evse=evse,
        connector=rows.connector_of(evse, report.connector_number),
        remote_id=report.remote_id or f"new-{uuid.uuid4().hex[:30]}",
        state=TransactionState.ACTIVE if authorization.accepted and evse else TransactionState.QUARANTINED,
        charging_state=report.charging_state,
        started_at=report.at,
        meter_start_wh=report.meter_start_wh,
        remote_start_id=report.remote_start_id,
        last_seq_no=report.seq_no,
        flaw=rows.start_flaw(evse, report, authorization),
        **rows.person(report.token, authorization),
    )
    if not report.remote_id:
        row.remote_id = str(row.pk)
        row.save(update_fields=["remote_id"])
    rows.take_remote_start(row)
    return row


def _quarantine_open(evse: Evse | None, report: reports.TransactionStarted, now: datetime) -> None:
    """A second start on an EVSE: whatever ran there has ended without telling."""
    if evse is None:
        return
    for older in Transaction.objects.filter(evse=evse, state=TransactionState.ACTIVE, started_at__lte=report.at):
        older.state, older.flaw, older.ended_at = TransactionState.QUARANTINED, rows.NO_STOP, report.at
        older.save(update_fields=["state", "flaw", "ended_at"])
        rows.close(older, now)


def _complete_start(
    row: Transaction, report: reports.TransactionStarted, authorization: Authorization, now: datetime
) -> None:
    """The start of a transaction whose later facts came first; or one that was refused, and is not any more."""
    if row.flaw.startswith(rows.REFUSED) and authorization.accepted and row.ended_at is None:
        rows.take_token(row, report, authorization, now)
    if row.flaw != rows.NO_START:
        return
    evse = evse_of_transaction(row.charge_point_id, report.evse_number)
    row.started_at, row.meter_start_wh = report.at, report.meter_start_wh
    row.evse, row.connector = row.evse or evse, row.connector or rows.connector_of(evse, report.connector_number)
    row.remote_start_id, row.flaw = report.remote_start_id, rows.start_flaw(row.evse, report, authorization)
    if row.flaw:
        row.state = TransactionState.QUARANTINED
    elif row.ended_at is not None:
        row.state = TransactionState.ENDED
    for name, value in rows.person(report.token, authorization).items():
        setattr(row, name, value)
    row.save()
    rows.take_remote_start(row)
    rows.note_offline(row, report.offline)
    rows.keep_signed(row, report.signed, report.evse_number)
    rows.add_samples(row, rows.begin_samples(report), report.evse_number, now)
    if row.state == TransactionState.ACTIVE:
        rows.begin(row, report.at, now, report.reservation_number)
    elif row.ended_at is not None:
        row.flaw = doubts.meter_flaw(row) or row.flaw
        row.save(update_fields=["flaw"])
        if row.state == TransactionState.ENDED:
            events.announce(events.transaction_started, transaction_id=row.pk)
        rows.close(row, now)
    rows.tell(row)
