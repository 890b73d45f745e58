"""What a charger can be told in a charging profile, and how a plan is made to fit it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chargepoints.domain.charging_profile import merged
from chargepoints.domain.intents import Period

AMPERE, WATT = "A", "W"
_UNITS = {"a": AMPERE, "current": AMPERE, "w": WATT, "power": WATT}


class Adaptation(StrEnum):
    """Why a charger was told something else than the plan."""

    NO_DIALECT = "no_dialect"  # nobody knows how to ask it to give energy back: a pause instead
    BY_MESSAGE = "by_message"  # it is asked to give energy back by its vendor's own message
    FEWER_PERIODS = "fewer_periods"  # it holds fewer periods than the plan has: the rest is sent in time
    STARTS_NOW = "starts_now"  # it refuses schedules that began in the past
    ONLY_PROFILE = "only_profile"  # it holds one profile: the plan stands in the place of the safe default


@dataclass(frozen=True)
class ProfileLimits:
    """What a charger said of its smart charging; None where it said nothing. ``units`` empty: not known."""

    units: frozenset[str] = frozenset()
    max_periods: int | None = None
    max_profiles: int | None = None
    max_stack_level: int | None = None
    # Whether a negative limit in a profile makes it give energy back, and whether a vendor's message does.
    negative_limits: bool = False
    discharge_messages: bool = False
    starts_now: bool = False

    @property
    def ampere_only(self) -> bool:
        return self.units == {AMPERE}

    @property
    def holds_one(self) -> bool:
        return self.max_profiles == 1


# 1.6 9.1 to 9.4 (no component) and 2.0.1 part 2 appendix: SmartChargingCtrlr. Names compare without case.
_NUMBERS = {
    "max_periods": ("chargingschedulemaxperiods", "periodsperschedule"),
    "max_profiles": ("maxchargingprofilesinstalled", "entries"),
    "max_stack_level": ("chargeprofilemaxstacklevel", "profilestacklevel"),
}
_UNIT_NAMES = ("chargingscheduleallowedchargingrateunit", "rateunit")
VARIABLES = frozenset({name for names in _NUMBERS.values() for name in names} | set(_UNIT_NAMES))


def from_variables(told: Mapping[str, str]) -> ProfileLimits:
    """The limits out of what a charger told of its variables (names in small letters); nonsense is left out."""
    numbers = {field: _number(told, names) for field, names in _NUMBERS.items()}
    units = next((told[name] for name in _UNIT_NAMES if name in told), "")
    return ProfileLimits(
        units=rate_units(units),
        # 0 would mean that there is no smart charging at all.
        max_periods=numbers["max_periods"] or None,
        max_profiles=numbers["max_profiles"] or None,
        max_stack_level=numbers["max_stack_level"],
    )


def rate_units(text: str) -> frozenset[str]:
    """ "Current,Power" (1.6) or "A,W" (2.0.1) as units."""
    words = (word.strip().lower() for word in text.split(","))
    return frozenset(_UNITS[word] for word in words if word in _UNITS)


def _number(told: Mapping[str, str], names: Sequence[str]) -> int | None:
    text = next((told[name].strip() for name in names if name in told), "")
    return int(text) if text.isdecimal() else None


@dataclass(frozen=True)
class Fitted:
    """A plan as a charger can be told it. ``duration_s`` None: to the plan's own end."""

    periods: tuple[Period, ...]
    duration_s: int | None = None
    adaptations: tuple[Adaptation, ...] = ()


def fit(periods: Sequence[Period], limits: ProfileLimits) -> Fitted:
    """The plan within a charger's limits: never above any limit of the plan, except that nothing is given back where
    the charger cannot be told to."""
    adaptations = []
    told = tuple(periods)
    if not limits.negative_limits and any(period.limit_w < 0 for period in told):
        told = merged([replace(period, limit_w=max(period.limit_w, 0.0)) for period in told])
        adaptations.append(Adaptation.BY_MESSAGE if limits.discharge_messages else Adaptation.NO_DIALECT)
    if limits.max_periods is None or len(told) <= limits.max_periods:
        return Fitted(told, None, tuple(adaptations))
    told, duration_s = shortened(told, limits.max_periods)
    return Fitted(told, duration_s, (*adaptations, Adaptation.FEWER_PERIODS))


def shortened(periods: Sequence[Period], most: int) -> tuple[tuple[Period, ...], int | None]:
    """The first periods as they are and the rest at its least limit; a discharge is not prolonged: 0 instead.

    With one period there is no room for a rest: the first holds for as long as the plan allows as much.
    """
    if most > 1:
        kept, rest = periods[: most - 1], periods[most - 1 :]
        least = min(period.limit_w for period in rest)
        return (*kept, replace(rest[0], limit_w=max(least, 0.0))), None
    first = periods[0]
    lower = next((period for period in periods[1:] if period.limit_w < first.limit_w), None)
    return (first,), lower.start_s if lower else None


def from_moment(periods: Sequence[Period], starts_at: datetime, at: datetime) -> tuple[Period, ...]:
    """What is left of a schedule at a moment, counted from it; what has not begun stays in the future."""
    passed_s = int((at - starts_at) / timedelta(seconds=1))
    running = [period for period in periods if period.start_s <= passed_s][-1:]
    coming = [period for period in periods if period.start_s > passed_s]
    shifted = [replace(period, start_s=period.start_s - passed_s) for period in coming]
    return tuple([replace(period, start_s=0) for period in running] + shifted)


def next_change_s(periods: Sequence[Period], offset_s: float) -> int | None:
    """The start of the first period after ``offset_s``; None when there is none."""
    return next((period.start_s for period in periods if period.start_s > offset_s), None)
