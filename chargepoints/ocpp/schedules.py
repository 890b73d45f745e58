"""Periods of schedules: ours in W to what chargers take, and what they tell back to W."""

from collections.abc import Mapping
from typing import Any

from chargepoints.domain.intents import Period
from chargepoints.ocpp import reading

# A limit in A is per phase (2.0.1 2.14), at 230 V phase to neutral. Where the phases are not told, three: the smaller
# current, so that a charger never draws more than it was meant to.
_VOLTS = 230.0
_USUAL_PHASES = 3
# Some chargers say "no limit" like this.
_NO_LIMIT = -1.0


def readable_periods(schedule: Mapping[str, Any]) -> tuple[tuple[int, float], ...]:
    """The periods of a 1.6 or 2.0.1 schedule, in order; unreadable ones and "no limit" are left out."""
    in_ampere = schedule.get("chargingRateUnit") == "A"
    periods = []
    for period in schedule.get("chargingSchedulePeriod") or ():
        start_s, limit = reading.whole(period.get("startPeriod")), reading.number(period.get("limit"))
        if start_s is None or limit is None or limit == _NO_LIMIT:
            continue
        phases = reading.whole(period.get("numberPhases")) or _USUAL_PHASES
        periods.append((start_s, limit * _VOLTS * phases if in_ampere else limit))
    return tuple(sorted(periods))


def spoken_period(period: Period, unit: str) -> dict[str, Any]:
    """A period as both versions write it. Limits have one decimal at most (1.6 7.14); a current is rounded down."""
    limit = round(period.limit_w, 1)
    if unit == "A":
        limit = int(period.limit_w / (_VOLTS * (period.phases or _USUAL_PHASES)) * 10) / 10
    said: dict[str, Any] = {"startPeriod": period.start_s, "limit": limit}
    if period.phases is not None:
        said["numberPhases"] = period.phases
    return said
