"""The promise before the start: price, battery, and how the plan would look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from chargepoints.models import Evse
from drivers.services import wish as wishes
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


@dataclass(frozen=True)
class V2gOffer:
    """What giving energy back would earn: the difference of two quotes, of which one may give and the other not."""

    earns: Decimal
    export_wh: float
    currency: str

    @property
    def pays(self) -> bool:
        return self.earns > 0 and self.export_wh > 0


def v2g_offer(*, driver: Any, wish: Wish, promise: Quote, now: datetime) -> V2gOffer | None:
    """What the driver's consent is worth, whether it is given yet or not; None where car or charger cannot."""
    if not wishes.can_discharge(wish.vehicle, wish.evse):
        return None
    other = quote(driver=driver, wish=replace(wish, v2g_wanted=not wish.v2g_wanted), now=now)
    giving, keeping = (promise, other) if wish.v2g_wanted else (other, promise)
    return V2gOffer(keeping.price - giving.price, giving.cost.export_wh, giving.currency)


def sentence(*, quote: Quote, wish: Wish) -> str:
    """Why the plan would look so."""
    return reason_in(quote, wish.evse)


def reason_in(quote: Quote, evse: Evse) -> str:
    """A quote's reason, with times as they are there."""
    return words.sentence(quote.reason, zone=evse.charge_point.supply_point.location.time_zone)


@dataclass(frozen=True, slots=True)
class Saving:
    """What a plan is better by than charging at once; nothing where it is not, or where nobody knows."""

    co2_g: float
    co2_percent: float
    price: Decimal


def saving(*, co2_g: float | None, at_once_co2_g: float | None, price: Decimal, at_once_price: Decimal) -> Saving:
    """Grams and money that waiting saves; a plan that emits or costs more saves nothing."""
    money = max(at_once_price - price, Decimal(0))
    if not at_once_co2_g or co2_g is None:
        return Saving(0.0, 0.0, money)
    grams = max(at_once_co2_g - co2_g, 0.0)
    return Saving(grams, grams / at_once_co2_g * 100, money)


def saving_of(quote: Quote) -> Saving:
    """What a quote saves."""
    return saving(
        co2_g=quote.co2_g, at_once_co2_g=quote.at_once.co2_g, price=quote.price, at_once_price=quote.at_once.price
    )
