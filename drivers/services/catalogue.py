"""Typical values of known car models, offered when a driver enters a vehicle."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parent.parent / "data" / "vehicles.csv"


@dataclass(frozen=True, slots=True)
class Model:
    """A car as its maker describes it; power is what it takes at its best socket."""

    brand: str
    model: str
    connector_standard: str
    battery_capacity_wh: int
    max_charge_w: int
    consumption_wh_per_km: int
    v2g: bool

    @property
    def name(self) -> str:
        return f"{self.brand} {self.model}"


@cache
def models() -> tuple[Model, ...]:
    """All known models by name."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return tuple(sorted((_model(row) for row in rows), key=lambda model: model.name.casefold()))


def _model(row: dict[str, str]) -> Model:
    standard = row["plug_dc"] or row["plug_ac"]
    power_kw = float(row["max_dc_kw"] or 0) or float(row["max_ac_kw"])
    return Model(
        brand=row["brand"],
        model=row["model"],
        connector_standard=standard,
        battery_capacity_wh=round(float(row["battery_kwh"]) * 1000),
        max_charge_w=round(power_kw * 1000),
        consumption_wh_per_km=round(float(row["consumption_kwh_100km"]) * 10),
        v2g=row["v2g"] == "yes",
    )
