"""Typical values of common electric cars, for the vehicle form and the demo's drivers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from twinev.demo.curves import read_rows

# 6 A, the least current that IEC 61851-1 can offer to a car, at 230 V.
MIN_POWER_PER_PHASE_W = 1380


@dataclass(frozen=True)
class VehicleModel:
    """One model. Plugs in the words of OCPI 2.2.1; `plug_dc` is empty and `max_dc_w` 0 for cars that take AC only."""

    brand: str
    model: str
    battery_capacity_wh: int
    max_ac_w: int
    ac_phases: int
    max_dc_w: int
    consumption_wh_per_km: int
    plug_ac: str
    plug_dc: str
    v2g: bool

    @property
    def min_charge_w(self) -> int:
        return MIN_POWER_PER_PHASE_W * self.ac_phases

    def fits(self, standard: str) -> bool:
        return standard in (self.plug_ac, self.plug_dc)

    def max_charge_w(self, standard: str) -> int:
        """Most power through a plug of this standard, W; 0 where it does not fit."""
        if standard == self.plug_dc:
            return self.max_dc_w
        return self.max_ac_w if standard == self.plug_ac else 0


@cache
def models() -> tuple[VehicleModel, ...]:
    """All models, by brand and model."""
    return tuple(_model(row) for row in read_rows("vehicles.csv"))


def find(brand: str, model: str) -> VehicleModel:
    """The model of this name; KeyError if the catalogue does not have it."""
    for candidate in models():
        if (candidate.brand, candidate.model) == (brand, model):
            return candidate
    raise KeyError(f"{brand} {model}")


def _model(row: list[str]) -> VehicleModel:
    brand, name, battery, ac, phases, dc, consumption, plug_ac, plug_dc, v2g = row
    return VehicleModel(
        brand=brand,
        model=name,
        battery_capacity_wh=_thousandfold(battery),
        max_ac_w=_thousandfold(ac),
        ac_phases=int(phases),
        max_dc_w=_thousandfold(dc),
        consumption_wh_per_km=round(float(consumption) * 10),  # kWh/100 km
        plug_ac=plug_ac,
        plug_dc=plug_dc,
        v2g=v2g == "yes",
    )


def _thousandfold(kilo: str) -> int:
    return round(float(kilo) * 1000)
