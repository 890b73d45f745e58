"""What all events of a transaction do to its row: begin, take values, tell the connector, close."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chargepoints import events, realtime
from chargepoints.domain import reports
from chargepoints.domain.authorization import normal
from chargepoints.domain.metering import Sample, register_sample
from chargepoints.domain.reservation import ReservationStatus
from chargepoints.domain.status import OF_CHARGING_STATE
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Command, Connector, Evse, IdToken, Transaction
from chargepoints.selectors.evses import evse_of_transaction
from chargepoints.selectors.operators import topic_of
from chargepoints.services import availability, metering, reservations, signed_values
from chargepoints.services.authorization import Authorization, kept

NO_START = "start missing"
NO_STOP = "no stop was sent"
NO_EVSE = "unknown EVSE"
REFUSED = "token refused"


def locked_charge_point(charge_point_id: int) -> ChargePoint:
    """One charger's transactions are handled one after the other, from whichever process."""
    return ChargePoint.objects.select_for_update(no_key=True).get(pk=charge_point_id)


def connector_of(evse: Evse | None, number: int) -> Connector | None:
    return evse.connectors.filter(number=number).first() if evse else None


def start_flaw(evse: Evse | None, report: reports.TransactionStarted, authorization: Authorization) -> str:
    if evse is None:
        return f"{NO_EVSE} {report.evse_number}"
    return "" if authorization.accepted else f"{REFUSED}: {authorization.status}"


def person(token: reports.TokenPresented | None, authorization: Authorization) -> dict[str, Any]:
    id_token = authorization.id_token
    return {
        "token": kept(token),
        "id_token": id_token,
        "driver_id": id_token.driver_id if id_token else None,
    }


def begin(row: Transaction, at: datetime, now: datetime, reservation_number: int | None = None) -> None:
    """A transaction runs from now on, and whose it is may be known."""
    _take_reservation(row, at, now, reservation_number)
    events.announce(events.transaction_started, transaction_id=row.pk)


def _take_reservation(row: Transaction, at: datetime, now: datetime, number: int | None) -> None:
    """The holder's own reservation; what the charger calls it is only a hint."""
    held = reservations.use_for(evse=row.evse, id_token=row.id_token, at=at, now=now, number=number)
    if held is not None:
        row.reservation = held
        row.save(update_fields=["reservation"])


def take_token(
    row: Transaction,
    report: reports.TransactionStarted | reports.TransactionUpdated,
    authorization: Authorization,
    now: datetime,
) -> None:
    """A token that came after the cable, or a good verdict after a refusal."""
    for name, value in person(report.token, authorization).items():
        setattr(row, name, value)
    if row.flaw.startswith(REFUSED) and row.ended_at is None:
        row.state, row.flaw = TransactionState.ACTIVE, ""
    row.save(update_fields=["token", "id_token", "driver", "state", "flaw"])
    if row.state == TransactionState.ACTIVE:
        number = report.reservation_number if isinstance(report, reports.TransactionStarted) else None
        begin(row, report.at, now, number)


def take_remote_start(row: Transaction) -> None:
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


def note_offline(row: Transaction, offline: bool) -> None:
    """A part of it happened while the charger could not reach us (2.0.1 tells)."""
    if offline and not row.was_offline:
        row.was_offline = True
        row.save(update_fields=["was_offline"])


def without_start(
    charge_point: ChargePoint, remote_id: str, evse_number: int, at: datetime, state: TransactionState
) -> Transaction:
    return Transaction.objects.create(
        charge_point=charge_point,
        evse=evse_of_transaction(charge_point.pk, evse_number),
        remote_id=remote_id[:36],
        state=state,
        started_at=at,
        flaw=NO_START,
    )


def add_samples(row: Transaction, samples: tuple[Sample, ...], evse_number: int, now: datetime) -> None:
    metering.add(
        charge_point_id=row.charge_point_id,
        evse_number=row.evse.number if row.evse else evse_number,
        transaction_row=row,
        samples=samples,
        now=now,
    )


def keep_signed(row: Transaction, readings: Sequence[reports.SignedReading], evse_number: int) -> None:
    """Signed values prove what a session is billed with."""
    signed_values.keep(
        charge_point_id=row.charge_point_id,
        evse_number=row.evse.number if row.evse else evse_number,
        transaction_row=row,
        readings=readings,
    )


def begin_samples(report: reports.TransactionStarted) -> tuple[Sample, ...]:
    return register_sample(report.meter_start_wh, report.at, "Transaction.Begin") + report.samples


def tell_connector(row: Transaction, charging_state: str, at: datetime, now: datetime) -> None:
    """2.0.1's status is only "Occupied": the transaction tells the rest. A report older than the status is dropped."""
    status = OF_CHARGING_STATE.get(charging_state)
    if status is None or row.evse is None:
        return
    number = row.connector.number if row.connector else 1
    report = reports.StatusReported(row.evse.number, number, status, at)
    availability.report_status(charge_point_id=row.charge_point_id, report=report, now=now)


def close(row: Transaction, now: datetime) -> None:
    reservation = row.reservation
    if reservation is not None and reservation.status == ReservationStatus.IN_USE:
        reservations.finish(reservation=reservation, now=now)
    events.announce(events.transaction_ended, transaction_id=row.pk)
    tell(row)


def tell(row: Transaction) -> None:
    topics = topic_of(row.charge_point_id, "transactions")
    if row.driver_id:
        topics.append(f"user.{row.driver_id}.session")
    realtime.nudge("map", *topics)
