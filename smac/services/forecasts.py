"""Forecasts of demand and production at a supply point."""

from __future__ import annotations

from datetime import datetime

from chargepoints.models import SupplyPoint
from smac.services import series
from smac.services.series import store_values


def curve(
    *, supply_point: SupplyPoint, kind: str, start: datetime, end: datetime, known_at: datetime
) -> list[tuple[datetime, float | None]]:
    """Demand or production in W (or CO2 in g per kWh) by quarter over [start, end), as known at `known_at`."""
    found = series.curves(kind=kind, supply_points=[supply_point], start=start, end=end, known_at=known_at)
    return found[supply_point.pk]


__all__ = ["curve", "store_values"]
