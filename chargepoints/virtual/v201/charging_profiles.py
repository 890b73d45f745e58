"""OCPP 2.0.1: smart charging (block K)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..profile_wire import format_time, read_profile, write_profile_v201
from ..profiles import EXTERNAL, Profile
from ..rpc import Answer
from ..smart_charging import clear, composite_periods, place

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint

OPERATOR = "CSO"


def set_charging_profile(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """SetChargingProfile."""
    refusal = place(charge_point, payload["evseId"], read_profile(payload["chargingProfile"]))
    return status("Rejected" if refusal else "Accepted")


def clear_charging_profile(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ClearChargingProfile; what an external system set cannot be cleared (K10)."""
    criteria = payload.get("chargingProfileCriteria", {})
    cleared = clear(
        charge_point,
        profile_id=payload.get("chargingProfileId"),
        evse_number=criteria.get("evseId"),
        purpose=criteria.get("chargingProfilePurpose"),
        stack_level=criteria.get("stackLevel"),
    )
    return status("Accepted" if cleared else "Unknown", charge_point.station.refresh)


def get_charging_profiles(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetChargingProfiles, followed by a ReportChargingProfiles for each EVSE and source."""
    criteria = payload["chargingProfile"]
    found = charge_point.station.profiles.matching(
        evse_number=payload.get("evseId"),
        purpose=criteria.get("chargingProfilePurpose"),
        stack_level=criteria.get("stackLevel"),
    )
    ids, sources = criteria.get("chargingProfileId"), criteria.get("chargingLimitSource")
    found = [profile for profile in found if ids is None or profile.profile_id in ids]
    found = [profile for profile in found if sources is None or _source(charge_point, profile) in sources]
    if not found:
        return status("NoProfiles")
    return status("Accepted", lambda: _report(charge_point, payload["requestId"], found))


def _source(charge_point: VirtualChargePoint, profile: Profile) -> str:
    return charge_point.limits.source(profile.evse_number) if profile.purpose == EXTERNAL else OPERATOR


def _report(charge_point: VirtualChargePoint, request_id: int, profiles: list[Profile]) -> None:
    places = sorted({(profile.evse_number, _source(charge_point, profile)) for profile in profiles})
    for number, source in places:
        of_place = [p for p in profiles if (p.evse_number, _source(charge_point, p)) == (number, source)]
        report = {
            "requestId": request_id,
            "chargingLimitSource": source,
            "evseId": number,
            "tbc": (number, source) != places[-1],
            "chargingProfile": [write_profile_v201(profile) for profile in of_place],
        }
        charge_point.messages.tell("ReportChargingProfiles", report)


def get_composite_schedule(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetCompositeSchedule, in watts unless amperes are asked for."""
    evse_number, duration_s = payload["evseId"], payload["duration"]
    unit = payload.get("chargingRateUnit", "W")
    if unit not in charge_point.variables.words("rate_units"):
        return status("Rejected")
    periods = composite_periods(charge_point, evse_number, duration_s, unit)
    if periods is None:
        return status("Rejected")
    schedule = {
        "evseId": evse_number,
        "duration": duration_s,
        "scheduleStart": format_time(charge_point.station.now),
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": periods,
    }
    return Answer({"status": "Accepted", "schedule": schedule})


ACTIONS: dict[str, Action] = {
    "SetChargingProfile": set_charging_profile,
    "ClearChargingProfile": clear_charging_profile,
    "GetChargingProfiles": get_charging_profiles,
    "GetCompositeSchedule": get_composite_schedule,
}
