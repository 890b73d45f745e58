"""Prices of energy: what the market says for a supply point, quarter by quarter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from chargepoints.models import SupplyPoint
from smac.models import Series
from smac.services import series
from smac.services.series import store_values
from smac.slots import SLOT, floor

# What a kWh costs where no market price is known at all: a household's price of recent years, so that a plan weighs
# energy against wear and targets in the right order of magnitude. The run notes that it was assumed.
ASSUMED_PRICE = 0.30


def curve(
    *,
    supply_point: SupplyPoint,
    start: datetime,
    end: datetime,
    known_at: datetime,
    kind: str = Series.Kind.IMPORT_PRICE,
) -> list[tuple[datetime, float | None]]:
    """Market prices in currency per kWh by quarter over [start, end), as known at `known_at`; None = unknown."""
    found = series.curves(kind=kind, supply_points=[supply_point], start=start, end=end, known_at=known_at)
    return found[supply_point.pk]


def price_at(*, supply_point: SupplyPoint, at: datetime, known_at: datetime) -> Decimal:
    """The market price in currency per kWh of the quarter that `at` lies in."""
    return reader(supply_point=supply_point, start=at, end=floor(at) + SLOT, known_at=known_at)(at)


def reader(
    *, supply_point: SupplyPoint, start: datetime, end: datetime, known_at: datetime
) -> Callable[[datetime], Decimal]:
    """A function from a moment in [start, end) to its market price, read once: what the price function takes."""
    return from_curve(curve(supply_point=supply_point, start=start, end=end, known_at=known_at))


def from_curve(values: list[tuple[datetime, float | None]]) -> Callable[[datetime], Decimal]:
    """The same from a curve that was read already."""
    known = {start: price for start, price in values if price is not None}
    return lambda at: as_money(known.get(floor(at), ASSUMED_PRICE))


def as_money(price: float) -> Decimal:
    """A price as exact money, to the millionth: what every cost is computed from."""
    return Decimal(str(round(price, 6)))


__all__ = ["ASSUMED_PRICE", "as_money", "curve", "from_curve", "price_at", "reader", "store_values"]
