"""OCPP 1.6: smart charging."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..profile_wire import format_time, read_profile
from ..profiles import STATION_MAX
from ..rpc import Answer
from ..smart_charging import clear, composite_periods, place

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def set_charging_profile(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """SetChargingProfile."""
    refusal = place(charge_point, payload["connectorId"], read_profile(payload["csChargingProfiles"]))
    return status("Rejected" if refusal else "Accepted")


def clear_charging_profile(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ClearChargingProfile."""
    purpose = payload.get("chargingProfilePurpose")
    cleared = clear(
        charge_point,
        profile_id=payload.get("id"),
        evse_number=payload.get("connectorId"),
        purpose=STATION_MAX if purpose == "ChargePointMaxProfile" else purpose,
        stack_level=payload.get("stackLevel"),
    )
    return status("Accepted" if cleared else "Unknown", charge_point.station.refresh)


def get_composite_schedule(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetCompositeSchedule, in watts unless amperes are asked for."""
    connector_id, duration_s = payload["connectorId"], payload["duration"]
    unit = payload.get("chargingRateUnit", "W")
    periods = composite_periods(charge_point, connector_id, duration_s, unit)
    if periods is None:
        return status("Rejected")
    start = format_time(charge_point.station.now)
    schedule = {
        "startSchedule": start,
        "duration": duration_s,
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": periods,
    }
    told = {"status": "Accepted", "connectorId": connector_id, "scheduleStart": start, "chargingSchedule": schedule}
    return Answer(told)


ACTIONS: dict[str, Action] = {
    "SetChargingProfile": set_charging_profile,
    "ClearChargingProfile": clear_charging_profile,
    "GetCompositeSchedule": get_composite_schedule,
}
