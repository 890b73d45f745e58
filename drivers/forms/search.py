"""Search & rank."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from drivers.models import Vehicle
from drivers.services import vehicles
from drivers.services.ranking import Mode
from drivers.services.travel import Position
from smac.models import ChargingNeed

MOST_KM = 50
USUAL_KM = 30


class SearchForm(forms.Form):
    """The values come from the address, so that a search can be shared, reloaded and gone back to."""

    vehicle = forms.ModelChoiceField(label=_("Vehicle"), queryset=Vehicle.objects.none(), empty_label=None)
    distance_km = forms.IntegerField(label=_("Max. distance"), min_value=1, max_value=MOST_KM, initial=USUAL_KM)
    soc_percent = forms.IntegerField(label=_("Battery now"), min_value=0, max_value=99, initial=40)
    target_soc_percent = forms.IntegerField(label=_("Battery wanted"), min_value=1, max_value=100, initial=80)
    mode = forms.ChoiceField(label=_("Charge mode"), choices=ChargingNeed.Mode.choices, required=False)
    with_busy = forms.BooleanField(label=_("Show stations in use, too"), required=False)
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, driver: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.driver = driver
        self.fields["vehicle"].queryset = vehicles.usable(driver, now)  # type: ignore[attr-defined]

    def clean_mode(self) -> Mode:
        return Mode(self.cleaned_data["mode"] or Mode.BASIC)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("target_soc_percent", 101) <= data.get("soc_percent", 0):
            self.add_error("target_soc_percent", _("Choose more than the battery holds now."))
        return data

    @property
    def position(self) -> Position | None:
        """Where the driver is; None when the browser did not tell."""
        latitude, longitude = self.cleaned_data.get("latitude"), self.cleaned_data.get("longitude")
        return None if latitude is None or longitude is None else Position(latitude, longitude)
