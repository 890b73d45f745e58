"""``{% load ui %}``: icons, status pills, quantities and times for templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from twinev.ui import formatting

register = template.Library()


@register.simple_tag
def icon(name: str, extra_class: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; without ``label`` it is decoration and hidden from screen readers."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon {}" {} focusable="false"><use href="{}#{}"></use></svg>',
        extra_class,
        spoken,
        static("twinev/icons.svg"),
        name,
    )


@register.inclusion_tag("_status_pill.html")
def status_pill(state: str, text: str, icon_name: str = "") -> dict[str, str]:
    """``state``: reserved, charging, finished, overdue, fault, offline, selected, free, neutral."""
    return {"state": state, "text": text, "icon_name": icon_name or STATE_ICONS.get(state, "info")}


@register.inclusion_tag("_ring.html")
def ring(now_percent: Any, target_percent: Any = None, caption: str = "", state: str = "charging") -> dict[str, Any]:
    """A ring of the battery: filled to ``now_percent``, with a mark at ``target_percent``."""
    shown = min(max(float(now_percent or 0), 0), 100)
    target = None if target_percent is None else min(max(float(target_percent), 0), 100)
    return {
        "known": now_percent is not None,
        "now": now_percent,
        "filled": f"{shown:.1f}",
        "target": target_percent,
        "target_angle": None if target is None else f"{target * 3.6 - 90:.1f}",
        "target_filled": None if target is None else f"{target:.1f}",
        "caption": caption,
        "state": state,
    }


@register.simple_tag
def time_at(moment: datetime | None, place: Any = None) -> SafeString | str:
    """``18:40`` in the zone of ``place``, the exact value on demand."""
    if moment is None:
        return formatting.NOTHING
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        formatting.iso(moment),
        formatting.exact(moment, place),
        formatting.clock(moment, place, timezone.now()),
    )


@register.simple_tag
def time_in(moment: datetime | None, place: Any = None) -> SafeString | str:
    """``in 25 min`` or ``5 min ago``, kept true by countdown.js, the exact value on demand."""
    if moment is None:
        return formatting.NOTHING
    return format_html(
        '<time datetime="{0}" data-relative="{0}" title="{1}">{2}</time>',
        formatting.iso(moment),
        formatting.exact(moment, place),
        formatting.distance_in_time(moment, timezone.now()),
    )


@register.simple_tag
def countdown(until: datetime | None) -> SafeString | str:
    """The time left until ``until``, ticking in the browser."""
    if until is None:
        return formatting.NOTHING
    left = max((until - timezone.now()).total_seconds(), 0)
    return format_html(
        '<time datetime="{0}" data-until="{0}" role="timer">{1}</time>',
        formatting.iso(until),
        formatting.duration(left),
    )


@register.simple_tag
def duration_data() -> SafeString:
    """The words of durations for countdown.js, as data-attributes: what ticks reads as what stands still."""
    words = {
        "seconds": _("%(seconds)d s"),
        "minutes": _("%(minutes)d min"),
        "hours": _("%(hours)d h"),
        "both": _("%(hours)d h %(minutes)02d min"),
        "now": _("just now"),
        "ahead": _("in %(span)s"),
        "ago": _("%(span)s ago"),
    }
    return format_html_join(" ", 'data-time-{}="{}"', words.items())


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The address's query string with ``changes``; an empty value removes its key."""
    parameters = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            parameters.pop(key, None)
        else:
            parameters[key] = value
    return f"?{parameters.urlencode()}"


@register.simple_tag
def map_data() -> SafeString:
    """The attributes that every map needs: where tiles and outlines come from, and its words."""
    attributes = {
        "tile-url": getattr(settings, "TILE_URL", ""),
        "tile-attribution": getattr(settings, "TILE_ATTRIBUTION", ""),
        "base-url": static("vendor/world/europe.geojson"),
        "streets-url": static("twinev/geo/pilots.geojson"),
        "icons-url": static("twinev/icons.svg"),
        "text-tiles-gone": _("The street map cannot be reached. A simple map stands in for it."),
        "text-no-location": _("Your place is not known. Allow it in the browser, or search for a street."),
        "text-failed": _("The stations could not be loaded. Please try again."),
        "text-zoom-in": _("Zoom in"),
        "text-zoom-out": _("Zoom out"),
    }
    return format_html_join(" ", 'data-{}="{}"', attributes.items())


