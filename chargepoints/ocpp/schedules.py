"""A schedule that a charger tells, as (seconds from its start, limit in W)."""

from collections.abc import Mapping
from typing import Any

from chargepoints.ocpp import reading

# What a limit in A means in W when the charger answers in A though it was asked in W (230 V phase to neutral).
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
