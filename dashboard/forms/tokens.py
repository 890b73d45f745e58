"""Charge cards, as staff enter and change them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chargepoints.models import IdToken, Operator
from chargepoints.services import authorization

_MOST = 36
# The kinds of OCPP 2.0.1 that somebody can hold in the hand; 1.6 does not ask.
TYPES = (
    ("ISO14443", _("Card (ISO 14443)")),
    ("ISO15693", _("Card (ISO 15693)")),
    ("eMAID", _("Contract of a car (eMAID)")),
    ("KeyCode", _("Code to type in")),
    ("MacAddress", _("Network address of a car")),
)


def zone_of(operator: Operator) -> ZoneInfo:
    """In which days of an operator end: its first location's zone."""
    place = operator.locations.first()
    return ZoneInfo(place.time_zone if place else "UTC")


class TokenForm(forms.Form):
    """What may be changed of a card. ``expires_at`` of the cleaned data is the end of the day that was named."""

    driver = forms.CharField(
        label=_("Driver"), max_length=150, required=False, help_text=_("User name. Empty: the card is nobody's.")
    )
    parent = forms.CharField(
        label=_("Group"),
        max_length=_MOST,
        required=False,
        help_text=_("Cards of one group may end each other's sessions and use each other's reservations."),
    )
    expires_at = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    allows_concurrent = forms.BooleanField(label=_("Several sessions at once, as for a fleet"), required=False)

    def __init__(self, *args: Any, operator: Operator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone_of(operator)

    def clean_driver(self) -> Any:
        name = self.cleaned_data["driver"].strip()
        if not name:
            return None
        found = get_user_model().objects.filter(username__iexact=name, is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("There is no user of this name."))
        return found

    def clean_expires_at(self) -> datetime | None:
        day = self.cleaned_data["expires_at"]
        return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()), self.zone) if day else None


class NewTokenForm(TokenForm):
    """A card that is entered for the first time."""

    token = forms.RegexField(
        label=_("Number of the card"),
        regex=r"^\s*[0-9A-Za-z*:#_=+|@.-]{4,36}\s*$",
        error_messages={"invalid": _("4 to 36 letters and digits, as a reader shows them.")},
    )
    token_type = forms.ChoiceField(label=_("Kind"), choices=TYPES)
    field_order = ("token", "token_type")


class MasterPassForm(forms.Form):
    """The group whose cards end any session."""

    group = forms.CharField(label=_("Group"), max_length=_MOST, required=False)


def of_token(id_token: IdToken, operator: Operator) -> dict[str, Any]:
    """A card as its form shows it. The group that was made for a driver's own cards comes of itself."""
    last = id_token.expires_at and timezone.localtime(id_token.expires_at - timedelta(seconds=1), zone_of(operator))
    return {
        "driver": id_token.driver.get_username() if id_token.driver else "",
        "parent": "" if authorization.is_drivers_group(id_token.parent) else id_token.parent,
        "expires_at": last.date() if last else None,
        "allows_concurrent": id_token.allows_concurrent,
    }
