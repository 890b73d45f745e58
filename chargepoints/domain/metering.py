"""Meter samples in base units, and what makes one implausible."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ENERGY_IMPORT = "Energy.Active.Import.Register"
ENERGY_EXPORT = "Energy.Active.Export.Register"
POWER_IMPORT = "Power.Active.Import"
POWER_EXPORT = "Power.Active.Export"
CURRENT_IMPORT = "Current.Import"
SOC = "SoC"

_SUMMED = frozenset({ENERGY_IMPORT, ENERGY_EXPORT, POWER_IMPORT, POWER_EXPORT})
_PHASES = frozenset({"L1", "L2", "L3", "L1-N", "L2-N", "L3-N"})
# Why a register's reading that can be read is not believed.
DOUBTS = frozenset({"backwards", "jump"})

# OCPP units to base units, read without case; 1.6 spells Celsius "Celcius" and a few chargers send percent as "%".
_UNITS = {
    "": ("", 1.0),
    "Wh": ("Wh", 1.0),
    "kWh": ("Wh", 1000.0),
    "W": ("W", 1.0),
    "kW": ("W", 1000.0),
    "VA": ("VA", 1.0),
    "kVA": ("VA", 1000.0),
    "var": ("var", 1.0),
    "kvar": ("var", 1000.0),
    "varh": ("varh", 1.0),
    "kvarh": ("varh", 1000.0),
    "A": ("A", 1.0),
    "V": ("V", 1.0),
    "Percent": ("%", 1.0),
    "%": ("%", 1.0),
    "Celsius": ("Celsius", 1.0),
    "Celcius": ("Celsius", 1.0),
}


_TO_BASE = {unit.lower(): base for unit, base in _UNITS.items()}


@dataclass(frozen=True)
class Sample:
    """One sampled value in base units (Wh, W, A, V, %). ``raw`` is what the charger sent."""

    at: datetime
    measurand: str
    value: float
    unit: str
    phase: str = ""
    location: str = "Outlet"
    context: str = "Sample.Periodic"
    raw: str = ""
    flaw: str = ""  # empty: plausible


def to_base(value: float, unit: str) -> tuple[float, str]:
    """A value in base units. Unknown units are kept as they came.

    >>> to_base(1.5, "kWh")
    (1500.0, 'Wh')
    """
    base, factor = _TO_BASE.get(unit.strip().lower(), (unit, 1.0))
    return value * factor, base


def default_unit(measurand: str) -> str:
    """The unit that OCPP means when none is sent (1.6 7.34, 2.0.1 2.36)."""
    if measurand.startswith("Energy."):
        return "Wh"
    if measurand.startswith("Power."):
        return "W"
    if measurand.startswith("Current."):
        return "A"
    return {SOC: "Percent", "Voltage": "V", "Temperature": "Celsius"}.get(measurand, "")


# Meters and clocks are not exact: a register may run a tenth ahead of nominal power before it is doubted.
_POWER_TOLERANCE = 1.1
# A start may be told with a moment that is a little later than the first reading's.
_START_MARGIN = timedelta(minutes=5)
_REGISTER_STEP_WH = 50.0  # coarse registers jump by up to this in no time at all


def register_flaw(*, first: Sample | None, previous: Sample | None, sample: Sample, max_power_w: float | None) -> str:
    """Why an energy register's sample cannot be true, or an empty string.

    A register that runs backwards or rises faster than power allows is a claim to be checked before money depends
    on it. ``first`` and ``previous`` are the readings of the session that are believed: measured from the last one
    alone, a step here and a step there would add up to any power. ``max_power_w`` None: nobody knows.
    """
    if previous is None:
        return ""
    if sample.value < previous.value:
        return "backwards"
    if max_power_w is None:
        return ""
    since = (previous,) if first is None else (previous, first)
    return "jump" if any(_is_too_fast(reading, sample, max_power_w) for reading in since) else ""


def _is_too_fast(since: Sample, sample: Sample, max_power_w: float) -> bool:
    hours = max((sample.at - since.at).total_seconds(), 0.0) / 3600
    return sample.value - since.value > max_power_w * hours * _POWER_TOLERANCE + _REGISTER_STEP_WH


def most_w(measurand: str, *, max_power_w: float, max_discharge_w: float) -> float | None:
    """The power at which the energy of a measurand can pass at an EVSE; nothing comes back where none is given."""
    return max_discharge_w if measurand.startswith("Energy.Active.Export") else max_power_w or None


def register_sample(value_wh: float | None, at: datetime, context: str) -> tuple[Sample, ...]:
    """The reading of a register that a transaction's own message tells; none without a value."""
    if value_wh is None:
        return ()
    return (Sample(at=at, measurand=ENERGY_IMPORT, value=value_wh, unit="Wh", context=context),)


def not_before(sample: Sample, started_at: datetime) -> Sample:
    """A sample marked where it is older than its session: a clock that was set back in the middle tells such moments.

    In the order of time it would be the first reading, and all that was charged before would be lost.
    """
    early = not sample.flaw and sample.at < started_at - _START_MARGIN
    return replace(sample, flaw="early") if early else sample


def checked(sample: Sample) -> Sample:
    """A sample marked where it cannot be true by itself: energy or power in another unit, a charge beyond full."""
    if sample.flaw:
        return sample
    if sample.measurand.startswith(("Energy.Active.", "Power.Active.")):
        return sample if sample.unit == default_unit(sample.measurand) else replace(sample, flaw="unit")
    return replace(sample, flaw="range") if sample.measurand == SOC and not 0 <= sample.value <= 100 else sample


def with_totals(samples: Iterable[Sample]) -> list[Sample]:
    """The samples, with the sum of the phases where a meter sent energy or power by phase only."""
    result = list(samples)
    groups: dict[tuple[datetime, str, str, str], list[Sample]] = {}
    for sample in result:
        if sample.measurand in _SUMMED:
            groups.setdefault((sample.at, sample.measurand, sample.location, sample.context), []).append(sample)
    return result + [_sum(group) for group in groups.values() if _is_by_phase_only(group)]


def _is_by_phase_only(group: list[Sample]) -> bool:
    return all(sample.phase in _PHASES and not sample.flaw for sample in group)


def _sum(group: list[Sample]) -> Sample:
    return replace(group[0], value=sum({one.phase: one.value for one in group}.values()), phase="", raw="")
