"""Booking a shared vehicle."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from chargepoints.models import IdToken
from drivers.models import Vehicle
from drivers.services import sharing


class SharedChoice(forms.Form):
    """Which vehicle on which day; what is missing or makes no sense gives way to the first vehicle, today."""

    vehicle = forms.ModelChoiceField(label=_("Shared vehicle"), queryset=Vehicle.objects.none(), required=False)
    day = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = sharing.vehicles()  # type: ignore[attr-defined]
        self.full_clean()

    @property
    def wanted(self) -> Vehicle | None:
        """The vehicle asked for, else the first one; None where none is shared."""
        return self.cleaned_data.get("vehicle") or sharing.vehicles().first()

    def on(self, *, today: date, last: date) -> date:
        """The day asked for, within what can be booked."""
        try:
            asked = parse_date(self.cleaned_data.get("day") or "")
        except ValueError:
            asked = None
        return min(max(asked or today, today), last)


class HoursField(forms.MultipleChoiceField):
    """Beginnings of hours as ISO 8601; whether they can be had is asked when they are booked."""

    def valid_value(self, value: Any) -> bool:
        return _moment(value) is not None

    def clean(self, value: Any) -> list[datetime]:  # type: ignore[override]
        return [moment for text in super().clean(value) if (moment := _moment(text)) is not None]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


class SharedForm(forms.Form):
    """The chosen hours and the charge card."""

    vehicle = forms.ModelChoiceField(queryset=Vehicle.objects.none())
    id_token = forms.ModelChoiceField(
        label=_("Charge card to pick it up with"), queryset=IdToken.objects.none(), empty_label=None
    )
    hours = HoursField(
        label=_("Hours"), error_messages={"required": _("Choose the hours in which you need the vehicle.")}
    )

    def __init__(self, *args: Any, driver: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = sharing.vehicles()  # type: ignore[attr-defined]
        self.fields["id_token"].queryset = sharing.cards(driver, now)  # type: ignore[attr-defined]

    def clean_hours(self) -> tuple[datetime, datetime]:
        """From when until when."""
        try:
            return sharing.span(self.cleaned_data["hours"])
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None
