"""What a charger that speaks OCPP 1.6 tells us: translate in, call one service, translate out."""

import logging
from typing import Any

from chargepoints.domain import reports
from chargepoints.models import ChargePoint
from chargepoints.ocpp import database, reading
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.v16 import translation
from chargepoints.ocpp.version import Handler
from chargepoints.services import authorization, availability, metering, provisioning, transactions

logger = logging.getLogger(__name__)
Payload = dict[str, Any]
_REGISTRATIONS = {
    ChargePoint.Registration.ACCEPTED: "Accepted",
    ChargePoint.Registration.PENDING: "Pending",
    ChargePoint.Registration.REJECTED: "Rejected",
}


async def boot_notification(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.booted(payload)
    charge_point = await database.run(provisioning.boot, charge_point_id=link.charge_point_id, report=report, now=now)
    link.booted(charge_point)
    return {
        "status": _REGISTRATIONS[ChargePoint.Registration(charge_point.registration)],
        "currentTime": reading.moment_text(now),
        "interval": charge_point.heartbeat_interval_s,
    }


async def heartbeat(link: Link, payload: Payload) -> Payload:
    return {"currentTime": reading.moment_text(link.now())}


async def status_notification(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.status_reported(payload, now)
    await database.run(availability.report_status, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def authorize(link: Link, payload: Payload) -> Payload:
    token = translation.token_presented(payload) or reports.TokenPresented("")
    verdict = await database.run(
        authorization.authorize, charge_point_id=link.charge_point_id, token=token, now=link.now()
    )
    return {"idTagInfo": translation.id_tag_info(verdict)}


async def start_transaction(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.transaction_started(payload, now)
    started = await database.run(transactions.start, charge_point_id=link.charge_point_id, report=report, now=now)
    return {
        "transactionId": int(started.transaction.remote_id),
        "idTagInfo": translation.id_tag_info(started.authorization),
    }


async def stop_transaction(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.transaction_ended(payload, now)
    ended = await database.run(transactions.end, charge_point_id=link.charge_point_id, report=report, now=now)
    if ended.authorization is None or report.token is None:
        return {}
    return {"idTagInfo": translation.id_tag_info(ended.authorization)}


async def meter_values(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.meter_values(payload, now)
    await database.run(metering.store, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def data_transfer(link: Link, payload: Payload) -> Payload:
    """No vendor's extension is known here (1.6 4.3)."""
    return {"status": "UnknownVendorId"}


async def acknowledge(link: Link, payload: Payload) -> Payload:
    """Progress of firmware, diagnostics and logs: the log of frames keeps it."""
    return {}


async def security_event(link: Link, payload: Payload) -> Payload:
    event = reading.text(payload.get("type"), 50)
    logger.warning("a charger reports a security event", extra={**link.log_extra, "event": event})
    return {}


HANDLERS: dict[str, Handler] = {
    "Authorize": authorize,
    "BootNotification": boot_notification,
    "DataTransfer": data_transfer,
    "DiagnosticsStatusNotification": acknowledge,
    "FirmwareStatusNotification": acknowledge,
    "Heartbeat": heartbeat,
    "LogStatusNotification": acknowledge,
    "MeterValues": meter_values,
    "SecurityEventNotification": security_event,
    "SignedFirmwareStatusNotification": acknowledge,
    "StartTransaction": start_transaction,
    "StatusNotification": status_notification,
    "StopTransaction": stop_transaction,
}
