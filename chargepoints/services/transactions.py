"""Transactions: facts are never refused, repeats change nothing, what makes no sense is kept apart."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from chargepoints import events, realtime
from chargepoints.domain import clock, reports
from chargepoints.domain.authorization import AuthorizationStatus, normal
from chargepoints.domain.metering import Sample, register_sample
from chargepoints.domain.reservation import ReservationStatus
from chargepoints.domain.status import OF_CHARGING_STATE
from chargepoints.domain.tariff import CostBreakdown
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Command, Connector, Evse, IdToken, Transaction
from chargepoints.selectors.operators import topic_of
from chargepoints.services import availability, metering, reservations
from chargepoints.services.authorization import Authorization, authorize, authorize_start, held_at, holds, kept

_NO_START = "start missing"
_NO_STOP = "no stop was sent"
_NO_EVSE = "unknown EVSE"
_REFUSED = "token refused"
_BELOW = "meter stop below start"
_DOUBTFUL = "doubtful meter stop"


@dataclass(frozen=True)
class Started:
    transaction: Transaction
    authorization: Authorization


@dataclass(frozen=True)
class Updated:
    authorization: Authorization | None = None


@dataclass(frozen=True)
class Ended:
    authorization: Authorization | None = None


@transaction.atomic
def start(*, charge_point_id: int, report: reports.TransactionStarted, now: datetime) -> Started:
    """A charger says that a transaction began. A repeat gets the transaction it got the first time."""
    charge_point = _locked(charge_point_id)
    known = _same_start(charge_point, report)
    told_at, report = report.at, replace(report, at=clock.corrected(report.at, now))
    authorization = _judge(charge_point_id, report, now)
    if known is not None:
        _complete_start(known, report, authorization, now)
        return Started(known, authorization)
    row = _create(charge_point, report, authorization, now)
    if told_at != report.at and not row.flaw:
        row.flaw = clock.flaw(told_at)
        row.save(update_fields=["flaw"])
    _add_samples(row, _begin_samples(report), report.evse_number, now)
    if row.state == TransactionState.ACTIVE:
        _begin(row, report.at, now)
        _tell_connector(row, report.charging_state, report.at, now)
    _tell(row)
    return Started(row, authorization)


def _begin(row: Transaction, at: datetime, now: datetime) -> None:
    """A transaction runs from now on, and whose it is may be known."""
    _take_reservation(row, at, now)
    events.announce(events.transaction_started, transaction_id=row.pk)


def _locked(charge_point_id: int) -> ChargePoint:
    """One charger's transactions are handled one after the other, from whichever process."""
    return ChargePoint.objects.select_for_update().get(pk=charge_point_id)


def _judge(charge_point_id: int, report: reports.TransactionStarted, now: datetime) -> Authorization:
    if report.token is None:
        # 2.0.1 may start with the cable; the token comes with a later event.
        return Authorization(AuthorizationStatus.ACCEPTED)
    evse = metering.evse_of_transaction(charge_point_id, report.evse_number)
    return authorize_start(charge_point_id, evse, report.token, report.at, now)


def _same_start(charge_point: ChargePoint, report: reports.TransactionStarted) -> Transaction | None:
    """2.0.1 chargers name their transactions; 1.6 repeats are known by content, never by message id alone."""
    mine = Transaction.objects.filter(charge_point=charge_point)
    if report.remote_id:
        return mine.filter(remote_id=report.remote_id).first()
    return mine.filter(
        Q(started_at=report.at) | Q(flaw=clock.flaw(report.at)),
        evse=metering.evse_of_transaction(charge_point.pk, report.evse_number),
        meter_start_wh=report.meter_start_wh,
        token=kept(report.token),
    ).first()


