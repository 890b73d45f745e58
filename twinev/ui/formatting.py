"""Quantities and times as people read them, in the active language."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NOTHING = "–"
# A number and its unit stay on one line.
NBSP = "\u00a0"
# Languages that write the sign straight after or before the number (Unicode CLDR).
SIGN_BEFORE_NUMBER = {"en"}
PERCENT_WITHOUT_SPACE = {"en", "el"}
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}


def number(value: Any, decimals: int) -> str:
    """``value`` rounded half up to ``decimals`` places, with the language's separators."""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    # A figure that rounds to nothing has no sign.
    return formats.number_format(abs(rounded) if rounded == 0 else rounded, decimals, force_grouping=True)


def kilo(value: Any, unit: str, decimals: int) -> str:
    """A thousandth of ``value`` with ``unit`` (kW from W, kWh from Wh)."""
    if value in (None, ""):
        return NOTHING
    return f"{number(Decimal(str(value)) / 1000, decimals)}{NBSP}{unit}"


def money(amount: Any, currency: str = "EUR", decimals: int = 2) -> str:
    """An amount with its currency, placed as the language does."""
    if amount in (None, ""):
        return NOTHING
    sign, figure = SYMBOLS.get(currency, currency), number(amount, decimals)
    if _language() not in SIGN_BEFORE_NUMBER:
        return f"{figure}{NBSP}{sign}"
    gap = "" if currency in SYMBOLS else NBSP
    return f"-{sign}{gap}{figure[1:]}" if figure.startswith("-") else f"{sign}{gap}{figure}"


def percent(value: Any, decimals: int = 0) -> str:
    """``value`` is in percent, not a share of one."""
    if value in (None, ""):
        return NOTHING
    return f"{number(value, decimals)}{'' if _language() in PERCENT_WITHOUT_SPACE else NBSP}%"


def duration(seconds: Any) -> str:
    """Hours and minutes; less than a minute says so."""
    if seconds in (None, ""):
        return NOTHING
    minutes = round(float(seconds) / 60)
    if minutes < 1:
        return _("under 1 min")
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": rest}


def zone_of(place: Any) -> tzinfo:
    """The zone of a name, of a zone, or of anything with a ``time_zone``; without one, the current zone."""
    place = getattr(place, "time_zone", place)
    if isinstance(place, tzinfo):
        return place
    return ZoneInfo(place) if place else timezone.get_current_timezone()


def clock(moment: datetime, place: Any, now: datetime, *, shape: str = "H:i") -> str:
    """``18:40`` today; with the day's name or date on any other day. ``shape`` is of Django's ``time`` filter."""
    zone = zone_of(place)
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    time = formats.time_format(local, shape)
    days = (local.date() - today).days
    if days == 0:
        return time
    if days == 1:
        return _("tomorrow %(time)s") % {"time": time}
    if days == -1:
        return _("yesterday %(time)s") % {"time": time}
    return f"{formats.date_format(local, 'j M' if local.year == today.year else 'j M Y')}, {time}"


def exact(moment: datetime, place: Any) -> str:
    """Date, time and zone in full, for those who ask."""
    local = moment.astimezone(zone_of(place))
    return f"{formats.date_format(local, 'DATE_FORMAT')} {formats.time_format(local, 'H:i:s')} {local.tzname()}"


def distance_in_time(moment: datetime, now: datetime) -> str:
    """``in 25 min``, ``5 min ago``, ``just now``, ``in 3 days``."""
    seconds = (moment - now).total_seconds()
    if abs(seconds) < 60:
        return _("just now")
    days = int(abs(seconds) // 86400)
    span = ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else duration(abs(seconds))
    return (_("in %(span)s") if seconds > 0 else _("%(span)s ago")) % {"span": span}


def iso(moment: datetime) -> str:
    """UTC, for the ``datetime`` attribute."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _language() -> str:
    return (translation.get_language() or "en").split("-")[0]
