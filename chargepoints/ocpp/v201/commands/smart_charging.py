"""Block K: profiles and schedules."""

from datetime import datetime
from typing import Any

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.schedules import readable_periods, spoken_period
from chargepoints.ocpp.v201.commands.words import Payload, Words, status_in, without_nothing
from chargepoints.ocpp.version import Request

_PURPOSES = {
    "tx": "TxProfile",
    "tx_default": "TxDefaultProfile",
    "charge_point_max": "ChargingStationMaxProfile",
    "external": "ChargingStationExternalConstraints",
}


def set_charging_profile(intent: intents.SetChargingProfile, unit: str = "W") -> Request:
    profile = without_nothing(
        id=intent.profile_id,
        stackLevel=intent.stack_level,
        chargingProfilePurpose=_PURPOSES[intent.purpose],
        chargingProfileKind="Recurring" if intent.recurrency else "Absolute",
        recurrencyKind=intent.recurrency.capitalize(),
        chargingSchedule=[_schedule(intent, unit)],
        transactionId=intent.transaction_remote_id if intent.purpose == "tx" else None,
        validTo=reading.moment_text(intent.valid_to) if intent.valid_to else None,
    )
    return Request("SetChargingProfile", {"evseId": intent.evse_number, "chargingProfile": profile})


def start_profile(intent: intents.RemoteStart, unit: str = "W") -> Payload:
    """The profile of a session that is still to start: it has no transaction yet (F01.FR.09 to .11)."""
    return {
        "id": intent.profile_id,
        "stackLevel": intent.stack_level,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [_schedule(intent, unit)],
    }


def _schedule(intent: intents.SetChargingProfile | intents.RemoteStart, unit: str) -> Payload:
    """Always with a start: left out, chargers count from whenever they feel like it."""
    return without_nothing(
        id=intent.profile_id,
        startSchedule=reading.moment_text(intent.starts_at) if intent.starts_at else None,
        duration=getattr(intent, "duration_s", None),
        chargingRateUnit=unit,
        chargingSchedulePeriod=[spoken_period(period, unit) for period in intent.periods],
    )


def _clear_charging_profile(intent: intents.ClearChargingProfile) -> Request:
    """By id, else by criteria; both at once are not allowed (K10.FR.02)."""
    if intent.profile_id is not None:
        return Request("ClearChargingProfile", {"chargingProfileId": intent.profile_id})
    criteria = without_nothing(
        evseId=intent.evse_number,
        chargingProfilePurpose=_PURPOSES[intent.purpose] if intent.purpose else None,
        stackLevel=intent.stack_level,
    )
    return Request("ClearChargingProfile", {"chargingProfileCriteria": criteria})


def get_composite_schedule(intent: intents.GetCompositeSchedule, unit: str = "W") -> Request:
    payload = {"evseId": intent.evse_number, "duration": intent.duration_s, "chargingRateUnit": unit}
    return Request("GetCompositeSchedule", payload)


def _read_back(
    intent: intents.GetCompositeSchedule, payload: Payload, now: datetime
) -> reports.ScheduleReadBack | None:
    schedule: Any = payload.get("schedule")
    if payload["status"] != "Accepted" or not isinstance(schedule, dict):
        return None
    return reports.ScheduleReadBack(
        evse_number=intent.evse_number,
        starts_at=reading.moment(schedule.get("scheduleStart"), now),
        duration_s=reading.whole(schedule.get("duration")) or intent.duration_s,
        periods=readable_periods(schedule),
        in_ampere=schedule.get("chargingRateUnit") == "A",
    )


def _get_charging_profiles(intent: intents.GetChargingProfiles) -> Request:
    criteria = without_nothing(
        chargingProfilePurpose=_PURPOSES[intent.purpose] if intent.purpose else None,
        chargingProfileId=list(intent.profile_ids),
    )
    said = without_nothing(requestId=intent.request_id, evseId=intent.evse_number)
    return Request("GetChargingProfiles", {**said, "chargingProfile": criteria})


WORDS = {
    intents.SetChargingProfile.kind: Words(set_charging_profile),
    # "Unknown": nothing to clear, which is what we wanted.
    intents.ClearChargingProfile.kind: Words(_clear_charging_profile, status_in("Accepted", "Unknown")),
    intents.GetCompositeSchedule.kind: Words(get_composite_schedule, told=_read_back),
    intents.GetChargingProfiles.kind: Words(_get_charging_profiles, status_in("Accepted", "NoProfiles")),
}
