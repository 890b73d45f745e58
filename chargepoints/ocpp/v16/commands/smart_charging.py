"""Smart charging."""

from collections.abc import Sequence
from datetime import datetime

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.schedules import readable_periods, spoken_period
from chargepoints.ocpp.version import Request
from chargepoints.ocpp.words import Payload, Words, status_in, without_nothing

_PURPOSES = {"tx": "TxProfile", "tx_default": "TxDefaultProfile", "charge_point_max": "ChargePointMaxProfile"}


def set_charging_profile(intent: intents.SetChargingProfile, unit: str = "W") -> Request:
    said = profile(
        profile_id=intent.profile_id,
        stack_level=intent.stack_level,
        purpose=intent.purpose,
        schedule=schedule(intent.starts_at, intent.periods, unit, intent.duration_s),
    )
    if intent.recurrency:
        said |= {"chargingProfileKind": "Recurring", "recurrencyKind": intent.recurrency.capitalize()}
    if intent.purpose == "tx" and intent.transaction_remote_id:
        said["transactionId"] = int(intent.transaction_remote_id)
    if intent.valid_to is not None:
        said["validTo"] = reading.moment_text(intent.valid_to)
    return Request("SetChargingProfile", {"connectorId": intent.evse_number, "csChargingProfiles": said})


def profile(*, profile_id: int, stack_level: int, purpose: str, schedule: Payload) -> Payload:
    """A ChargingProfile (7.8) that begins at a moment of its own."""
    return {
        "chargingProfileId": profile_id,
        "stackLevel": stack_level,
        "chargingProfilePurpose": _PURPOSES[purpose],
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
    }


def schedule(
    starts_at: datetime, periods: Sequence[intents.Period], unit: str, duration_s: int | None = None
) -> Payload:
    """Always with a start: left out, chargers count from whenever they feel like it."""
    return without_nothing(
        startSchedule=reading.moment_text(starts_at),
        chargingRateUnit=unit,
        chargingSchedulePeriod=[spoken_period(period, unit) for period in periods],
        duration=duration_s,
    )


def _clear_charging_profile(intent: intents.ClearChargingProfile) -> Request:
    payload = without_nothing(
        id=intent.profile_id,
        connectorId=intent.evse_number,
        chargingProfilePurpose=_PURPOSES[intent.purpose] if intent.purpose else None,
        stackLevel=intent.stack_level,
    )
    return Request("ClearChargingProfile", payload)


def get_composite_schedule(intent: intents.GetCompositeSchedule, unit: str = "W") -> Request:
    payload = {"connectorId": intent.evse_number, "duration": intent.duration_s, "chargingRateUnit": unit}
    return Request("GetCompositeSchedule", payload)


def _read_back(intent: intents.GetCompositeSchedule, answer: Payload, now: datetime) -> reports.ScheduleReadBack | None:
    told = answer.get("chargingSchedule")
    if answer["status"] != "Accepted" or not isinstance(told, dict):
        return None
    return reports.ScheduleReadBack(
        evse_number=intent.evse_number,
        starts_at=reading.moment(told.get("startSchedule") or answer.get("scheduleStart"), now),
        duration_s=reading.whole(told.get("duration")) or intent.duration_s,
        periods=readable_periods(told),
        in_ampere=told.get("chargingRateUnit") == "A",
    )


WORDS = {
    intents.SetChargingProfile.kind: Words(set_charging_profile),
    # "Unknown": nothing to clear, which is what we wanted.
    intents.ClearChargingProfile.kind: Words(_clear_charging_profile, status_in("Accepted", "Unknown")),
    intents.GetCompositeSchedule.kind: Words(get_composite_schedule, told=_read_back),
}
