"""``{% load charge %}``: what the pages of charging and of shared vehicles show."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import formats

from chargepoints.domain.tariff import CostBreakdown
from drivers.services import receipt

register = template.Library()


@register.filter
def iso(moment: datetime) -> str:
    """A moment for a form's value."""
    return moment.isoformat()


@register.filter
def hour_in(moment: datetime, zone: Any) -> str:
    """``18:00`` in a zone, whatever the day."""
    return formats.time_format(moment.astimezone(zone), "H:i")


@register.filter
def kilograms(grams: float) -> str:
    """``1.2`` for 1,234 grams, as the language writes it."""
    return formats.number_format(round(grams / 1000, 1), 1)


@register.filter
def without_sign(energy_wh: float) -> float:
    """What was given back, as a positive amount."""
    return abs(energy_wh)


@register.filter
def mean_price(cost: CostBreakdown) -> Decimal | None:
    """What a kWh of a cost was on the average."""
    return receipt.mean_price(amount=cost.energy, energy_wh=cost.energy_wh)


@register.filter
def clock_in(moment: datetime, place: Any) -> str:
    """``18:00`` at a place, whatever the day."""
    return hour_in(moment, ZoneInfo(place.time_zone))


@register.filter
def exact_in(moment: datetime, place: Any) -> str:
    """Date and time at a place, as a document has them."""
    local = moment.astimezone(ZoneInfo(place.time_zone))
    return f"{formats.date_format(local, 'DATE_FORMAT')}, {formats.time_format(local, 'H:i')}"