@register.simple_tag
def chart_data(label: str) -> SafeString:
    """The attributes that every chart needs: its name for screen readers, and its words."""
    attributes = {
        "data-label": label,
        "data-text-table": _("Table"),
        "data-text-empty": _("Nothing to show yet."),
        "data-text-failed": _("The curve could not be loaded. Please try again."),
    }
    return format_html_join(" ", '{}="{}"', attributes.items())


@register.simple_tag
def field_kind(field: BoundField) -> str:
    """How a form field is drawn: ``check`` (one box), ``group`` (several) or ``control``."""
    if isinstance(field.field.widget, forms.CheckboxInput):
        return "check"
    return "group" if isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple) else "control"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's widget with our classes, marked wrong when it has errors."""
    widget = field.field.widget
    css = "form-control"
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, forms.Select):
        css = "form-select"
    elif widget.attrs.get("type", getattr(widget, "input_type", "")) == "range":
        css = "form-range"
    attributes: dict[str, str | bool] = {
        "class": f"{widget.attrs.get('class', '')} {css}{' is-invalid' if field.errors else ''}".strip()
    }
    return field.as_widget(attrs=attributes)


@register.filter
def kw(power_w: Any, decimals: int = 1) -> str:
    """Watts as ``11.0 kW``."""
    return formatting.kilo(power_w, "kW", decimals)


@register.filter
def kwh(energy_wh: Any, decimals: int = 1) -> str:
    """Watt-hours as ``12.4 kWh``."""
    return formatting.kilo(energy_wh, "kWh", decimals)


@register.filter
def money(amount: Any, currency: str = "EUR") -> str:
    """``€3.20`` or ``3,20 €``."""
    return formatting.money(amount, currency)


@register.filter
def unit_price(amount: Any, currency: str = "EUR") -> str:
    """A price for one kilowatt-hour, to a tenth of a cent."""
    if amount in (None, ""):
        return formatting.NOTHING
    return f"{formatting.money(amount, currency, 3)}/kWh"


@register.filter
def percent(value: Any, decimals: int = 0) -> str:
    """``64%``; the value is in percent."""
    return formatting.percent(value, decimals)


@register.filter
def percent_typed(number: object) -> str:
    """A percentage of a form as the language writes it; what a person typed wrongly stays as it is."""
    try:
        return formatting.percent(float(str(number)))
    except ValueError:
        return str(number)


@register.filter
def duration(seconds: Any) -> str:
    """``1 h 05 min``; takes seconds or a timedelta."""
    return formatting.duration(seconds.total_seconds() if hasattr(seconds, "total_seconds") else seconds)


@register.filter
def local_time(moment: datetime | None, place: Any = None) -> str:
    """``18:40`` in the zone of ``place`` (a location, a zone or its name), with the day when it is not today."""
    return formatting.NOTHING if moment is None else formatting.clock(moment, place, timezone.now())


@register.filter
def local_seconds(moment: datetime | None, place: Any = None) -> str:
    """``local_time`` with seconds, where the order of things matters."""
    return formatting.NOTHING if moment is None else formatting.clock(moment, place, timezone.now(), shape="H:i:s")


@register.filter
def in_words(moment: datetime | None) -> str:
    """``in 25 min``, ``5 min ago``."""
    return formatting.NOTHING if moment is None else formatting.distance_in_time(moment, timezone.now())


STATE_ICONS = {
    "reserved": "clock",
    "charging": "bolt",
    "finished": "check",
    "overdue": "warning",
    "fault": "warning",
    "offline": "offline",
    "selected": "pin",
    "free": "plug",
    "neutral": "info",
}
