"""``{% load drivers %}``: what every page of the drivers' app shows."""

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from drivers.services import notices, status
from drivers.services.ranking import Reason

register = template.Library()

_KM = 1000


@register.simple_tag(takes_context=True)
def driver_status(context: template.Context) -> Any:
    """What the driver has under way; None for strangers."""
    user = context["request"].user
    return status.of(driver=user, now=timezone.now()) if user.is_authenticated else None


@register.simple_tag(takes_context=True)
def unread_notices(context: template.Context) -> int:
    """How many notices the driver has not seen."""
    return notices.unread_count(context["request"].user)


@register.simple_tag
def rank_reason(reason: Reason, currency: str) -> str:
    """Why a station stands where it stands, in one line. A list says it twice for each: it is put into words once."""
    return _reason_words(reason, currency, get_language() or "")


@lru_cache(maxsize=2_000)
def _reason_words(reason: Reason, currency: str, _language: str) -> str:
    words = render_to_string("drivers/_rank_reason.html", {"reason": reason, "currency": currency})
    return mark_safe(" ".join(words.split()))  # noqa: S308 (the template has escaped it)


@register.filter
def distance(metres: float) -> str:
    """``350 m``, ``4.2 km``."""
    if metres < _KM:
        return f"{round(metres, -1):.0f}\u00a0m"
    return f"{formats.number_format(round(metres / _KM, 1), 1)}\u00a0km"


@register.filter
def as_percent(share: float) -> float:
    """A share from 0 to 1 as percent, for the ``percent`` filter."""
    return share * 100


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """A mapping's value by a key that a variable holds."""
    return mapping.get(key)


@register.filter
def unlocalized(number: float) -> str:
    """A coordinate for the browser: a point, whatever the language."""
    return f"{float(number):.6f}"


@register.filter
def unlocalized_integer(number: object) -> str:
    """A whole number for an input field, without thousands separators; what a person typed stays as it is."""
    if isinstance(number, float):
        return str(round(number))
    return str(number if number is not None else "")


@register.filter
def minutes_as_duration(minutes: int) -> str:
    """``2 h``, ``45 min``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    return _("%(hours)d h") % {"hours": hours}
