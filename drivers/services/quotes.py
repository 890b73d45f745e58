"""The promise before the start: price, battery, and how the plan would look."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drivers.services.wish import Wish
from smac import words
from smac.services import quotes
from smac.services.quotes import Quote


def quote(*, driver: Any, wish: Wish, now: datetime) -> Quote:
    """What the optimiser would do with this wish now."""
    return quotes.quote(
        evse=wish.evse,
        driver=driver,
        mode=wish.mode,
        battery_capacity_wh=wish.vehicle.battery_capacity_wh,
        soc_percent=wish.soc_percent,
        target_soc_percent=wish.target_soc_percent,
        departure_at=wish.departure_at,
        max_charge_w=wish.max_charge_w,
        min_charge_w=wish.vehicle.min_charge_w,
        max_discharge_w=wish.max_discharge_w,
        v2g_allowed=wish.v2g_allowed,
        floor_soc_percent=wish.floor_soc_percent,
        now=now,
    )


def sentence(*, quote: Quote, wish: Wish) -> str:
    """Why the plan would look so."""
    return words.sentence(quote.reason, zone=wish.evse.charge_point.supply_point.location.time_zone)