def _create(
    charge_point: ChargePoint, report: reports.TransactionStarted, authorization: Authorization, now: datetime
) -> Transaction:
    evse = metering.evse_of_transaction(charge_point.pk, report.evse_number)
    if authorization.accepted:
        _quarantine_open(evse, report, now)
    row = Transaction.objects.create(
        charge_point=charge_point,
        evse=evse,
        connector=_connector(evse, report.connector_number),
        remote_id=report.remote_id or f"new-{uuid.uuid4().hex[:30]}",
        state=TransactionState.ACTIVE if authorization.accepted and evse else TransactionState.QUARANTINED,
        charging_state=report.charging_state,
        started_at=report.at,
        meter_start_wh=report.meter_start_wh,
        remote_start_id=report.remote_start_id,
        last_seq_no=report.seq_no,
        flaw=_flaw(evse, report, authorization),
        **_person(report.token, authorization),
    )
    if not report.remote_id:
        row.remote_id = str(row.pk)
        row.save(update_fields=["remote_id"])
    _take_remote_start(row)
    return row


def _connector(evse: Evse | None, number: int) -> Connector | None:
    return evse.connectors.filter(number=number).first() if evse else None


def _flaw(evse: Evse | None, report: reports.TransactionStarted, authorization: Authorization) -> str:
    if evse is None:
        return f"{_NO_EVSE} {report.evse_number}"
    return "" if authorization.accepted else f"{_REFUSED}: {authorization.status}"


def _person(token: reports.TokenPresented | None, authorization: Authorization) -> dict[str, Any]:
    id_token = authorization.id_token
    return {
        "token": kept(token),
        "id_token": id_token,
        "driver_id": id_token.driver_id if id_token else None,
    }


def _quarantine_open(evse: Evse | None, report: reports.TransactionStarted, now: datetime) -> None:
    """A second start on an EVSE: whatever ran there has ended without telling."""
    if evse is None:
        return
    for older in Transaction.objects.filter(evse=evse, state=TransactionState.ACTIVE, started_at__lte=report.at):
        older.state, older.flaw, older.ended_at = TransactionState.QUARANTINED, _NO_STOP, report.at
        older.save(update_fields=["state", "flaw", "ended_at"])
        _close(older, now)


def _take_remote_start(row: Transaction) -> None:
    """A 2.0.1 transaction names the remote start that caused it: the driver is known even without a token."""
    if not row.remote_start_id or row.driver_id:
        return
    command = Command.objects.filter(
        charge_point=row.charge_point, kind="remote_start", payload__remote_start_id=row.remote_start_id
    ).first()
    id_token = command and IdToken.objects.filter(key=normal(str(command.payload["token"]))).first()
    if id_token:
        row.id_token, row.token, row.driver_id = id_token, id_token.key, id_token.driver_id
        row.save(update_fields=["id_token", "token", "driver"])


def _complete_start(
    row: Transaction, report: reports.TransactionStarted, authorization: Authorization, now: datetime
) -> None:
    """The start of a transaction whose later facts came first."""
    if row.flaw != _NO_START:
        return
    evse = metering.evse_of_transaction(row.charge_point_id, report.evse_number)
    row.started_at, row.meter_start_wh = report.at, report.meter_start_wh
    row.evse, row.connector = row.evse or evse, row.connector or _connector(evse, report.connector_number)
    row.remote_start_id, row.flaw = report.remote_start_id, _flaw(row.evse, report, authorization)
    if row.flaw:
        row.state = TransactionState.QUARANTINED
    elif row.ended_at is not None:
        row.state = TransactionState.ENDED
    for name, value in _person(report.token, authorization).items():
        setattr(row, name, value)
    row.save()
    _take_remote_start(row)
    _add_samples(row, _begin_samples(report), report.evse_number, now)
    if row.state == TransactionState.ACTIVE:
        _begin(row, report.at, now)
    elif row.ended_at is not None:
        row.flaw = _meter_flaw(row) or row.flaw
        row.save(update_fields=["flaw"])
        if row.state == TransactionState.ENDED:
            events.announce(events.transaction_started, transaction_id=row.pk)
        _close(row, now)
    _tell(row)


def _begin_samples(report: reports.TransactionStarted) -> tuple[Sample, ...]:
    return register_sample(report.meter_start_wh, report.at, "Transaction.Begin") + report.samples


def _add_samples(row: Transaction, samples: tuple[Sample, ...], evse_number: int, now: datetime) -> None:
    metering.add(
        charge_point_id=row.charge_point_id,
        evse_number=row.evse.number if row.evse else evse_number,
        transaction_row=row,
        samples=samples,
        now=now,
    )


