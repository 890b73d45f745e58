"""A battery on wheels: how much power it takes or gives under a limit, and what that does to its charge."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS_PER_HOUR = 3600
# At a full battery a real car still trickles some per cent of its top power; 5 % lets the model end in finite time.
TAPER_END_SHARE = 0.05
# Energies closer than this are the same: floats that were added a thousand times.
ROUNDING_WH = 1e-6


@dataclass
class Vehicle:
    """The car's side of the cable.

    Power is measured at the cable: positive into the car, negative out of it. `efficiency` applies each way.
    A positive limit below `min_power_w` means pause (IEC 61851-1: less than 6 A cannot be told to a car).
    """

    capacity_wh: float = 52_000
    energy_wh: float = 20_000
    max_charge_w: float = 11_000
    max_discharge_w: float = 0
    min_power_w: float = 0
    efficiency: float = 0.92
    taper_from_percent: float = 80
    floor_percent: float = 10

    @property
    def soc_percent(self) -> float:
        """State of charge, 0 to 100."""
        return 100 * self.energy_wh / self.capacity_wh

    @property
    def is_full(self) -> bool:
        """Whether the battery takes no more."""
        return self.energy_wh >= self.capacity_wh - ROUNDING_WH

    def accepted_w(self) -> float:
        """What the battery would take now: full power up to the knee, then a straight line down."""
        above = self.soc_percent - self.taper_from_percent
        if above <= 0:
            return self.max_charge_w
        share = above / (100 - self.taper_from_percent)
        return self.max_charge_w * max(TAPER_END_SHARE, 1 - share * (1 - TAPER_END_SHARE))

    def step(self, dt_s: float, limit_w: float) -> float:
        """Charge (or discharge, if the limit is negative) for `dt_s` seconds; the mean power in W at the cable.

        With `dt_s` 0 nothing moves and the answer is the power at this moment.
        """
        if limit_w < 0:
            return -self._discharge(dt_s, min(-limit_w, self.max_discharge_w))
        if limit_w < self.min_power_w or self.is_full:
            return 0.0
        return self._charge(dt_s, min(limit_w, self.accepted_w()))

    def _charge(self, dt_s: float, power_w: float) -> float:
        hours = dt_s / SECONDS_PER_HOUR
        room_wh = self.capacity_wh - self.energy_wh
        if hours:
            power_w = min(power_w, room_wh / self.efficiency / hours)
        self.energy_wh = min(self.capacity_wh, self.energy_wh + power_w * self.efficiency * hours)
        return power_w

    def _discharge(self, dt_s: float, power_w: float) -> float:
        hours = dt_s / SECONDS_PER_HOUR
        spare_wh = self.energy_wh - self.capacity_wh * self.floor_percent / 100
        if spare_wh <= ROUNDING_WH:
            return 0.0
        if hours:
            power_w = min(power_w, spare_wh * self.efficiency / hours)
        self.energy_wh -= power_w / self.efficiency * hours
        return power_w
