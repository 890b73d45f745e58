"""How a charger writes: its clock, its units, its decimals. The usual manner, and the odd ones that real ones have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .profile_wire import format_time
from .samples import REGISTER, Sample

TIME_STYLES = ("utc", "whole seconds", "no zone", "offset")


@dataclass(frozen=True)
class Manner:
    """Shared by all chargers of one make, so it never changes.

    `clock_error_s`: how far the charger's clock is ahead. `odd_text` (OCPP 1.6) stands in place of each value that
    is no energy register; `leaves_defaults_out`: the default measurand, unit and context are not named.
    """

    clock_error_s: float = 0.0
    time_style: str = "utc"
    energy_in_kwh: bool = False
    decimal_comma: bool = False
    odd_text: str | None = None
    leaves_defaults_out: bool = False
    names_phases: bool = True

    def stamp(self, moment: datetime) -> str:
        """A time as this charger writes it."""
        moment += timedelta(seconds=self.clock_error_s)
        if self.time_style == "whole seconds":
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.time_style == "no zone":
            return moment.strftime("%Y-%m-%dT%H:%M:%S")
        return moment.isoformat(timespec="seconds") if self.time_style == "offset" else format_time(moment)

    def measure(self, sample: Sample) -> tuple[float, str]:
        """Value and unit as this charger states them."""
        if self.energy_in_kwh and sample.unit == "Wh":
            return round(sample.value / 1000, 3), "kWh"
        return sample.value, sample.unit

    def text(self, sample: Sample) -> tuple[str, str]:
        """The same with the value as OCPP 1.6 writes it."""
        value, unit = self.measure(sample)
        if self.odd_text is not None and sample.measurand != REGISTER:
            return self.odd_text, unit
        written = str(int(value)) if unit == "Wh" else f"{value:g}" if abs(value) < 100_000 else f"{value:.1f}"
        return (written.replace(".", ",") if self.decimal_comma else written), unit


USUAL = Manner()