def _take_reservation(row: Transaction, at: datetime, now: datetime) -> None:
    """The holder's own reservation on this EVSE; what the charger calls it is only a hint."""
    held = held_at(row.evse, at, now)
    if held and holds(held, row.id_token) and reservations.use(reservation=held, now=now):
        row.reservation = held
        row.save(update_fields=["reservation"])


@transaction.atomic
def update(*, charge_point_id: int, report: reports.TransactionUpdated, now: datetime) -> Updated:
    """Progress of a transaction. After its end it changes nothing but the meter's record."""
    charge_point = _locked(charge_point_id)
    row = Transaction.objects.filter(charge_point=charge_point, remote_id=report.remote_id).first()
    report = replace(report, at=clock.corrected(report.at, now, metering.clock_offset(row)))
    opened = row is None
    if row is None:
        row = _without_start(charge_point, report.remote_id, report.evse_number, report.at, TransactionState.ACTIVE)
    _name_evse(row, report, now)
    authorization = _late_token(row, report, now)
    if row.state == TransactionState.ACTIVE:
        _note_progress(row, report, now)
    _add_samples(row, report.samples, report.evse_number, now)
    if opened:
        events.announce(events.transaction_started, transaction_id=row.pk)
    _tell(row)
    return Updated(authorization)


def _name_evse(row: Transaction, report: reports.TransactionUpdated, now: datetime) -> None:
    """A transaction that began without an EVSE is one like the others once it has it."""
    if row.evse is not None or (evse := metering.evse_of(row.charge_point_id, report.evse_number)) is None:
        return
    row.evse = evse
    if row.flaw == f"{_NO_EVSE} 0" and row.ended_at is None:
        row.state, row.flaw = TransactionState.ACTIVE, ""
    row.save(update_fields=["evse", "state", "flaw"])
    if row.state == TransactionState.ACTIVE:
        _begin(row, report.at, now)


def _note_progress(row: Transaction, report: reports.TransactionUpdated, now: datetime) -> None:
    if _is_older(row, report):
        return
    row.charging_state = report.charging_state or row.charging_state
    row.last_seq_no = report.seq_no
    row.save(update_fields=["charging_state", "last_seq_no"])
    _tell_connector(row, report.charging_state, report.at, now)


def _is_older(row: Transaction, report: reports.TransactionUpdated) -> bool:
    """Whether an event came after a later one. A count that begins again at 0, or a later moment, is a reboot."""
    if report.seq_no is None or row.last_seq_no is None or report.seq_no >= row.last_seq_no:
        return False
    return report.seq_no != 0 and (row.last_value_at is None or report.at <= row.last_value_at)


def _tell_connector(row: Transaction, charging_state: str, at: datetime, now: datetime) -> None:
    """2.0.1's status is only "Occupied": the transaction tells the rest. A report older than the status is dropped."""
    status = OF_CHARGING_STATE.get(charging_state)
    if status is None or row.evse is None:
        return
    number = row.connector.number if row.connector else 1
    report = reports.StatusReported(row.evse.number, number, status, at)
    availability.report_status(charge_point_id=row.charge_point_id, report=report, now=now)


def _late_token(row: Transaction, report: reports.TransactionUpdated, now: datetime) -> Authorization | None:
    if report.token is None:
        return None
    if row.id_token_id is not None and not row.flaw.startswith(_REFUSED):
        return authorize(charge_point_id=row.charge_point_id, token=report.token, now=now)
    authorization = authorize_start(row.charge_point_id, row.evse, report.token, report.at, now)
    if authorization.accepted:
        _take_token(row, report, authorization, now)
    return authorization


def _take_token(
    row: Transaction, report: reports.TransactionUpdated, authorization: Authorization, now: datetime
) -> None:
    """A token that came after the cable, or a good one after a refused one."""
    for name, value in _person(report.token, authorization).items():
        setattr(row, name, value)
    if row.flaw.startswith(_REFUSED) and row.ended_at is None:
        row.state, row.flaw = TransactionState.ACTIVE, ""
    row.save(update_fields=["token", "id_token", "driver", "state", "flaw"])
    if row.state == TransactionState.ACTIVE:
        _begin(row, report.at, now)


