"""``{% load charge %}``: what the pages of charging and of shared vehicles show."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import formats

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
def minutes_until(moment: datetime, now: datetime) -> int:
    """Whole minutes from now to a moment."""
    return round((moment - now).total_seconds() / 60)
