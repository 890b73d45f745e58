"""OCPP 2.0.1: messages that the operator asks for (F06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..answers import Action, status
from ..evse import Evse
from ..outbox import Payload
from ..rpc import Answer
from .wire import evse_of

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def trigger_message(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """TriggerMessage."""
    asked = payload.get("evse")
    evse = evse_of(charge_point, asked["id"]) if asked else None
    if asked and (evse is None or not evse.has_connector(asked.get("connectorId", 1))):
        return status("Rejected")
    telling = _tellings(charge_point, [evse] if evse else list(charge_point.station.evses.values()))
    found = telling.get(payload["requestedMessage"])
    return status("Accepted", found) if found else status("NotImplemented")


def _tellings(charge_point: VirtualChargePoint, evses: list[Evse]) -> dict[str, Callable[[], object]]:
    messages = charge_point.messages
    return {
        "BootNotification": lambda: messages.tell("BootNotification", messages.boot("Triggered")),
        "Heartbeat": lambda: messages.tell("Heartbeat", {}),
        "StatusNotification": lambda: _tell_status(charge_point, evses),
        "MeterValues": lambda: _tell_meter_values(charge_point, evses),
        "TransactionEvent": lambda: _tell_transactions(charge_point, evses),
        "FirmwareStatusNotification": lambda: messages.tell(
            "FirmwareStatusNotification", charge_point.firmware.report()
        ),
        "LogStatusNotification": lambda: messages.tell("LogStatusNotification", charge_point.uploads.report()),
        "SignChargingStationCertificate": charge_point.certificates.request,
    }


def _tell_meter_values(charge_point: VirtualChargePoint, evses: list[Evse]) -> None:
    for evse in evses:
        charge_point.messages.meter_values(evse)


def _tell_transactions(charge_point: VirtualChargePoint, evses: list[Evse]) -> None:
    for session in [evse.session for evse in evses if evse.session]:
        charge_point.messages.changed(session, "Trigger")


def _tell_status(charge_point: VirtualChargePoint, evses: list[Evse]) -> None:
    messages = charge_point.messages
    for report in [report for evse in evses for report in messages.status_reports(evse)]:
        messages.tell("StatusNotification", report.payload)


ACTIONS: dict[str, Action] = {"TriggerMessage": trigger_message}