def _without_start(
    charge_point: ChargePoint, remote_id: str, evse_number: int, at: datetime, state: TransactionState
) -> Transaction:
    return Transaction.objects.create(
        charge_point=charge_point,
        evse=metering.evse_of_transaction(charge_point.pk, evse_number),
        remote_id=remote_id[:36],
        state=state,
        started_at=at,
        flaw=_NO_START,
    )


@transaction.atomic
def end(*, charge_point_id: int, report: reports.TransactionEnded, now: datetime) -> Ended:
    """A charger says that a transaction is over. Unknown ones are kept apart; a repeat changes nothing."""
    charge_point = _locked(charge_point_id)
    row, name = _ending(charge_point, report), _apart(report)
    report = replace(report, at=clock.corrected(report.at, now, metering.clock_offset(row)))
    if row is None:
        row = _without_start(charge_point, name, report.evse_number, report.at, TransactionState.QUARANTINED)
    if row.ended_at is None or row.flaw == _NO_STOP:
        _finish(row, report, now)
    return Ended(_stop_authorization(charge_point_id, report, now))


def _ending(charge_point: ChargePoint, report: reports.TransactionEnded) -> Transaction | None:
    mine = Transaction.objects.filter(charge_point=charge_point)
    return mine.filter(remote_id__in=[report.remote_id, _apart(report)]).first()


def _apart(report: reports.TransactionEnded) -> str:
    """The name under which an unknown end is kept. 2.0.1 ids are the charger's own and the start may still come;
    a 1.6 id that we never gave (0, -1, one of another system) is told apart by its moment."""
    if report.seq_no is not None:
        return report.remote_id
    return f"{report.remote_id[:20]}@{int(report.at.timestamp())}"


def _finish(row: Transaction, report: reports.TransactionEnded, now: datetime) -> None:
    samples = report.samples + register_sample(report.meter_stop_wh, report.at, "Transaction.End")
    row.ended_at, row.meter_stop_wh, row.stop_reason = report.at, report.meter_stop_wh, report.reason[:32]
    row.last_seq_no = report.seq_no
    if row.state == TransactionState.ACTIVE or row.flaw == _NO_STOP:
        row.state = TransactionState.ENDED
        row.flaw = "" if row.flaw == _NO_STOP else row.flaw
    row.power_w = 0.0
    row.save()
    _add_samples(row, samples, report.evse_number, now)
    row.power_w, row.flaw = 0.0, _meter_flaw(row) or row.flaw
    row.save(update_fields=["power_w", "flaw"])
    _close(row, now)


def _meter_flaw(row: Transaction) -> str:
    """Why the energy of an ended transaction should be looked at before money depends on it."""
    if row.ended_at is None:
        return ""
    if row.meter_stop_wh is not None and row.meter_stop_wh < (row.meter_start_wh or 0.0):
        return _BELOW
    return _DOUBTFUL if not row.flaw and metering.ends_in_doubt(row) else ""


def _close(row: Transaction, now: datetime) -> None:
    reservation = row.reservation
    if reservation is not None and reservation.status == ReservationStatus.IN_USE:
        reservations.finish(reservation=reservation, now=now)
    events.announce(events.transaction_ended, transaction_id=row.pk)
    _tell(row)


def _stop_authorization(charge_point_id: int, report: reports.TransactionEnded, now: datetime) -> Authorization | None:
    if report.token is None:
        return None
    return authorize(charge_point_id=charge_point_id, token=report.token, now=now)


def settle(*, transaction_row: Transaction, cost: CostBreakdown) -> None:
    """Keep what a transaction cost, component by component."""
    Transaction.objects.filter(pk=transaction_row.pk).update(**cost_fields(cost))
    _tell(transaction_row)


def cost_fields(cost: CostBreakdown) -> dict[str, Any]:
    """A cost as a transaction's row keeps it."""
    components = {name: str(value) for name, value in vars(cost).items() if isinstance(value, Decimal)}
    return {"cost_amount": cost.total, "cost_currency": cost.currency, "cost_components": components}


def _tell(row: Transaction) -> None:
    topics = topic_of(row.charge_point_id, "transactions")
    if row.driver_id:
        topics.append(f"user.{row.driver_id}.session")
    realtime.nudge("map", *topics)
