"""Limits that somebody else sets (a house's energy manager, the grid's operator) and the charger obeys as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .outbox import Payload
from .profile_wire import format_time
from .profiles import EXTERNAL, Period, Profile, Schedule

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint

# Ids of their own: those of the operator are not negative.
FIRST_ID = -1


class ExternalLimits:
    """By EVSE (0: the station): who set it. OCPP 1.6 knows no message for it; the composite schedule shows it."""

    def __init__(self, charge_point: VirtualChargePoint) -> None:
        self._charge_point = charge_point
        self._sources: dict[int, str] = {}

    def source(self, evse_number: int) -> str:
        """Who set the limit there."""
        return self._sources.get(evse_number, "Other")

    def set(self, limit_w: float, *, evse_number: int = 0, source: str = "EMS", critical: bool = False) -> None:
        """From now on no more than `limit_w`; in 2.0.1 the operator is told (K12)."""
        charge_point = self._charge_point
        now = charge_point.station.now
        schedule = Schedule("W", (Period(0, limit_w),), start=now)
        number = FIRST_ID - evse_number
        profile = Profile(number, 0, EXTERNAL, "Absolute", schedule, evse_number=evse_number)
        self._sources[evse_number] = source
        charge_point.station.install_profile(profile)
        told: Payload = {"chargingLimit": {"chargingLimitSource": source, "isGridCritical": critical}}
        if charge_point.variables.flag("tell_limit_schedules"):
            told["chargingSchedule"] = [_wire(schedule)]
        self._tell("NotifyChargingLimit", told, evse_number)

    def clear(self, *, evse_number: int = 0) -> None:
        """The limit is gone (K13); nothing happens if there was none."""
        source = self._sources.pop(evse_number, None)
        if source is None:
            return
        self._charge_point.station.profiles.clear(profile_id=FIRST_ID - evse_number)
        self._charge_point.station.refresh()
        self._tell("ClearedChargingLimit", {"chargingLimitSource": source}, evse_number)

    def _tell(self, action: str, payload: Payload, evse_number: int) -> None:
        if self._charge_point.version != "1.6":
            place = {"evseId": evse_number} if evse_number else {}
            self._charge_point.messages.tell(action, {**payload, **place})


def _wire(schedule: Schedule) -> Payload:
    periods = [{"startPeriod": period.start_s, "limit": period.limit} for period in schedule.periods]
    start = format_time(schedule.start) if schedule.start else None
    return {"id": 1, "startSchedule": start, "chargingRateUnit": schedule.unit, "chargingSchedulePeriod": periods}
