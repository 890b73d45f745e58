"""OCPP 1.6 words to reports, and answers to OCPP 1.6 words. A connector n is EVSE n, connector 1; 0 is the whole."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chargepoints.domain import reports
from chargepoints.domain.metering import Sample
from chargepoints.domain.status import ConnectorStatus
from chargepoints.ocpp import reading
from chargepoints.services.authorization import Authorization
from chargepoints.services.data_transfer import Reply, VendorMessage

_STATUSES = {
    "Available": ConnectorStatus.AVAILABLE,
    "Preparing": ConnectorStatus.PREPARING,
    "Charging": ConnectorStatus.CHARGING,
    "SuspendedEV": ConnectorStatus.SUSPENDED_EV,
    "SuspendedEVSE": ConnectorStatus.SUSPENDED_EVSE,
    "Finishing": ConnectorStatus.FINISHING,
    "Reserved": ConnectorStatus.RESERVED,
    "Unavailable": ConnectorStatus.UNAVAILABLE,
    "Faulted": ConnectorStatus.FAULTED,
}
Payload = dict[str, Any]
LONGEST_TOKEN = 20  # 7.28 IdToken


def booted(payload: Payload) -> reports.Booted:
    serial = payload.get("chargePointSerialNumber") or payload.get("chargeBoxSerialNumber")
    return reports.Booted(
        vendor=reading.text(payload.get("chargePointVendor"), 50),
        model=reading.text(payload.get("chargePointModel"), 50),
        ocpp_version="1.6",
        serial_number=reading.text(serial, 50),
        firmware_version=reading.text(payload.get("firmwareVersion"), 50),
    )


def status_reported(payload: Payload, now: datetime) -> reports.StatusReported:
    number = reading.small_number(payload.get("connectorId"))
    error = reading.text(payload.get("errorCode"), 50)
    info = " ".join(reading.text(payload.get(name), 50) for name in ("vendorErrorCode", "info") if payload.get(name))
    return reports.StatusReported(
        evse_number=number,
        connector_number=min(number, 1),
        status=_STATUSES.get(str(payload.get("status")), ConnectorStatus.UNKNOWN),
        at=reading.moment(payload.get("timestamp"), now),
        error_code="" if error == "NoError" else error,
        info=info,
    )


def token_presented(payload: Payload) -> reports.TokenPresented | None:
    token = payload.get("idTag")
    return None if token is None else reports.TokenPresented(reading.token(token))


def transaction_started(payload: Payload, now: datetime) -> reports.TransactionStarted:
    number = reading.small_number(payload.get("connectorId"))
    return reports.TransactionStarted(
        evse_number=number,
        connector_number=min(number, 1),
        at=reading.moment(payload.get("timestamp"), now),
        token=token_presented(payload),
        meter_start_wh=reading.number(payload.get("meterStart")),
        reservation_number=reading.whole(payload.get("reservationId")),
    )


def transaction_ended(payload: Payload, now: datetime) -> reports.TransactionEnded:
    return reports.TransactionEnded(
        remote_id=_transaction_id(payload),
        evse_number=0,
        at=reading.moment(payload.get("timestamp"), now),
        meter_stop_wh=reading.number(payload.get("meterStop")),
        reason=reading.text(payload.get("reason") or "Local", 32),
        token=token_presented(payload),
        samples=samples(payload.get("transactionData") or (), now),
        signed=signed(payload.get("transactionData") or (), now),
    )


def _transaction_id(payload: Payload) -> str:
    """5, 5.0 and "5" are the same id."""
    number = reading.whole(payload.get("transactionId"))
    return reading.text(payload.get("transactionId") if number is None else number, 36)


def meter_values(payload: Payload, now: datetime) -> reports.MeterValuesReported:
    """Values of a transaction or of the connector. Ids from 0 down mean none (some firmware).

    An id that we never gave opens nothing: 1.6 ids are ours, and the next one we give could be the same.
    """
    transaction_id = reading.whole(payload.get("transactionId")) or 0
    return reports.MeterValuesReported(
        evse_number=reading.small_number(payload.get("connectorId")),
        samples=samples(payload.get("meterValue") or (), now),
        signed=signed(payload.get("meterValue") or (), now),
        remote_id=str(transaction_id) if transaction_id > 0 else "",
    )


def samples(blocks: Iterable[Any], now: datetime) -> tuple[Sample, ...]:
    """The samples of a list of MeterValue that are numbers; :func:`signed` has the others."""
    read = [
        reading.sample(
            at=reading.moment(block.get("timestamp"), now), value=one.get("value"), unit=one.get("unit"), fields=one
        )
        for block in blocks
        for one in block.get("sampledValue") or ()
        if one.get("format") != "SignedData"
    ]
    return reading.readable_first(read)


def signed(blocks: Iterable[Any], now: datetime) -> tuple[reports.SignedReading, ...]:
    """The signed blocks of a list of MeterValue: 1.6 has the text alone, in the format of the meter's maker."""
    return tuple(
        reports.SignedReading(
            at=reading.moment(block.get("timestamp"), now),
            data=str(one.get("value") or ""),
            context=reading.text(one.get("context"), 24),
            measurand=reading.text(one.get("measurand"), 40),
        )
        for block in blocks
        for one in block.get("sampledValue") or ()
        if one.get("format") == "SignedData"
    )


def firmware_progress(payload: Payload, now: datetime) -> reports.FirmwareProgress:
    """1.6 tells no moment; a request's number only where the update is signed."""
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
    """1.6 knows data as text only."""
    answer: Payload = {"status": str(reply.status)}
    if reply.data is not None:
        answer["data"] = reply.data if isinstance(reply.data, str) else json.dumps(reply.data)
    return answer


def id_tag_info(authorization: Authorization) -> Payload:
    """The verdict on a token in 1.6's words (7.26)."""
    info: Payload = {"status": str(authorization.status)}
    if 0 < len(authorization.parent) <= LONGEST_TOKEN:  # a part of it could be another group
        info["parentIdTag"] = authorization.parent
    if authorization.expires_at is not None:
        info["expiryDate"] = reading.moment_text(authorization.expires_at)
    return info
