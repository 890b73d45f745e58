"""What comes with the press of "Reserve"."""

from datetime import datetime
from typing import Any

from django import forms

from drivers.models import Vehicle
from drivers.services import vehicles
from drivers.services.travel import Position


class ReserveForm(forms.Form):
    """For which vehicle, and where the driver is, as far as the browser tells."""

    vehicle = forms.ModelChoiceField(queryset=Vehicle.objects.none())
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False)
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False)
    any_evse = forms.BooleanField(required=False)

    def __init__(self, *args: Any, driver: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["vehicle"].queryset = vehicles.usable(driver, now)  # type: ignore[attr-defined]

    @property
    def position(self) -> Position | None:
        latitude, longitude = self.cleaned_data.get("latitude"), self.cleaned_data.get("longitude")
        return None if latitude is None or longitude is None else Position(latitude, longitude)
