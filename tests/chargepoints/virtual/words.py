"""The same wishes and facts in the words of either version, so that one test speaks both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chargepoints.virtual import VirtualChargePoint

from .central import Central, Payload

Periods = list[tuple[int, float]]


def _schedule(periods: Periods, unit: str, start: str | None) -> Payload:
    listed = [{"startPeriod": start_s, "limit": limit} for start_s, limit in periods]
    schedule: Payload = {"chargingRateUnit": unit, "chargingSchedulePeriod": listed}
    return {**schedule, "startSchedule": start} if start else schedule


@dataclass(frozen=True)
class Begin:
    """The start of a transaction as the server hears it."""

    token: str
    meter_wh: float | None
    reservation_id: int | None


@dataclass(frozen=True)
class End:
    """Its end."""

    transaction_id: str
    meter_wh: float
    reason: str


class Words16:
    version = "1.6"
    set_profile_action = "SetChargingProfile"
    start_action = "RemoteStartTransaction"

    def __init__(self, central: Central) -> None:
        self.central = central

    def _profile(self, purpose: str, periods: Periods, unit: str, start: str | None, **more: Any) -> Payload:
        return {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "ChargePointMaxProfile" if purpose == "ChargingStationMaxProfile" else purpose,
            "chargingProfileKind": "Absolute" if start else "Relative",
            "chargingSchedule": _schedule(periods, unit, start),
            **more,
        }

    async def set_profile(
        self, evse: int, purpose: str, periods: Periods, *, unit: str = "W", start: str | None = None, **more: Any
    ) -> str:
        if "transactionId" in more:
            more["transactionId"] = int(more["transactionId"])
        if "id" in more:
            more["chargingProfileId"] = more.pop("id")
        profile = self._profile(purpose, periods, unit, start, **more)
        answer = await self.central.call("SetChargingProfile", {"connectorId": evse, "csChargingProfiles": profile})
        return answer["status"]

    async def clear_profile(self, profile_id: int) -> str:
        return (await self.central.call("ClearChargingProfile", {"id": profile_id}))["status"]

    async def composite(self, evse: int, duration_s: int, unit: str = "W") -> list[tuple[int, float]] | str:
        asked = {"connectorId": evse, "duration": duration_s, "chargingRateUnit": unit}
        answer = await self.central.call("GetCompositeSchedule", asked)
        return _periods(answer["chargingSchedule"]) if answer["status"] == "Accepted" else answer["status"]

    async def remote_start(self, evse: int | None, token: str, limit_w: float | None = None) -> str:
        payload: Payload = {"idTag": token}
        if evse is not None:
            payload["connectorId"] = evse
        if limit_w is not None:
            payload["chargingProfile"] = self._profile("TxProfile", [(0, limit_w)], "W", None)
        return (await self.central.call("RemoteStartTransaction", payload))["status"]

    async def remote_stop(self, transaction_id: str) -> str:
        return (await self.central.call("RemoteStopTransaction", {"transactionId": int(transaction_id)}))["status"]

    async def reserve(self, evse: int, token: str, until: str, reservation_id: int = 7) -> str:
        payload = {"connectorId": evse, "idTag": token, "expiryDate": until, "reservationId": reservation_id}
        return (await self.central.call("ReserveNow", payload))["status"]

    async def change_availability(self, evse: int, operative: bool) -> str:
        payload = {"connectorId": evse, "type": "Operative" if operative else "Inoperative"}
        return (await self.central.call("ChangeAvailability", payload))["status"]

    async def trigger(self, message: str, evse: int = 1) -> str:
        return (await self.central.call("TriggerMessage", {"requestedMessage": message, "connectorId": evse}))["status"]

    async def unlock(self, evse: int) -> str:
        return (await self.central.call("UnlockConnector", {"connectorId": evse}))["status"]

    async def reset(self) -> str:
        return (await self.central.call("Reset", {"type": "Hard"}))["status"]

    async def set_meter_interval(self, interval_s: int) -> str:
        payload = {"key": "MeterValueSampleInterval", "value": str(interval_s)}
        return (await self.central.call("ChangeConfiguration", payload))["status"]

    async def meter_interval(self) -> str:
        answer = await self.central.call("GetConfiguration", {"key": ["MeterValueSampleInterval"]})
        return answer["configurationKey"][0]["value"]

    async def set_password(self, password: str) -> str:
        payload = {"key": "AuthorizationKey", "value": password}
        return (await self.central.call("ChangeConfiguration", payload))["status"]

    async def send_list(self, version: int, tokens: dict[str, str]) -> str:
        entries = [{"idTag": token, "idTagInfo": {"status": status}} for token, status in tokens.items()]
        payload = {"listVersion": version, "updateType": "Full", "localAuthorizationList": entries}
        return (await self.central.call("SendLocalList", payload))["status"]

    async def list_version(self) -> int:
        return (await self.central.call("GetLocalListVersion", {}))["listVersion"]

    def refuse_tokens(self, status: str = "Invalid") -> None:
        self.central.answers["Authorize"] = {"idTagInfo": {"status": status}}

    def refuse_started(self) -> None:
        refused = {"transactionId": 99, "idTagInfo": {"status": "Blocked"}}
        self.central.answers["StartTransaction"] = refused

    def put_in_group(self, group: str) -> None:
        info = {"idTagInfo": {"status": "Accepted", "parentIdTag": group}}
        self.central.answers["Authorize"] = info

    def begins(self) -> list[Begin]:
        return [
            Begin(p["idTag"], p["meterStart"], p.get("reservationId"))
            for p in self.central.payloads("StartTransaction")
        ]

    def ends(self) -> list[End]:
        return [
            End(str(p["transactionId"]), p["meterStop"], p["reason"]) for p in self.central.payloads("StopTransaction")
        ]

    def values(self, measurand: str) -> list[float]:
        """The values of the periodic samples of running transactions."""
        found = [p for p in self.central.payloads("MeterValues") if "transactionId" in p]
        return [
            float(sample["value"])
            for payload in found
            for sample in payload["meterValue"][0]["sampledValue"]
            if sample["measurand"] == measurand and sample["context"] == "Sample.Periodic"
        ]

    def statuses(self, evse: int = 1) -> list[str]:
        return [p["status"] for p in self.central.payloads("StatusNotification") if p["connectorId"] == evse]

    async def silence(self, charge_point: VirtualChargePoint) -> None:
        self.central.answers["StartTransaction"] = None

    durable_actions = ("StartTransaction", "MeterValues", "StopTransaction")


class Words201:
    version = "2.0.1"
    start_action = "RequestStartTransaction"
    durable_actions = ("TransactionEvent",)

    def __init__(self, central: Central) -> None:
        self.central = central

    def _profile(self, purpose: str, periods: Periods, unit: str, start: str | None, **more: Any) -> Payload:
        return {
            "id": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute" if start else "Relative",
            "chargingSchedule": [{"id": 1, **_schedule(periods, unit, start)}],
            **more,
        }

    async def set_profile(
        self, evse: int, purpose: str, periods: Periods, *, unit: str = "W", start: str | None = None, **more: Any
    ) -> str:
        profile = self._profile(purpose, periods, unit, start, **more)
        return (await self.central.call("SetChargingProfile", {"evseId": evse, "chargingProfile": profile}))["status"]

    async def clear_profile(self, profile_id: int) -> str:
        return (await self.central.call("ClearChargingProfile", {"chargingProfileId": profile_id}))["status"]

    async def composite(self, evse: int, duration_s: int, unit: str = "W") -> list[tuple[int, float]] | str:
        asked = {"evseId": evse, "duration": duration_s, "chargingRateUnit": unit}
        answer = await self.central.call("GetCompositeSchedule", asked)
        return _periods(answer["schedule"]) if answer["status"] == "Accepted" else answer["status"]

    async def remote_start(self, evse: int | None, token: str, limit_w: float | None = None) -> str:
        payload: Payload = {"idToken": {"idToken": token, "type": "Central"}, "remoteStartId": 5}
        if evse is not None:
            payload["evseId"] = evse
        if limit_w is not None:
            payload["chargingProfile"] = self._profile("TxProfile", [(0, limit_w)], "W", None)
        return (await self.central.call("RequestStartTransaction", payload))["status"]

    async def remote_stop(self, transaction_id: str) -> str:
        return (await self.central.call("RequestStopTransaction", {"transactionId": transaction_id}))["status"]

    async def reserve(self, evse: int, token: str, until: str, reservation_id: int = 7) -> str:
        holder = {"idToken": token, "type": "ISO14443"}
        payload = {"evseId": evse, "idToken": holder, "expiryDateTime": until, "id": reservation_id}
        return (await self.central.call("ReserveNow", payload))["status"]

    async def change_availability(self, evse: int, operative: bool) -> str:
        payload: Payload = {"operationalStatus": "Operative" if operative else "Inoperative"}
        if evse:
            payload["evse"] = {"id": evse}
        return (await self.central.call("ChangeAvailability", payload))["status"]

    async def trigger(self, message: str, evse: int = 1) -> str:
        payload: Payload = {"requestedMessage": message, "evse": {"id": evse}}
        return (await self.central.call("TriggerMessage", payload))["status"]

    async def unlock(self, evse: int) -> str:
        return (await self.central.call("UnlockConnector", {"evseId": evse, "connectorId": 1}))["status"]

    async def reset(self) -> str:
        return (await self.central.call("Reset", {"type": "Immediate"}))["status"]

    async def set_meter_interval(self, interval_s: int) -> str:
        return await self._set("SampledDataCtrlr", "TxUpdatedInterval", str(interval_s))

    async def _set(self, component: str, variable: str, value: str) -> str:
        asked = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
        answer = await self.central.call("SetVariables", {"setVariableData": [asked]})
        return answer["setVariableResult"][0]["attributeStatus"]

    async def meter_interval(self) -> str:
        asked = {"component": {"name": "SampledDataCtrlr"}, "variable": {"name": "TxUpdatedInterval"}}
        answer = await self.central.call("GetVariables", {"getVariableData": [asked]})
        return answer["getVariableResult"][0]["attributeValue"]

    async def set_password(self, password: str) -> str:
        return await self._set("SecurityCtrlr", "BasicAuthPassword", password)

    async def send_list(self, version: int, tokens: dict[str, str]) -> str:
        entries = [
            {"idToken": {"idToken": token, "type": "ISO14443"}, "idTokenInfo": {"status": status}}
            for token, status in tokens.items()
        ]
        payload = {"versionNumber": version, "updateType": "Full", "localAuthorizationList": entries}
        return (await self.central.call("SendLocalList", payload))["status"]

    async def list_version(self) -> int:
        return (await self.central.call("GetLocalListVersion", {}))["versionNumber"]

    def refuse_tokens(self, status: str = "Invalid") -> None:
        self.central.answers["Authorize"] = {"idTokenInfo": {"status": status}}

    def refuse_started(self) -> None:
        self.central.answers["TransactionEvent"] = lambda event: (
            {"idTokenInfo": {"status": "Blocked"}} if event["eventType"] == "Started" else {}
        )

    def put_in_group(self, group: str) -> None:
        info = {"status": "Accepted", "groupIdToken": {"idToken": group, "type": "Central"}}
        self.central.answers["Authorize"] = {"idTokenInfo": info}

    def _events(self, event_type: str) -> list[Payload]:
        return [event for event in self.central.payloads("TransactionEvent") if event["eventType"] == event_type]

    def begins(self) -> list[Begin]:
        return [Begin(e["idToken"]["idToken"], _register(e), e.get("reservationId")) for e in self._events("Started")]

    def ends(self) -> list[End]:
        found = [(e, e["transactionInfo"]) for e in self._events("Ended")]
        return [End(info["transactionId"], _register(e), info["stoppedReason"]) for e, info in found]

    def values(self, measurand: str) -> list[float]:
        """The values of the periodic samples of running transactions."""
        return [
            sample["value"]
            for event in self._events("Updated")
            for sample in event["meterValue"][0]["sampledValue"]
            if sample["measurand"] == measurand and sample["context"] == "Sample.Periodic"
        ]

    def statuses(self, evse: int = 1) -> list[str]:
        return [p["connectorStatus"] for p in self.central.payloads("StatusNotification") if p["evseId"] == evse]


Words = Words16 | Words201


def _periods(schedule: Payload) -> list[tuple[int, float]]:
    return [(period["startPeriod"], period["limit"]) for period in schedule["chargingSchedulePeriod"]]


def _register(event: Payload) -> float:
    samples = event["meterValue"][0]["sampledValue"]
    return next(s["value"] for s in samples if s["measurand"] == "Energy.Active.Import.Register")
