"""Blocks B and G: boot, heartbeat, reports of the device model, what connectors are doing."""

from typing import Any

from chargepoints.models import ChargePoint
from chargepoints.ocpp import database, reading, recorder
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.v201 import device_model, translation
from chargepoints.ocpp.version import Handler
from chargepoints.services import availability, device_reports, provisioning

Payload = dict[str, Any]
_REGISTRATIONS = {
    ChargePoint.Registration.ACCEPTED: "Accepted",
    ChargePoint.Registration.PENDING: "Pending",
    ChargePoint.Registration.REJECTED: "Rejected",
}


async def boot_notification(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.booted(payload)
    charge_point = await recorder.run(provisioning.boot, charge_point_id=link.charge_point_id, report=report, now=now)
    link.booted(charge_point)
    return {
        "status": _REGISTRATIONS[ChargePoint.Registration(charge_point.registration)],
        "currentTime": reading.moment_text(now),
        "interval": charge_point.heartbeat_interval_s,
    }


async def heartbeat(link: Link, payload: Payload) -> Payload:
    return {"currentTime": reading.moment_text(link.now())}


async def notify_report(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = device_model.reported(payload)
    await database.run(device_reports.take_part, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def status_notification(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.status_reported(payload, now)
    await recorder.run(availability.report_status, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


HANDLERS: dict[str, Handler] = {
    "BootNotification": boot_notification,
    "Heartbeat": heartbeat,
    "NotifyReport": notify_report,
    "StatusNotification": status_notification,
}
