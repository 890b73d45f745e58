"""Words and colours of cards, refused chargers and dialects."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chargepoints.domain import authorization as domain
from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.models import IdToken, RefusedCharger
from chargepoints.services import authorization
from chargepoints.services.quirks import DialectSource
from dashboard.forms.tokens import TYPES

register = template.Library()


@register.inclusion_tag("_status_pill.html")
def token_pill(row: IdToken) -> dict[str, str]:
    """What a charger is answered for a card, as far as the card alone decides."""
    verdict = domain.verdict(
        known=True, blocked=row.status == IdToken.Status.BLOCKED, expires_at=row.expires_at, now=timezone.now()
    )
    if verdict == AuthorizationStatus.BLOCKED:
        return {"state": "fault", "text": _("Blocked"), "icon_name": "close"}
    if verdict == AuthorizationStatus.EXPIRED:
        return {"state": "offline", "text": _("Expired"), "icon_name": "clock"}
    if row.operator and domain.normal(row.parent) == domain.normal(row.operator.master_pass_group) != "":
        return {"state": "selected", "text": _("Master pass"), "icon_name": "key"}
    return {"state": "free", "text": _("Active"), "icon_name": "check"}


@register.simple_tag
def group_words(row: IdToken) -> str:
    """A card's group; the one that was made for a driver's own cards has no name for people."""
    if not row.parent:
        return "–"
    return _("its driver's cards") if authorization.is_drivers_group(row.parent) else row.parent


@register.simple_tag
def token_type_words(name: str) -> str:
    """What kind of token it is."""
    return str(dict(TYPES).get(name, name))


@register.filter
def last_day(expires_at: datetime | None, zone: ZoneInfo) -> str:
    """The last day on which a card is good."""
    if expires_at is None:
        return "–"
    return date_format(timezone.localtime(expires_at - timedelta(seconds=1), zone), "SHORT_DATE_FORMAT")


@register.filter
def refusal_look(row: RefusedCharger) -> str:
    """The state colour of a refusal: somebody may want in, or has the wrong key."""
    return "reserved" if row.reason == RefusedCharger.Reason.UNKNOWN else "fault"


@register.simple_tag
def dialect_source_words(source: Any) -> str:
    """How a charger's dialect is known."""
    words = {
        DialectSource.NOWHERE: _("Neither its vendor, model and firmware nor its settings tell."),
        DialectSource.STAFF: _("Set by staff: it stays, whatever the charger tells."),
        DialectSource.TABLE: _("Found by its vendor, model and firmware."),
        DialectSource.SETTINGS: _("Found by its own settings."),
    }
    return words[source]
