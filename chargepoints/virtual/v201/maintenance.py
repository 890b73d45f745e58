"""OCPP 2.0.1: firmware (block L) and logs (block N)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..firmware import Update
from ..outbox import Payload
from ..profile_wire import parse_optional_time, parse_time
from ..rpc import Answer
from ..uploads import Upload

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def update_firmware(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """UpdateFirmware: goes through its stages and boots with the new version."""
    firmware, request_id = payload["firmware"], payload["requestId"]
    certificate = firmware.get("signingCertificate")
    if certificate and not charge_point.certificates.is_readable(certificate):
        charge_point.security_event("InvalidFirmwareSigningCertificate")
        return status("InvalidCertificate")
    update = Update(
        location=firmware["location"],
        retrieve_at=parse_time(firmware["retrieveDateTime"]),
        install_at=parse_optional_time(firmware.get("installDateTime")),
        request_id=request_id,
        signed=certificate is not None,
        tell=lambda stage: charge_point.messages.tell(
            "FirmwareStatusNotification", {"status": stage, "requestId": request_id}
        ),
    )
    return status(charge_point.firmware.verdict(), lambda: charge_point.firmware.begin(update))


def get_log(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetLog; a running upload is cancelled for it."""
    request_id = payload["requestId"]
    upload = Upload(
        location=payload["log"]["remoteLocation"],
        name=f"{charge_point.identity}-{payload['logType']}.log",
        retries=payload.get("retries", 0),
        retry_s=payload.get("retryInterval", 0),
        request_id=request_id,
        tell=lambda stage: charge_point.messages.tell(
            "LogStatusNotification", {"status": stage, "requestId": request_id}
        ),
    )
    told = {"status": charge_point.uploads.verdict(), "filename": upload.name}
    return Answer(told, lambda: charge_point.uploads.begin(upload))


ACTIONS: dict[str, Action] = {"UpdateFirmware": update_firmware, "GetLog": get_log}
