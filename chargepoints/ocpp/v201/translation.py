"""OCPP 2.0.1 words to reports, and answers to OCPP 2.0.1 words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chargepoints.domain import reports
from chargepoints.domain.metering import Sample
from chargepoints.domain.status import ConnectorStatus
from chargepoints.ocpp import reading
from chargepoints.services.authorization import Authorization
from chargepoints.services.data_transfer import Reply, VendorMessage

# "Occupied" is all that 2.0.1 tells here: a transaction's charging state tells the rest.
_STATUSES = {
    "Available": ConnectorStatus.AVAILABLE,
    "Occupied": ConnectorStatus.PREPARING,
    "Reserved": ConnectorStatus.RESERVED,
    "Unavailable": ConnectorStatus.UNAVAILABLE,
    "Faulted": ConnectorStatus.FAULTED,
}
Payload = dict[str, Any]


def booted(payload: Payload) -> reports.Booted:
    station = payload.get("chargingStation") or {}
    return reports.Booted(
        vendor=reading.text(station.get("vendorName"), 50),
        model=reading.text(station.get("model"), 50),
        ocpp_version="2.0.1",
        serial_number=reading.text(station.get("serialNumber"), 50),
        firmware_version=reading.text(station.get("firmwareVersion"), 50),
        reason=reading.text(payload.get("reason"), 20),
    )


def status_reported(payload: Payload, now: datetime) -> reports.StatusReported:
    return reports.StatusReported(
        evse_number=reading.small_number(payload.get("evseId")),
        connector_number=reading.small_number(payload.get("connectorId")),
        status=_STATUSES.get(str(payload.get("connectorStatus")), ConnectorStatus.UNKNOWN),
        at=reading.moment(payload.get("timestamp"), now),
    )


def token_presented(id_token: Payload | None) -> reports.TokenPresented | None:
    if id_token is None:
        return None
    return reports.TokenPresented(
        token=reading.token(id_token.get("idToken", "")), type=reading.text(id_token.get("type"), 20)
    )


def transaction_started(payload: Payload, now: datetime) -> reports.TransactionStarted:
    evse, info, read = _parts(payload, now)
    return reports.TransactionStarted(
        evse_number=reading.small_number(evse.get("id")),
        connector_number=reading.small_number(evse.get("connectorId")) or 1,
        at=reading.moment(payload.get("timestamp"), now),
        token=token_presented(payload.get("idToken")),
        meter_start_wh=reading.register_wh(read, context="Transaction.Begin"),
        remote_id=reading.text(info.get("transactionId"), 36),
        remote_start_id=reading.whole(info.get("remoteStartId")),
        reservation_number=reading.whole(payload.get("reservationId")),
        charging_state=reading.text(info.get("chargingState"), 16),
        seq_no=reading.whole(payload.get("seqNo")),
        offline=payload.get("offline") is True,
        samples=read,
        signed=signed(payload.get("meterValue") or (), now),
    )


def transaction_updated(payload: Payload, now: datetime) -> reports.TransactionUpdated:
    evse, info, read = _parts(payload, now)
    return reports.TransactionUpdated(
        remote_id=reading.text(info.get("transactionId"), 36),
        evse_number=reading.small_number(evse.get("id")),
        at=reading.moment(payload.get("timestamp"), now),
        charging_state=reading.text(info.get("chargingState"), 16),
        seq_no=reading.whole(payload.get("seqNo")),
        offline=payload.get("offline") is True,
        samples=read,
        signed=signed(payload.get("meterValue") or (), now),
        token=token_presented(payload.get("idToken")),
        remote_start_id=reading.whole(info.get("remoteStartId")),
    )


def transaction_ended(payload: Payload, now: datetime) -> reports.TransactionEnded:
    evse, info, read = _parts(payload, now)
    return reports.TransactionEnded(
        remote_id=reading.text(info.get("transactionId"), 36),
        evse_number=reading.small_number(evse.get("id")),
        at=reading.moment(payload.get("timestamp"), now),
        meter_stop_wh=reading.register_wh(read, context="Transaction.End", last=True),
        reason=reading.text(info.get("stoppedReason") or "Local", 32),
        token=token_presented(payload.get("idToken")),
        # A number tells services that the id is the charger's own, so that its start may still come.
        seq_no=reading.whole(payload.get("seqNo")) or 0,
        offline=payload.get("offline") is True,
        samples=read,
        signed=signed(payload.get("meterValue") or (), now),
    )


def _parts(payload: Payload, now: datetime) -> tuple[Payload, Payload, tuple[Sample, ...]]:
    """EVSE, transactionInfo and samples of a TransactionEvent."""
    read = samples(payload.get("meterValue") or (), now)
    return payload.get("evse") or {}, payload.get("transactionInfo") or {}, read


def reservation_ended(payload: Payload) -> reports.ReservationEnded:
    return reports.ReservationEnded(
        reservation_number=reading.whole(payload.get("reservationId")) or 0,
        status=reading.text(payload.get("reservationUpdateStatus"), 16),
    )


def meter_values(payload: Payload, now: datetime) -> reports.MeterValuesReported:
    return reports.MeterValuesReported(
        evse_number=reading.small_number(payload.get("evseId")),
        samples=samples(payload.get("meterValue") or (), now),
        signed=signed(payload.get("meterValue") or (), now),
    )


def samples(blocks: Iterable[Any], now: datetime) -> tuple[Sample, ...]:
    """The samples of a list of MeterValue; :func:`signed` has the signatures that some of them bear."""
    read = []
    for block in blocks:
        at = reading.moment(block.get("timestamp"), now)
        for one in block.get("sampledValue") or ():
            unit = one.get("unitOfMeasure") or {}
            multiplier = reading.whole(unit.get("multiplier")) or 0
            read.append(
                reading.sample(at=at, value=one.get("value"), unit=unit.get("unit"), multiplier=multiplier, fields=one)
            )
    return reading.readable_first(read)


def signed(blocks: Iterable[Any], now: datetime) -> tuple[reports.SignedReading, ...]:
    """The signed values of a list of MeterValue, untouched (2.45)."""
    return tuple(
        reports.SignedReading(
            at=reading.moment(block.get("timestamp"), now),
            data=str(value["signedMeterData"]),
            context=reading.text(one.get("context"), 24),
            measurand=reading.text(one.get("measurand"), 40),
            signing_method=reading.text(value.get("signingMethod"), 50),
            encoding_method=reading.text(value.get("encodingMethod"), 50),
            public_key=reading.text(value.get("publicKey"), 10_000),
        )
        for block in blocks
        for one in block.get("sampledValue") or ()
        if isinstance(value := one.get("signedMeterValue"), dict) and value.get("signedMeterData")
    )


def firmware_progress(payload: Payload, now: datetime) -> reports.FirmwareProgress:
    status = reading.text(payload.get("status"), 32)
    return reports.FirmwareProgress(status=status, at=now, request_id=reading.whole(payload.get("requestId")))


def log_progress(payload: Payload, now: datetime) -> reports.LogProgress:
    status = reading.text(payload.get("status"), 32)
    return reports.LogProgress(status=status, at=now, request_id=reading.whole(payload.get("requestId")))


def security_event(payload: Payload, now: datetime) -> reports.SecurityEventReported:
    return reports.SecurityEventReported(
        type=reading.text(payload.get("type"), 50),
        at=reading.moment(payload.get("timestamp"), now),
        info=reading.text(payload.get("techInfo"), 255),
    )


def vendor_message(payload: Payload) -> VendorMessage:
    return VendorMessage(
        vendor_id=reading.text(payload.get("vendorId"), 255),
        message_id=reading.text(payload.get("messageId"), 50),
        data=payload.get("data"),
    )


def vendor_reply(reply: Reply) -> Payload:
    answer: Payload = {"status": str(reply.status)}
    return answer if reply.data is None else {**answer, "data": reply.data}


def id_token_info(authorization: Authorization) -> Payload:
    """The verdict on a token in 2.0.1's words (2.29)."""
    info: Payload = {"status": str(authorization.status)}
    if authorization.parent:
        info["groupIdToken"] = {"idToken": authorization.parent, "type": "Central"}
    if authorization.expires_at is not None:
        info["cacheExpiryDateTime"] = reading.moment_text(authorization.expires_at)
    return info
