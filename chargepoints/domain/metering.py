"""Meter samples in base units, and what makes one implausible."""

from dataclasses import dataclass
from datetime import datetime

ENERGY_IMPORT = "Energy.Active.Import.Register"
ENERGY_EXPORT = "Energy.Active.Export.Register"
POWER_IMPORT = "Power.Active.Import"
POWER_EXPORT = "Power.Active.Export"
CURRENT_IMPORT = "Current.Import"
SOC = "SoC"

# OCPP units to base units; 1.6 spells Celsius "Celcius" and a few chargers send percent as "%".
_TO_BASE = {
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
    base, factor = _TO_BASE.get(unit, (unit, 1.0))
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
_REGISTER_STEP_WH = 50.0  # coarse registers jump by up to this in no time at all


def register_flaw(*, previous: Sample | None, sample: Sample, max_power_w: float) -> str:
    """Why an energy register's sample cannot be true, or an empty string.

    A register that runs backwards or rises faster than power allows is a claim to be checked before money depends
    on it.
    """
    if previous is None:
        return ""
    rise_wh = sample.value - previous.value
    if rise_wh < 0:
        return "backwards"
    hours = max((sample.at - previous.at).total_seconds(), 0.0) / 3600
    if max_power_w and rise_wh > max_power_w * hours * _POWER_TOLERANCE + _REGISTER_STEP_WH:
        return "jump"
    return ""
