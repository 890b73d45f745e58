"""Firmware, diagnostics, and the security extension."""

from typing import Any

from chargepoints.ocpp import database, reading
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.v16 import translation
from chargepoints.ocpp.version import Handler
from chargepoints.services import certificates, diagnostics, firmware

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


async def sign_certificate(link: Link, payload: Payload) -> Payload:
    """Accepted means that it will be signed; the certificate comes in a call of its own (whitepaper ed. 3, 4.19)."""
    is_request = await database.run(
        certificates.request_signing,
        charge_point_id=link.charge_point_id,
        signing_request=reading.text(payload.get("csr"), 5_500),
        now=link.now(),
    )
    return {"status": "Accepted" if is_request else "Rejected"}


HANDLERS: dict[str, Handler] = {
    "DiagnosticsStatusNotification": log_status,
    "FirmwareStatusNotification": firmware_status,
    "LogStatusNotification": log_status,
    "SecurityEventNotification": security_event,
    "SignCertificate": sign_certificate,
    "SignedFirmwareStatusNotification": firmware_status,
}
