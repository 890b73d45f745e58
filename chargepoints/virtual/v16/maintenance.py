"""OCPP 1.6: firmware and logs, of the core and of the security extension."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..answers import Action, status
from ..firmware import Update
from ..outbox import Payload
from ..profile_wire import parse_optional_time, parse_time
from ..rpc import Answer
from ..uploads import Upload

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint

# The plain FirmwareStatusNotification knows the essential stages only.
PLAIN_STAGES = (
    *("Downloaded", "DownloadFailed", "Downloading", "Idle"),
    *("InstallationFailed", "Installing", "Installed"),
)


def update_firmware(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """UpdateFirmware: goes through its stages and boots with the new version."""
    update = Update(
        location=payload["location"],
        retrieve_at=parse_time(payload["retrieveDate"]),
        tell=partial(_tell_plain, charge_point),
    )
    return Answer({}, lambda: charge_point.firmware.begin(update))


def _tell_plain(charge_point: VirtualChargePoint, stage: str) -> None:
    if stage in PLAIN_STAGES:
        charge_point.messages.tell("FirmwareStatusNotification", {"status": stage})


def signed_update_firmware(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """SignedUpdateFirmware; a running update is cancelled for it."""
    firmware, request_id = payload["firmware"], payload["requestId"]
    if not charge_point.certificates.is_readable(firmware["signingCertificate"]):
        charge_point.security_event("InvalidFirmwareSigningCertificate")
        return status("InvalidCertificate")
    update = Update(
        location=firmware["location"],
        retrieve_at=parse_time(firmware["retrieveDateTime"]),
        install_at=parse_optional_time(firmware.get("installDateTime")),
        request_id=request_id,
        signed=True,
        tell=lambda stage: charge_point.messages.tell(
            "SignedFirmwareStatusNotification", {"status": stage, "requestId": request_id}
        ),
    )
    return status(charge_point.firmware.verdict(), lambda: charge_point.firmware.begin(update))


def get_diagnostics(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetDiagnostics."""
    upload = Upload(
        location=payload["location"],
        name=f"{charge_point.identity}.log",
        retries=payload.get("retries", 0),
        retry_s=payload.get("retryInterval", 0),
        tell=lambda stage: tell_diagnostics(charge_point, stage),
    )
    return Answer({"fileName": upload.name}, lambda: charge_point.uploads.begin(upload))


def tell_diagnostics(charge_point: VirtualChargePoint, stage: str) -> None:
    """DiagnosticsStatusNotification, which has its own word for a failure."""
    text = "UploadFailed" if stage == "UploadFailure" else stage
    charge_point.messages.tell("DiagnosticsStatusNotification", {"status": text})


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


ACTIONS: dict[str, Action] = {
    "UpdateFirmware": update_firmware,
    "SignedUpdateFirmware": signed_update_firmware,
    "GetDiagnostics": get_diagnostics,
    "GetLog": get_log,
}
