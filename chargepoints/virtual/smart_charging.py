"""What a charger decides about charging profiles, the same in both versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .profiles import EXTERNAL, STATION_MAX, TX_PROFILE, CompositePeriod, Profile, bound
from .rpc import Payload

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint


def place(charge_point: VirtualChargePoint, evse_number: int, profile: Profile) -> str | None:
    """Install the profile on the EVSE (0: the station); why not in one line, or None when done."""
    station = charge_point.station
    if evse_number and evse_number not in station.evses:
        return "no such EVSE"
    reason = profile_refusal(charge_point, profile)
    if reason:
        return reason
    if profile.purpose == EXTERNAL or (profile.purpose == STATION_MAX and evse_number):
        return "purpose does not fit the place"
    session_key = None
    if profile.purpose == TX_PROFILE:
        session_key = _session_key(charge_point, evse_number, profile)
        if session_key is None:
            return "no such transaction"
    station.install_profile(bound(profile, evse_number=evse_number, session_key=session_key))
    return None


def _session_key(charge_point: VirtualChargePoint, evse_number: int, profile: Profile) -> str | None:
    evse = charge_point.station.evses.get(evse_number)
    if evse is None or evse.session is None:
        return None
    if profile.transaction_id not in (None, evse.session.transaction_id):
        return None
    return evse.session.key


def profile_refusal(charge_point: VirtualChargePoint, profile: Profile) -> str | None:
    """Why this charger cannot keep such a profile, in one line; None if it can."""
    variables, installed = charge_point.variables, charge_point.station.profiles
    if profile.schedule.unit not in variables.words("rate_units"):
        return f"unit {profile.schedule.unit}"
    if len(profile.schedule.periods) > variables.number("max_periods"):
        return "too many periods"
    if profile.stack_level > variables.number("max_stack_level"):
        return "stack level too high"
    if not installed.matching(profile_id=profile.profile_id) and len(installed) >= variables.number("max_profiles"):
        return "too many profiles"
    gives_back = any(evse.spec.max_discharge_w for evse in charge_point.station.evses.values())
    if not (gives_back and charge_point.v2g.takes_negative_limits) and any(
        period.limit < 0 for period in profile.schedule.periods
    ):
        return "no energy comes out of this charger"
    return None


def clear(
    charge_point: VirtualChargePoint,
    *,
    profile_id: int | None,
    evse_number: int | None,
    purpose: str | None,
    stack_level: int | None,
) -> int:
    """Remove what fits and the operator may remove; how many went. Limits set from elsewhere stay."""
    profiles = charge_point.station.profiles
    found = profiles.matching(profile_id=profile_id, evse_number=evse_number, purpose=purpose, stack_level=stack_level)
    own = [profile for profile in found if profile.purpose != EXTERNAL]
    for profile in own:
        profiles.clear(profile_id=profile.profile_id)
    return len(own)


def composite_periods(
    charge_point: VirtualChargePoint, evse_number: int, duration_s: int, unit: str
) -> list[Payload] | None:
    """`chargingSchedulePeriod` from now on, for one EVSE or (0) for the sum of all; None if there is no such EVSE."""
    station = charge_point.station
    evses = list(station.evses.values())
    if evse_number:
        evses = [evse for evse in evses if evse.number == evse_number]
    if not evses:
        return None
    share = None if evse_number else len(evses)
    periods = _sum([station.composite(evse, duration_s, station_share=share) for evse in evses])
    watts_per_unit = 1.0 if unit == "W" else max(evse.circuit().watts_per_ampere(None) for evse in evses)
    return [{"startPeriod": p.start_s, "limit": round(p.limit_w / watts_per_unit, 1)} for p in periods]


def _sum(composites: list[list[CompositePeriod]]) -> list[CompositePeriod]:
    starts = sorted({period.start_s for periods in composites for period in periods})
    return [CompositePeriod(start_s, sum(_at(periods, start_s) for periods in composites)) for start_s in starts]


def _at(periods: list[CompositePeriod], start_s: int) -> float:
    return [period.limit_w for period in periods if period.start_s <= start_s][-1]
