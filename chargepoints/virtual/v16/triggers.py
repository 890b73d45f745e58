"""OCPP 1.6: messages that the operator asks for, of the remote trigger profile and of the security extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..answers import Action, status
from ..evse import Evse
from ..outbox import Payload
from ..rpc import Answer
from .maintenance import tell_diagnostics

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint

Telling = Callable[[], object]


def trigger_message(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """TriggerMessage."""
    return _trigger(charge_point, payload, _tellings)


def extended_trigger_message(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ExtendedTriggerMessage."""
    return _trigger(charge_point, payload, _extended_tellings)


def _trigger(
    charge_point: VirtualChargePoint,
    payload: Payload,
    tellings: Callable[[VirtualChargePoint, Evse | None], dict[str, Telling]],
) -> Answer:
    evse = charge_point.station.evses.get(payload.get("connectorId", 0))
    if payload.get("connectorId", 0) != 0 and evse is None:
        return status("Rejected")
    telling = tellings(charge_point, evse).get(payload["requestedMessage"])
    return status("Accepted", telling) if telling else status("NotImplemented")


def _tellings(charge_point: VirtualChargePoint, evse: Evse | None) -> dict[str, Telling]:
    messages = charge_point.messages
    return {
        "BootNotification": lambda: messages.tell("BootNotification", messages.boot("Triggered")),
        "Heartbeat": lambda: messages.tell("Heartbeat", {}),
        "StatusNotification": lambda: _tell_status(charge_point, evse),
        "MeterValues": lambda: _tell_meter_values(charge_point, evse),
        "FirmwareStatusNotification": lambda: _tell_firmware(charge_point, "FirmwareStatusNotification"),
        "DiagnosticsStatusNotification": lambda: tell_diagnostics(charge_point, charge_point.uploads.status),
    }


def _extended_tellings(charge_point: VirtualChargePoint, evse: Evse | None) -> dict[str, Telling]:
    return {
        **_tellings(charge_point, evse),
        "FirmwareStatusNotification": lambda: _tell_firmware(charge_point, "SignedFirmwareStatusNotification"),
        "LogStatusNotification": lambda: charge_point.messages.tell(
            "LogStatusNotification", charge_point.uploads.report()
        ),
        "SignChargePointCertificate": charge_point.certificates.request,
    }


def _tell_firmware(charge_point: VirtualChargePoint, action: str) -> None:
    signed = action.startswith("Signed")
    report = charge_point.firmware.report()
    charge_point.messages.tell(action, report if signed else {"status": report["status"]})


def _tell_meter_values(charge_point: VirtualChargePoint, evse: Evse | None) -> None:
    for one in [evse] if evse else charge_point.station.evses.values():
        charge_point.messages.meter_values(one)


def _tell_status(charge_point: VirtualChargePoint, evse: Evse | None) -> None:
    messages = charge_point.messages
    for report in messages.status_reports(evse) if evse else messages.every_status():
        messages.tell("StatusNotification", report.payload)


ACTIONS: dict[str, Action] = {
    "TriggerMessage": trigger_message,
    "ExtendedTriggerMessage": extended_trigger_message,
}
