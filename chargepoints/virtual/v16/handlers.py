"""What a charger of OCPP 1.6 does when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ..evse import Evse, Reservation, Token
from ..outbox import Payload
from ..profile_wire import format_time, parse_time, read_profile
from ..profiles import STATION_MAX
from ..rpc import Answer
from ..smart_charging import composite_periods, place, profile_refusal

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint
    from ..station import Station


def status(text: str, then: Callable[[], object] | None = None) -> Answer:
    """The usual answer."""
    return Answer({"status": text}, then)


class Handlers:
    """Incoming half of 1.6."""

    def __init__(self, charge_point: VirtualChargePoint) -> None:
        self.charge_point = charge_point

    @property
    def station(self) -> Station:
        """Asked each time: a charge point may get another one."""
        return self.charge_point.station

    def by_action(self) -> dict[str, Callable[[Payload], Answer]]:
        """All that this charger understands."""
        return {
            "RemoteStartTransaction": self.remote_start,
            "RemoteStopTransaction": self.remote_stop,
            "ReserveNow": self.reserve_now,
            "CancelReservation": self.cancel_reservation,
            "SetChargingProfile": self.set_charging_profile,
            "ClearChargingProfile": self.clear_charging_profile,
            "GetCompositeSchedule": self.get_composite_schedule,
            "TriggerMessage": self.trigger_message,
            "ExtendedTriggerMessage": self.trigger_message,
            "UnlockConnector": self.unlock_connector,
            "Reset": self.reset,
            "ChangeAvailability": self.change_availability,
            "GetConfiguration": self.get_configuration,
            "ChangeConfiguration": self.change_configuration,
            "DataTransfer": self.data_transfer,
            "ClearCache": self.clear_cache,
            "GetLocalListVersion": self.get_local_list_version,
            "SendLocalList": self.send_local_list,
            "UpdateFirmware": self.update_firmware,
            "GetDiagnostics": self.get_diagnostics,
        }

    def remote_start(self, payload: Payload) -> Answer:
        """RemoteStartTransaction: the answer first, the start after it."""
        profile = read_profile(payload["chargingProfile"]) if "chargingProfile" in payload else None
        if profile and profile_refusal(self.charge_point, profile):
            return status("Rejected")
        start = self.charge_point.remote_start(
            evse_number=payload.get("connectorId"), token=Token(payload["idTag"]), profile=profile
        )
        return status("Accepted", start) if start else status("Rejected")

    def remote_stop(self, payload: Payload) -> Answer:
        """RemoteStopTransaction."""
        session = self.station.session_by_id(str(payload["transactionId"]))
        if session is None:
            return status("Rejected")
        return status("Accepted", lambda: self.station.end(session, "Remote"))

    def reserve_now(self, payload: Payload) -> Answer:
        """ReserveNow; connector 0 is not supported, as with most chargers."""
        evse = self._evse(payload["connectorId"])
        if evse is None:
            return status("Rejected")
        reservation = Reservation(
            reservation_id=payload["reservationId"],
            token=Token(payload["idTag"]),
            expires_at=parse_time(payload["expiryDate"]),
            group=payload.get("parentIdTag"),
        )
        return status(self.station.reserve(evse, reservation))

    def cancel_reservation(self, payload: Payload) -> Answer:
        """CancelReservation."""
        found = self.station.cancel_reservation(payload["reservationId"])
        return status("Accepted" if found else "Rejected")

    def set_charging_profile(self, payload: Payload) -> Answer:
        """SetChargingProfile."""
        refusal = place(self.charge_point, payload["connectorId"], read_profile(payload["csChargingProfiles"]))
        return status("Rejected" if refusal else "Accepted")

    def clear_charging_profile(self, payload: Payload) -> Answer:
        """ClearChargingProfile."""
        purpose = payload.get("chargingProfilePurpose")
        cleared = self.station.profiles.clear(
            profile_id=payload.get("id"),
            evse_number=payload.get("connectorId"),
            purpose=STATION_MAX if purpose == "ChargePointMaxProfile" else purpose,
            stack_level=payload.get("stackLevel"),
        )
        return status("Accepted" if cleared else "Unknown", self.station.refresh)

    def get_composite_schedule(self, payload: Payload) -> Answer:
        """GetCompositeSchedule, in watts unless amperes are asked for."""
        connector_id, duration_s = payload["connectorId"], payload["duration"]
        unit = payload.get("chargingRateUnit", "W")
        periods = composite_periods(self.charge_point, connector_id, duration_s, unit)
        if periods is None:
            return status("Rejected")
        start = format_time(self.station.now)
        schedule = {
            "startSchedule": start,
            "duration": duration_s,
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": periods,
        }
        return Answer(
            {
                "status": "Accepted",
                "connectorId": connector_id,
                "scheduleStart": start,
                "chargingSchedule": schedule,
            }
        )

    def trigger_message(self, payload: Payload) -> Answer:
        """TriggerMessage and ExtendedTriggerMessage."""
        evse = self._evse(payload.get("connectorId"))
        if "connectorId" in payload and evse is None and payload["connectorId"] != 0:
            return status("Rejected")
        triggered = self._triggered(evse).get(payload["requestedMessage"])
        return status("Accepted", triggered) if triggered else status("NotImplemented")

    def _triggered(self, evse: Evse | None) -> dict[str, Callable[[], object]]:
        messages = self.charge_point.messages
        evses = [evse] if evse else list(self.station.evses.values())
        return {
            "BootNotification": lambda: messages.tell("BootNotification", messages.boot("Triggered")),
            "Heartbeat": lambda: messages.tell("Heartbeat", {}),
            "StatusNotification": lambda: self._tell_status(evse),
            "MeterValues": lambda: self._tell_meter_values(evses),
            "FirmwareStatusNotification": lambda: messages.tell("FirmwareStatusNotification", {"status": "Idle"}),
            "DiagnosticsStatusNotification": lambda: messages.tell("DiagnosticsStatusNotification", {"status": "Idle"}),
        }

    def _tell_meter_values(self, evses: list[Evse]) -> None:
        for evse in evses:
            self.charge_point.messages.meter_values(evse)

    def _tell_status(self, evse: Evse | None) -> None:
        messages = self.charge_point.messages
        for report in messages.status_reports(evse) if evse else messages.every_status():
            messages.tell("StatusNotification", report.payload)

    def unlock_connector(self, payload: Payload) -> Answer:
        """UnlockConnector; a running transaction ends first (1.6 section 5.18)."""
        evse = self._evse(payload["connectorId"])
        if evse is None:
            return status("NotSupported")
        session = evse.session
        return status("Unlocked", (lambda: self.station.end(session, "UnlockCommand")) if session else None)

    def reset(self, payload: Payload) -> Answer:
        """Reset, hard or soft."""
        return status("Accepted", lambda: self.charge_point.spawn(self._reset(payload["type"])))

    async def _reset(self, kind: str) -> None:
        await self.charge_point.reboot(boot_reason="RemoteReset", end_reason=f"{kind}Reset")

    def change_availability(self, payload: Payload) -> Answer:
        """ChangeAvailability of one connector, or (0) of all."""
        connector_id = payload["connectorId"]
        evses = list(self.station.evses.values()) if connector_id == 0 else [self._evse(connector_id)]
        if None in evses:
            return status("Rejected")
        operative = payload["type"] == "Operative"
        at_once = [self.station.set_operative(evse, operative) for evse in evses if evse]
        return status("Accepted" if all(at_once) else "Scheduled")

    def get_configuration(self, payload: Payload) -> Answer:
        """GetConfiguration: the keys asked for, or all."""
        variables = self.charge_point.variables
        asked = payload.get("key") or [variable.v16 for variable in variables if variable.v16]
        found = {key: variables.by_key(key) for key in asked}
        known = [
            {"key": variable.v16, "readonly": not variable.writable, "value": variable.value}
            for variable in found.values()
            if variable and variable.readable
        ]
        return Answer({"configurationKey": known, "unknownKey": [key for key, v in found.items() if v is None]})

    def change_configuration(self, payload: Payload) -> Answer:
        """ChangeConfiguration."""
        variable = self.charge_point.variables.by_key(payload["key"])
        if variable is None:
            return status("NotSupported")
        if not variable.writable or not variable.accepts(payload["value"]):
            return status("Rejected")
        variable.value = payload["value"]
        return status("Accepted", self.charge_point.apply_variables)

    def data_transfer(self, payload: Payload) -> Answer:
        """DataTransfer of the vendors in `charge_point.data_transfers`."""
        transfer = self.charge_point.data_transfers.get(payload["vendorId"])
        if transfer is None:
            return status("UnknownVendorId")
        text, data = transfer(payload.get("messageId"), payload.get("data"))
        return Answer({"status": text} if data is None else {"status": text, "data": data})

    def clear_cache(self, payload: Payload) -> Answer:
        """ClearCache."""
        self.charge_point.tokens.forget()
        return status("Accepted")

    def get_local_list_version(self, payload: Payload) -> Answer:
        """GetLocalListVersion."""
        return Answer({"listVersion": self.charge_point.tokens.version})

    def send_local_list(self, payload: Payload) -> Answer:
        """SendLocalList, full or differential."""
        tokens = self.charge_point.tokens
        differential = payload["updateType"] == "Differential"
        if differential and payload["listVersion"] <= tokens.version:
            return status("VersionMismatch")
        if not differential:
            tokens.replace_list()
        for entry in payload.get("localAuthorizationList", []):
            info = entry.get("idTagInfo")
            tokens.list_token(entry["idTag"], info["status"] if info else None, (info or {}).get("parentIdTag"))
        tokens.version = payload["listVersion"]
        return status("Accepted")

    def update_firmware(self, payload: Payload) -> Answer:
        """UpdateFirmware: goes through the four stages at once and boots with the new version."""
        version = PurePosixPath(payload["location"]).stem
        return Answer({}, lambda: self._install(version))

    def _install(self, version: str) -> None:
        for stage in ("Downloading", "Downloaded", "Installing", "Installed"):
            self.charge_point.messages.tell("FirmwareStatusNotification", {"status": stage})
        self.charge_point.firmware_version = version
        self.charge_point.spawn(self.charge_point.reboot(boot_reason="FirmwareUpdate"))

    def get_diagnostics(self, payload: Payload) -> Answer:
        """GetDiagnostics: tells of an upload that nobody receives."""
        return Answer({"fileName": f"{self.charge_point.identity}.log"}, self._upload)

    def _upload(self) -> None:
        for stage in ("Uploading", "Uploaded"):
            self.charge_point.messages.tell("DiagnosticsStatusNotification", {"status": stage})

    def _evse(self, number: int | None) -> Evse | None:
        return self.station.evses.get(number) if number else None
