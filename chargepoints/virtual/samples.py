"""What a meter can tell of a moment, in OCPP's words: a dozen measurands, per phase where the supply has phases."""

from __future__ import annotations

from dataclasses import dataclass

from .meter import Meter

AC_VOLTAGE_V = 230
# A battery's voltage stands for the DC side; the figure only has to be plausible.
DC_VOLTAGE_V = 400
GRID_HZ = 50.0
# A charger's inside: the air around it, and what its losses add at full power.
IDLE_CELSIUS = 24.0
LOSSES_CELSIUS = 22.0
PHASES = ("L1", "L2", "L3")

# What is sampled unless the charger is configured to something else: twelve values on three phases.
DEFAULT_MEASURANDS = (
    "Energy.Active.Import.Register",
    "Energy.Active.Export.Register",
    "Power.Active.Import",
    "Power.Active.Export",
    "Current.Import",
    "Voltage",
    "SoC",
    "Temperature",
    "Frequency",
)
KNOWN_MEASURANDS = (*DEFAULT_MEASURANDS, "Current.Export", "Current.Offered", "Power.Offered", "Power.Factor")
REGISTER = "Energy.Active.Import.Register"


@dataclass(frozen=True)
class Sample:
    """One measured value: OCPP measurand, value in `unit` ("" for none), the phase, and where it was measured."""

    measurand: str
    value: float
    unit: str
    phase: str | None = None
    location: str = "Outlet"


@dataclass(frozen=True)
class Supply:
    """What the meter sits in: phases or direct current, the most it may carry, and what is allowed now, in W."""

    phases: int
    dc: bool
    max_power_w: float
    offered_w: float = 0.0
    soc_percent: float | None = None

    @property
    def voltage_v(self) -> float:
        """Between a phase and neutral, or of the battery."""
        return DC_VOLTAGE_V if self.dc else AC_VOLTAGE_V

    @property
    def lines(self) -> int:
        """Conductors that share the power."""
        return 1 if self.dc else self.phases


def samples(meter: Meter, supply: Supply, measurands: tuple[str, ...]) -> list[Sample]:
    """The values of this moment for the measurands asked, in their order; SoC only if it is known."""
    found: list[Sample] = []
    for measurand in measurands:
        found += _sample(measurand, meter, supply)
    return found


def _sample(measurand: str, meter: Meter, supply: Supply) -> list[Sample]:
    import_w, export_w = max(0.0, meter.power_w), max(0.0, -meter.power_w)
    ampere = supply.voltage_v * supply.lines
    match measurand:
        case "Energy.Active.Import.Register":
            return [Sample(measurand, round(meter.import_wh), "Wh")]
        case "Energy.Active.Export.Register":
            return [Sample(measurand, round(meter.export_wh), "Wh")]
        case "Power.Active.Import":
            return [Sample(measurand, round(import_w, 1), "W")]
        case "Power.Active.Export":
            return [Sample(measurand, round(export_w, 1), "W")]
        case "Current.Import":
            return _per_phase(measurand, round(import_w / ampere, 2), "A", supply)
        case "Current.Export":
            return _per_phase(measurand, round(export_w / ampere, 2), "A", supply)
        case "Voltage":
            return _per_phase(measurand, supply.voltage_v, "V", supply, suffix="-N")
        case _:
            return _rare(measurand, meter, supply)


def _rare(measurand: str, meter: Meter, supply: Supply) -> list[Sample]:
    match measurand:
        case "SoC" if supply.soc_percent is not None:
            return [Sample(measurand, round(supply.soc_percent, 1), "Percent", location="EV")]
        case "Temperature":
            heat = LOSSES_CELSIUS * min(1.0, abs(meter.power_w) / supply.max_power_w)
            return [Sample(measurand, round(IDLE_CELSIUS + heat, 1), "Celsius", location="Body")]
        case "Frequency" if not supply.dc:
            return [Sample(measurand, GRID_HZ, "Hz", location="Inlet")]
        case "Current.Offered":
            return [Sample(measurand, round(supply.offered_w / supply.voltage_v / supply.lines, 1), "A")]
        case "Power.Offered":
            return [Sample(measurand, round(supply.offered_w, 1), "W")]
        case "Power.Factor" if not supply.dc:
            return [Sample(measurand, 1.0, "")]
    return []


def _per_phase(measurand: str, value: float, unit: str, supply: Supply, suffix: str = "") -> list[Sample]:
    if supply.dc:
        return [Sample(measurand, value, unit)]
    return [Sample(measurand, value, unit, f"{phase}{suffix}") for phase in PHASES[: supply.phases]]
