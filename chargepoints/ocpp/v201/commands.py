"""Intents as OCPP 2.0.1 calls, and what their answers mean."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.schedules import readable_periods, spoken_period
from chargepoints.ocpp.version import Outcome, Request

_PURPOSES = {"tx": "TxProfile", "tx_default": "TxDefaultProfile", "charge_point_max": "ChargingStationMaxProfile"}
# "Unknown" to ClearChargingProfile: nothing to clear, which is what we wanted.
_YES = {
    intents.Unlock.kind: frozenset({"Unlocked"}),
    intents.ClearChargingProfile.kind: frozenset({"Accepted", "Unknown"}),
    intents.Reset.kind: frozenset({"Accepted", "Scheduled"}),
    intents.ChangeAvailability.kind: frozenset({"Accepted", "Scheduled"}),
    intents.Configure.kind: frozenset({"Accepted", "RebootRequired"}),
}
_USUAL_YES = frozenset({"Accepted"})
# 1.6 has one message for what 2.0.1 asks a connector for (F06.FR.12).
_OF_A_CONNECTOR = frozenset({"StatusNotification"})


def request(intent: intents.Intent, *, in_ampere: bool = False) -> Request:
    """The call that says it; limits in W, or in A for a charger that takes nothing else.

    :raises KeyError: for an intent that 2.0.1 has no words for.
    """
    if isinstance(intent, intents.SetChargingProfile):
        return _set_charging_profile(intent, "A" if in_ampere else "W")
    return REQUESTS[intent.kind](intent)


def outcome(intent: intents.Intent, payload: dict[str, Any], now: datetime) -> Outcome:
    """What the answer to it means.

    :raises LookupError: when the answer has no status.
    """
    if isinstance(intent, intents.Configure):
        status = payload["setVariableResult"][0]["attributeStatus"]
    else:
        status = payload["status"]
    accepted = status in _YES.get(intent.kind, _USUAL_YES)
    read_back = None
    if accepted and isinstance(intent, intents.GetCompositeSchedule):
        read_back = _read_back(intent, payload, now)
    return Outcome(accepted, payload, read_back)


def _remote_start(intent: intents.RemoteStart) -> Request:
    payload = {
        "evseId": intent.evse_number,
        "remoteStartId": intent.remote_start_id,
        "idToken": {"idToken": intent.token, "type": intent.token_type},
    }
    return Request("RequestStartTransaction", payload)


def _remote_stop(intent: intents.RemoteStop) -> Request:
    return Request("RequestStopTransaction", {"transactionId": intent.transaction_remote_id})


def _reserve_now(intent: intents.ReserveNow) -> Request:
    payload = {
        "id": intent.reservation_number,
        "expiryDateTime": reading.moment_text(intent.expires_at),
        "idToken": {"idToken": intent.token, "type": intent.token_type},
        "evseId": intent.evse_number,
    }
    return Request("ReserveNow", payload)


def _cancel_reservation(intent: intents.CancelReservation) -> Request:
    return Request("CancelReservation", {"reservationId": intent.reservation_number})


def _set_charging_profile(intent: intents.SetChargingProfile, unit: str = "W") -> Request:
    profile: dict[str, Any] = {
        "id": intent.profile_id,
        "stackLevel": intent.stack_level,
        "chargingProfilePurpose": _PURPOSES[intent.purpose],
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [_schedule(intent, unit)],
    }
    if intent.purpose == "tx" and intent.transaction_remote_id:
        profile["transactionId"] = intent.transaction_remote_id
    if intent.valid_to is not None:
        profile["validTo"] = reading.moment_text(intent.valid_to)
    return Request("SetChargingProfile", {"evseId": intent.evse_number, "chargingProfile": profile})


def _schedule(intent: intents.SetChargingProfile, unit: str) -> dict[str, Any]:
    """Always with a start: left out, chargers count from whenever they feel like it."""
    schedule: dict[str, Any] = {
        "id": intent.profile_id,
        "startSchedule": reading.moment_text(intent.starts_at),
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [spoken_period(period, unit) for period in intent.periods],
    }
    if intent.duration_s is not None:
        schedule["duration"] = intent.duration_s
    return schedule


def _clear_charging_profile(intent: intents.ClearChargingProfile) -> Request:
    """By id, else by criteria; both at once are not allowed (K10.FR.02)."""
    if intent.profile_id is not None:
        return Request("ClearChargingProfile", {"chargingProfileId": intent.profile_id})
    criteria = {
        "evseId": intent.evse_number,
        "chargingProfilePurpose": _PURPOSES[intent.purpose] if intent.purpose else None,
    }
    said = {key: value for key, value in criteria.items() if value is not None}
    return Request("ClearChargingProfile", {"chargingProfileCriteria": said})


def _get_composite_schedule(intent: intents.GetCompositeSchedule) -> Request:
    payload = {"evseId": intent.evse_number, "duration": intent.duration_s, "chargingRateUnit": "W"}
    return Request("GetCompositeSchedule", payload)


def _read_back(intent: intents.GetCompositeSchedule, payload: dict[str, Any], now: datetime) -> Any:
    schedule = payload.get("schedule")
    if not isinstance(schedule, dict):
        return None
    return reports.ScheduleReadBack(
        evse_number=intent.evse_number,
        starts_at=reading.moment(schedule.get("scheduleStart"), now),
        duration_s=reading.whole(schedule.get("duration")) or intent.duration_s,
        periods=readable_periods(schedule),
    )


def _unlock(intent: intents.Unlock) -> Request:
    return Request("UnlockConnector", {"evseId": intent.evse_number, "connectorId": intent.connector_number})


def _trigger(intent: intents.Trigger) -> Request:
    payload: dict[str, Any] = {"requestedMessage": intent.message}
    if intent.evse_number:
        payload["evse"] = {"id": intent.evse_number}
        if intent.message in _OF_A_CONNECTOR:
            payload["evse"]["connectorId"] = 1
    return Request("TriggerMessage", payload)


def _reset(intent: intents.Reset) -> Request:
    return Request("Reset", {"type": "Immediate" if intent.immediate else "OnIdle"})


def _change_availability(intent: intents.ChangeAvailability) -> Request:
    payload: dict[str, Any] = {"operationalStatus": "Operative" if intent.operative else "Inoperative"}
    if intent.evse_number:
        payload["evse"] = {"id": intent.evse_number}
    return Request("ChangeAvailability", payload)


def _configure(intent: intents.Configure) -> Request:
    """The key is ``Component.Variable``.

    :raises ValueError: for a key of another form.
    """
    component, dot, variable = intent.key.partition(".")
    if not dot:
        raise ValueError("the name of a variable is Component.Variable")
    data = {"attributeValue": intent.value, "component": {"name": component}, "variable": {"name": variable}}
    return Request("SetVariables", {"setVariableData": [data]})


REQUESTS: dict[str, Callable[[Any], Request]] = {
    intents.RemoteStart.kind: _remote_start,
    intents.RemoteStop.kind: _remote_stop,
    intents.ReserveNow.kind: _reserve_now,
    intents.CancelReservation.kind: _cancel_reservation,
    intents.SetChargingProfile.kind: _set_charging_profile,
    intents.ClearChargingProfile.kind: _clear_charging_profile,
    intents.GetCompositeSchedule.kind: _get_composite_schedule,
    intents.Unlock.kind: _unlock,
    intents.Trigger.kind: _trigger,
    intents.Reset.kind: _reset,
    intents.ChangeAvailability.kind: _change_availability,
    intents.Configure.kind: _configure,
}
