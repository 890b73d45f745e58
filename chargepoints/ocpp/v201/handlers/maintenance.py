"""Blocks L, N and P, and security events: firmware, logs, a vendor's own messages."""

from typing import Any

from chargepoints.ocpp import database
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.v201 import translation
from chargepoints.ocpp.version import Handler
from chargepoints.services import data_transfer as data_transfer_service
from chargepoints.services import diagnostics, firmware

Payload = dict[str, Any]


async def firmware_status(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.firmware_progress(payload, now)
    await database.run(firmware.progress, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def log_status(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.log_progress(payload, now)
    await database.run(diagnostics.progress, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def security_event(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = translation.security_event(payload, now)
    await database.run(diagnostics.keep_event, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def data_transfer(link: Link, payload: Payload) -> Payload:
    reply = await database.run(
        data_transfer_service.receive,
        charge_point_id=link.charge_point_id,
        message=translation.vendor_message(payload),
        now=link.now(),
    )
    return translation.vendor_reply(reply)


async def acknowledge(link: Link, payload: Payload) -> Payload:
    """Monitoring is not managed yet: the log of frames keeps what it tells."""
    return {}


HANDLERS: dict[str, Handler] = {
    "DataTransfer": data_transfer,
    "FirmwareStatusNotification": firmware_status,
    "LogStatusNotification": log_status,
    "NotifyEvent": acknowledge,
    "NotifyMonitoringReport": acknowledge,
    "SecurityEventNotification": security_event,
}
