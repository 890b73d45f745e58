"""The charger's meter: two registers that only grow, and samples of them in OCPP's words."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS_PER_HOUR = 3600
AC_VOLTAGE_V = 230
# A battery's voltage stands for the DC side; the figure only has to be plausible.
DC_VOLTAGE_V = 400

DEFAULT_MEASURANDS = (
    "Energy.Active.Import.Register",
    "Energy.Active.Export.Register",
    "Power.Active.Import",
    "Power.Active.Export",
    "Current.Import",
    "Voltage",
    "SoC",
)


@dataclass(frozen=True)
class Sample:
    """One measured value: OCPP measurand, value in `unit`."""

    measurand: str
    value: float
    unit: str


@dataclass
class Meter:
    """Registers in Wh and the momentary power in W (negative: energy flows out of the car)."""

    import_wh: float = 0.0
    export_wh: float = 0.0
    power_w: float = 0.0

    def add(self, power_w: float, dt_s: float) -> None:
        """Count `power_w` for `dt_s` seconds."""
        energy_wh = power_w * dt_s / SECONDS_PER_HOUR
        self.import_wh += max(0.0, energy_wh)
        self.export_wh += max(0.0, -energy_wh)
        self.power_w = power_w

    def samples(self, *, phases: int, dc: bool, soc_percent: float | None, measurands: tuple[str, ...]) -> list[Sample]:
        """The values of this moment for the measurands asked; SoC only if it is known."""
        voltage_v = DC_VOLTAGE_V if dc else AC_VOLTAGE_V
        lines = 1 if dc else phases
        every = [
            Sample("Energy.Active.Import.Register", round(self.import_wh), "Wh"),
            Sample("Energy.Active.Export.Register", round(self.export_wh), "Wh"),
            Sample("Power.Active.Import", round(max(0.0, self.power_w), 1), "W"),
            Sample("Power.Active.Export", round(max(0.0, -self.power_w), 1), "W"),
            Sample("Current.Import", round(max(0.0, self.power_w) / voltage_v / lines, 2), "A"),
            Sample("Voltage", voltage_v, "V"),
        ]
        if soc_percent is not None:
            every.append(Sample("SoC", round(soc_percent, 1), "Percent"))
        return [sample for sample in every if sample.measurand in measurands]
