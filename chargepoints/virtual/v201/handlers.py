"""What a charging station of OCPP 2.0.1 does when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ..evse import Evse, Reservation, Token
from ..outbox import Payload
from ..profile_wire import format_time, parse_time, read_profile, write_profile_v201
from ..profiles import Profile
from ..rpc import Answer
from ..smart_charging import composite_periods, place, profile_refusal
from ..variables import Variable

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint
    from ..station import Station


def status(text: str, then: Callable[[], object] | None = None) -> Answer:
    """The usual answer."""
    return Answer({"status": text}, then)


class Handlers:
    """Incoming half of 2.0.1."""

    def __init__(self, charge_point: VirtualChargePoint) -> None:
        self.charge_point = charge_point

    @property
    def station(self) -> Station:
        """Asked each time: a charge point may get another one."""
        return self.charge_point.station

    def by_action(self) -> dict[str, Callable[[Payload], Answer]]:
        """All that this station understands."""
        return {
            "RequestStartTransaction": self.request_start,
            "RequestStopTransaction": self.request_stop,
            "GetTransactionStatus": self.get_transaction_status,
            "ReserveNow": self.reserve_now,
            "CancelReservation": self.cancel_reservation,
            "SetChargingProfile": self.set_charging_profile,
            "ClearChargingProfile": self.clear_charging_profile,
            "GetChargingProfiles": self.get_charging_profiles,
            "GetCompositeSchedule": self.get_composite_schedule,
            "TriggerMessage": self.trigger_message,
            "UnlockConnector": self.unlock_connector,
            "Reset": self.reset,
            "ChangeAvailability": self.change_availability,
            "GetVariables": self.get_variables,
            "SetVariables": self.set_variables,
            "GetBaseReport": self.get_base_report,
            "DataTransfer": self.data_transfer,
            "ClearCache": self.clear_cache,
            "GetLocalListVersion": self.get_local_list_version,
            "SendLocalList": self.send_local_list,
            "UpdateFirmware": self.update_firmware,
            "GetLog": self.get_log,
        }

    def request_start(self, payload: Payload) -> Answer:
        """RequestStartTransaction: the answer first, the start after it."""
        profile = read_profile(payload["chargingProfile"]) if "chargingProfile" in payload else None
        if profile and profile_refusal(self.charge_point, profile):
            return status("Rejected")
        start = self.charge_point.remote_start(
            evse_number=payload.get("evseId"),
            token=_token(payload["idToken"]),
            profile=profile,
            remote_start_id=payload["remoteStartId"],
        )
        return status("Accepted", start) if start else status("Rejected")

    def request_stop(self, payload: Payload) -> Answer:
        """RequestStopTransaction."""
        session = self.station.session_by_id(payload["transactionId"])
        if session is None:
            return status("Rejected")
        return status("Accepted", lambda: self.station.end(session, "Remote"))

    def get_transaction_status(self, payload: Payload) -> Answer:
        """GetTransactionStatus: whether it runs, and whether anything of it still waits to be sent."""
        transaction_id = payload.get("transactionId")
        queued = [e.payload for e in self.charge_point.link.outbox if e.action == "TransactionEvent"]
        if transaction_id is None:
            return Answer({"messagesInQueue": bool(queued)})
        waiting = any(event["transactionInfo"]["transactionId"] == transaction_id for event in queued)
        running = self.station.session_by_id(transaction_id) is not None
        return Answer({"ongoingIndicator": running, "messagesInQueue": waiting})

    def reserve_now(self, payload: Payload) -> Answer:
        """ReserveNow; without an EVSE the first one that is free is kept."""
        evse = self._evse(payload["evseId"]) if "evseId" in payload else self._free_evse()
        if evse is None:
            return status("Rejected" if "evseId" in payload else "Occupied")
        group = payload.get("groupIdToken")
        reservation = Reservation(
            reservation_id=payload["id"],
            token=_token(payload["idToken"]),
            expires_at=parse_time(payload["expiryDateTime"]),
            group=group["idToken"] if group else None,
        )
        return status(self.station.reserve(evse, reservation))

    def _free_evse(self) -> Evse | None:
        return next((evse for evse in self.station.evses.values() if evse.status == "Available"), None)

    def cancel_reservation(self, payload: Payload) -> Answer:
        """CancelReservation."""
        found = self.station.cancel_reservation(payload["reservationId"])
        return status("Accepted" if found else "Rejected")

    def set_charging_profile(self, payload: Payload) -> Answer:
        """SetChargingProfile."""
        refusal = place(self.charge_point, payload["evseId"], read_profile(payload["chargingProfile"]))
        return status("Rejected" if refusal else "Accepted")

    def clear_charging_profile(self, payload: Payload) -> Answer:
        """ClearChargingProfile."""
        criteria = payload.get("chargingProfileCriteria", {})
        cleared = self.station.profiles.clear(
            profile_id=payload.get("chargingProfileId"),
            evse_number=criteria.get("evseId"),
            purpose=criteria.get("chargingProfilePurpose"),
            stack_level=criteria.get("stackLevel"),
        )
        return status("Accepted" if cleared else "Unknown", self.station.refresh)

    def get_charging_profiles(self, payload: Payload) -> Answer:
        """GetChargingProfiles, followed by one ReportChargingProfiles for each EVSE."""
        criteria = payload["chargingProfile"]
        found = self.station.profiles.matching(
            evse_number=payload.get("evseId"),
            purpose=criteria.get("chargingProfilePurpose"),
            stack_level=criteria.get("stackLevel"),
        )
        ids = criteria.get("chargingProfileId")
        found = [profile for profile in found if ids is None or profile.profile_id in ids]
        if not found:
            return status("NoProfiles")
        return status("Accepted", lambda: self._report_profiles(payload["requestId"], found))

    def _report_profiles(self, request_id: int, profiles: list[Profile]) -> None:
        numbers = sorted({profile.evse_number for profile in profiles})
        for number in numbers:
            report = {
                "requestId": request_id,
                "chargingLimitSource": "CSO",
                "evseId": number,
                "tbc": number != numbers[-1],
                "chargingProfile": [write_profile_v201(p) for p in profiles if p.evse_number == number],
            }
            self.charge_point.messages.tell("ReportChargingProfiles", report)

    def get_composite_schedule(self, payload: Payload) -> Answer:
        """GetCompositeSchedule, in watts unless amperes are asked for."""
        evse_number, duration_s = payload["evseId"], payload["duration"]
        unit = payload.get("chargingRateUnit", "W")
        periods = composite_periods(self.charge_point, evse_number, duration_s, unit)
        if periods is None:
            return status("Rejected")
        schedule = {
            "evseId": evse_number,
            "duration": duration_s,
            "scheduleStart": format_time(self.station.now),
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": periods,
        }
        return Answer({"status": "Accepted", "schedule": schedule})

    def trigger_message(self, payload: Payload) -> Answer:
        """TriggerMessage."""
        evse = self._evse(payload.get("evse", {}).get("id"))
        if "evse" in payload and evse is None:
            return status("Rejected")
        triggered = self._triggered(evse).get(payload["requestedMessage"])
        return status("Accepted", triggered) if triggered else status("NotImplemented")

    def _triggered(self, evse: Evse | None) -> dict[str, Callable[[], object]]:
        messages = self.charge_point.messages
        evses = [evse] if evse else list(self.station.evses.values())
        return {
            "BootNotification": lambda: messages.tell("BootNotification", messages.boot("Triggered")),
            "Heartbeat": lambda: messages.tell("Heartbeat", {}),
            "StatusNotification": lambda: self._tell_status(evses),
            "MeterValues": lambda: self._tell_meter_values(evses),
            "TransactionEvent": lambda: self._tell_transactions(evses),
            "FirmwareStatusNotification": lambda: messages.tell("FirmwareStatusNotification", {"status": "Idle"}),
            "LogStatusNotification": lambda: messages.tell("LogStatusNotification", {"status": "Idle"}),
        }

    def _tell_meter_values(self, evses: list[Evse]) -> None:
        for evse in evses:
            self.charge_point.messages.meter_values(evse)

    def _tell_transactions(self, evses: list[Evse]) -> None:
        for session in [evse.session for evse in evses if evse.session]:
            self.charge_point.messages.changed(session, "Trigger")

    def _tell_status(self, evses: list[Evse]) -> None:
        messages = self.charge_point.messages
        for report in [report for evse in evses for report in messages.status_reports(evse)]:
            messages.tell("StatusNotification", report.payload)

    def unlock_connector(self, payload: Payload) -> Answer:
        """UnlockConnector; refused while an authorised transaction runs (F05)."""
        evse = self._evse(payload["evseId"])
        if evse is None or not 1 <= payload["connectorId"] <= len(evse.spec.connectors):
            return status("UnknownConnector")
        return status("OngoingAuthorizedTransaction" if evse.session else "Unlocked")

    def reset(self, payload: Payload) -> Answer:
        """Reset, at once or when no transaction runs."""
        if payload["type"] == "OnIdle" and self.station.sessions():
            return status("Scheduled", lambda: self.charge_point.spawn(self._reset_when_idle()))
        return status("Accepted", lambda: self.charge_point.spawn(self._reset_now()))

    async def _reset_now(self) -> None:
        await self.charge_point.reboot(boot_reason="RemoteReset", end_reason="ImmediateReset")

    async def _reset_when_idle(self) -> None:
        await self.charge_point.wait_for(lambda cp: not cp.station.sessions(), timeout=None)
        await self.charge_point.reboot(boot_reason="ScheduledReset")

    def change_availability(self, payload: Payload) -> Answer:
        """ChangeAvailability of one EVSE, or of all."""
        asked = payload.get("evse")
        evses = [self._evse(asked["id"])] if asked else list(self.station.evses.values())
        if None in evses:
            return status("Rejected")
        operative = payload["operationalStatus"] == "Operative"
        at_once = [self.station.set_operative(evse, operative) for evse in evses if evse]
        return status("Accepted" if all(at_once) else "Scheduled")

    def get_variables(self, payload: Payload) -> Answer:
        """GetVariables."""
        return Answer({"getVariableResult": [self._get(asked) for asked in payload["getVariableData"]]})

    def _get(self, asked: Payload) -> Payload:
        result = _same_place(asked)
        variable = self._variable(asked)
        if variable is None:
            return {**result, "attributeStatus": self._unknown(asked)}
        if not variable.readable:
            return {**result, "attributeStatus": "Rejected"}
        return {**result, "attributeStatus": "Accepted", "attributeValue": variable.value}

    def set_variables(self, payload: Payload) -> Answer:
        """SetVariables."""
        results = [self._set(asked) for asked in payload["setVariableData"]]
        return Answer({"setVariableResult": results}, self.charge_point.apply_variables)

    def _set(self, asked: Payload) -> Payload:
        result = _same_place(asked)
        variable = self._variable(asked)
        if variable is None:
            return {**result, "attributeStatus": self._unknown(asked)}
        if not variable.writable or not variable.accepts(asked["attributeValue"]):
            return {**result, "attributeStatus": "Rejected"}
        variable.value = asked["attributeValue"]
        return {**result, "attributeStatus": "Accepted"}

    def _variable(self, asked: Payload) -> Variable | None:
        return self.charge_point.variables.by_component(asked["component"]["name"], asked["variable"]["name"])

    def _unknown(self, asked: Payload) -> str:
        known = self.charge_point.variables.has_component(asked["component"]["name"])
        return "UnknownVariable" if known else "UnknownComponent"

    def get_base_report(self, payload: Payload) -> Answer:
        """GetBaseReport, followed by one NotifyReport with all variables."""
        return status("Accepted", lambda: self._report_variables(payload["requestId"]))

    def _report_variables(self, request_id: int) -> None:
        data = [_report(variable) for variable in self.charge_point.variables if variable.v201]
        report = {
            "requestId": request_id,
            "generatedAt": format_time(self.station.now),
            "seqNo": 0,
            "tbc": False,
            "reportData": data,
        }
        self.charge_point.messages.tell("NotifyReport", report)

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
        return Answer({"versionNumber": self.charge_point.tokens.version})

    def send_local_list(self, payload: Payload) -> Answer:
        """SendLocalList, full or differential."""
        tokens = self.charge_point.tokens
        differential = payload["updateType"] == "Differential"
        if differential and payload["versionNumber"] <= tokens.version:
            return status("VersionMismatch")
        if not differential:
            tokens.replace_list()
        for entry in payload.get("localAuthorizationList", []):
            info = entry.get("idTokenInfo")
            group = (info or {}).get("groupIdToken", {}).get("idToken")
            tokens.list_token(entry["idToken"]["idToken"], info["status"] if info else None, group)
        tokens.version = payload["versionNumber"]
        return status("Accepted")

    def update_firmware(self, payload: Payload) -> Answer:
        """UpdateFirmware: goes through the four stages at once and boots with the new version."""
        version = PurePosixPath(payload["firmware"]["location"]).stem
        return status("Accepted", lambda: self._install(version, payload["requestId"]))

    def _install(self, version: str, request_id: int) -> None:
        for stage in ("Downloading", "Downloaded", "Installing", "Installed"):
            self.charge_point.messages.tell("FirmwareStatusNotification", {"status": stage, "requestId": request_id})
        self.charge_point.firmware_version = version
        self.charge_point.spawn(self.charge_point.reboot(boot_reason="FirmwareUpdate"))

    def get_log(self, payload: Payload) -> Answer:
        """GetLog: tells of an upload that nobody receives."""
        answer = {"status": "Accepted", "filename": f"{self.charge_point.identity}.log"}
        return Answer(answer, lambda: self._upload(payload["requestId"]))

    def _upload(self, request_id: int) -> None:
        for stage in ("Uploading", "Uploaded"):
            self.charge_point.messages.tell("LogStatusNotification", {"status": stage, "requestId": request_id})

    def _evse(self, number: int | None) -> Evse | None:
        return self.station.evses.get(number) if number else None


def _token(wire: Payload) -> Token:
    return Token(wire["idToken"], wire["type"])


def _same_place(asked: Payload) -> dict[str, Any]:
    kept = {name: asked[name] for name in ("component", "variable")}
    return {**kept, "attributeType": asked.get("attributeType", "Actual")}


def _report(variable: Variable) -> Payload:
    component, name = variable.v201 or ("", "")
    access = "ReadOnly" if not variable.writable else "ReadWrite" if variable.readable else "WriteOnly"
    attribute = {"type": "Actual", "mutability": access}
    if variable.readable:
        attribute["value"] = variable.value
    return {
        "component": {"name": component},
        "variable": {"name": name},
        "variableAttribute": [attribute],
        "variableCharacteristics": {"dataType": "string", "supportsMonitoring": False},
    }
