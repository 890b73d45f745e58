"""What a charging station that speaks OCPP 2.0.1 tells us: translate in, call one service, translate out."""

import logging
from typing import Any

from chargepoints.domain import reports
from chargepoints.models import ChargePoint
from chargepoints.ocpp import database, reading
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.rpc import Fault, RpcError
from chargepoints.ocpp.v201 import translation
from chargepoints.ocpp.version import Handler
from chargepoints.services import (
    authorization,
    availability,
    metering,
    provisioning,
    reservation_agreement,
    transactions,
)

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
    token = translation.token_presented(payload.get("idToken")) or reports.TokenPresented("")
    verdict = await database.run(
        authorization.authorize, charge_point_id=link.charge_point_id, token=token, now=link.now()
    )
    return {"idTokenInfo": translation.id_token_info(verdict)}


async def transaction_event(link: Link, payload: Payload) -> Payload:
    kind = payload.get("eventType")
    if kind not in _TRANSACTION_EVENTS:
        raise RpcError(Fault.VALUE, "eventType")
    now = link.now()
    translate, service = _TRANSACTION_EVENTS[kind]
    report = translate(payload, now)
    result = await database.run(service, charge_point_id=link.charge_point_id, report=report, now=now)
    if result.authorization is None or report.token is None:
        return {}
    return {"idTokenInfo": translation.id_token_info(result.authorization)}


async def meter_values(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.meter_values(payload, now)
    await database.run(metering.store, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def reservation_status_update(link: Link, payload: Payload) -> Payload:
    """The charger let a reservation go, by its own clock or because it cannot keep it."""
    report = translation.reservation_ended(payload)
    await database.run(
        reservation_agreement.charger_ended, charge_point_id=link.charge_point_id, report=report, now=link.now()
    )
    return {}


async def data_transfer(link: Link, payload: Payload) -> Payload:
    """No vendor's extension is known here (2.0.1 P02)."""
    return {"status": "UnknownVendorId"}


async def acknowledge(link: Link, payload: Payload) -> Payload:
    """Reports, events, limits from elsewhere, progress of firmware and logs: the log of frames keeps them."""
    return {}


async def security_event(link: Link, payload: Payload) -> Payload:
    event = reading.text(payload.get("type"), 50)
    logger.warning("a charger reports a security event", extra={**link.log_extra, "event": event})
    return {}


_TRANSACTION_EVENTS: dict[str, tuple[Any, Any]] = {
    "Started": (translation.transaction_started, transactions.start),
    "Updated": (translation.transaction_updated, transactions.update),
    "Ended": (translation.transaction_ended, transactions.end),
}
HANDLERS: dict[str, Handler] = {
    "Authorize": authorize,
    "BootNotification": boot_notification,
    "ClearedChargingLimit": acknowledge,
    "DataTransfer": data_transfer,
    "FirmwareStatusNotification": acknowledge,
    "Heartbeat": heartbeat,
    "LogStatusNotification": acknowledge,
    "MeterValues": meter_values,
    "NotifyChargingLimit": acknowledge,
    "NotifyEvent": acknowledge,
    "NotifyMonitoringReport": acknowledge,
    "NotifyReport": acknowledge,
    "ReportChargingProfiles": acknowledge,
    "ReservationStatusUpdate": reservation_status_update,
    "SecurityEventNotification": security_event,
    "StatusNotification": status_notification,
    "TransactionEvent": transaction_event,
}
