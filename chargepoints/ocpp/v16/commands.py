"""Intents as OCPP 1.6 calls, and what their answers mean."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.schedules import readable_periods, spoken_period
from chargepoints.ocpp.version import Outcome, Request

_PURPOSES = {"tx": "TxProfile", "tx_default": "TxDefaultProfile", "charge_point_max": "ChargePointMaxProfile"}
# "Unknown" to ClearChargingProfile: nothing to clear, which is what we wanted.
_YES = {
    intents.Unlock.kind: frozenset({"Unlocked"}),
    intents.ClearChargingProfile.kind: frozenset({"Accepted", "Unknown"}),
    intents.ChangeAvailability.kind: frozenset({"Accepted", "Scheduled"}),
    intents.Configure.kind: frozenset({"Accepted", "RebootRequired"}),
}
_USUAL_YES = frozenset({"Accepted"})


def request(intent: intents.Intent, *, in_ampere: bool = False) -> Request:
    """The call that says it; limits in W, or in A for a charger that takes nothing else.

    :raises KeyError: for an intent that 1.6 has no words for.
    """
    if isinstance(intent, intents.SetChargingProfile):
        return _set_charging_profile(intent, "A" if in_ampere else "W")
    return REQUESTS[intent.kind](intent)


def outcome(intent: intents.Intent, payload: dict[str, Any], now: datetime) -> Outcome:
    """What the answer to it means.

    :raises KeyError: when the answer has no status.
    """
    accepted = payload["status"] in _YES.get(intent.kind, _USUAL_YES)
    read_back = None
    if accepted and isinstance(intent, intents.GetCompositeSchedule):
        read_back = _read_back(intent, payload, now)
    return Outcome(accepted, payload, read_back)


def _remote_start(intent: intents.RemoteStart) -> Request:
    return Request("RemoteStartTransaction", {"connectorId": intent.evse_number, "idTag": intent.token})


def _remote_stop(intent: intents.RemoteStop) -> Request:
    return Request("RemoteStopTransaction", {"transactionId": int(intent.transaction_remote_id)})


def _reserve_now(intent: intents.ReserveNow) -> Request:
    payload = {
        "connectorId": intent.evse_number,
        "expiryDate": reading.moment_text(intent.expires_at),
        "idTag": intent.token,
        "reservationId": intent.reservation_number,
    }
    return Request("ReserveNow", payload)


def _cancel_reservation(intent: intents.CancelReservation) -> Request:
    return Request("CancelReservation", {"reservationId": intent.reservation_number})


def _set_charging_profile(intent: intents.SetChargingProfile, unit: str = "W") -> Request:
    profile: dict[str, Any] = {
        "chargingProfileId": intent.profile_id,
        "stackLevel": intent.stack_level,
        "chargingProfilePurpose": _PURPOSES[intent.purpose],
        "chargingProfileKind": "Absolute",
        "chargingSchedule": _schedule(intent, unit),
    }
    if intent.purpose == "tx" and intent.transaction_remote_id:
        profile["transactionId"] = int(intent.transaction_remote_id)
    if intent.valid_to is not None:
        profile["validTo"] = reading.moment_text(intent.valid_to)
    return Request("SetChargingProfile", {"connectorId": intent.evse_number, "csChargingProfiles": profile})


def _schedule(intent: intents.SetChargingProfile, unit: str) -> dict[str, Any]:
    """Always with a start: left out, chargers count from whenever they feel like it."""
    schedule: dict[str, Any] = {
        "startSchedule": reading.moment_text(intent.starts_at),
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [spoken_period(period, unit) for period in intent.periods],
    }
    if intent.duration_s is not None:
        schedule["duration"] = intent.duration_s
    return schedule


def _clear_charging_profile(intent: intents.ClearChargingProfile) -> Request:
    said = {
        "id": intent.profile_id,
        "connectorId": intent.evse_number,
        "chargingProfilePurpose": _PURPOSES[intent.purpose] if intent.purpose else None,
    }
    return Request("ClearChargingProfile", {key: value for key, value in said.items() if value is not None})


def _get_composite_schedule(intent: intents.GetCompositeSchedule) -> Request:
    payload = {"connectorId": intent.evse_number, "duration": intent.duration_s, "chargingRateUnit": "W"}
    return Request("GetCompositeSchedule", payload)


def _read_back(intent: intents.GetCompositeSchedule, payload: dict[str, Any], now: datetime) -> Any:
    schedule = payload.get("chargingSchedule")
    if not isinstance(schedule, dict):
        return None
    start = reading.moment(schedule.get("startSchedule") or payload.get("scheduleStart"), now)
    return reports.ScheduleReadBack(
        evse_number=intent.evse_number,
        starts_at=start,
        duration_s=reading.whole(schedule.get("duration")) or intent.duration_s,
        periods=readable_periods(schedule),
    )


def _unlock(intent: intents.Unlock) -> Request:
    return Request("UnlockConnector", {"connectorId": intent.evse_number})


def _trigger(intent: intents.Trigger) -> Request:
    payload: dict[str, Any] = {"requestedMessage": intent.message}
    if intent.evse_number:
        payload["connectorId"] = intent.evse_number
    return Request("TriggerMessage", payload)


def _reset(intent: intents.Reset) -> Request:
    return Request("Reset", {"type": "Hard" if intent.immediate else "Soft"})


def _change_availability(intent: intents.ChangeAvailability) -> Request:
    kind = "Operative" if intent.operative else "Inoperative"
    return Request("ChangeAvailability", {"connectorId": intent.evse_number, "type": kind})


def _configure(intent: intents.Configure) -> Request:
    return Request("ChangeConfiguration", {"key": intent.key, "value": intent.value})


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
