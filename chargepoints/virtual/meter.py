"""The charger's meter: two registers that only grow, and the momentary power."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS_PER_HOUR = 3600


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
