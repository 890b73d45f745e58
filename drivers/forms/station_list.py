"""Which stations to list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from drivers.services.travel import Position


class StationListForm(forms.Form):
    """Every field may be missing: then the list begins where most stations are, or at the driver's home."""

    words = forms.CharField(label=_("Name, street or town"), max_length=80, required=False)
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)

    @property
    def position(self) -> Position | None:
        """Where the person is, when the browser told it."""
        data = self.cleaned_data
        if data.get("latitude") is None or data.get("longitude") is None:
            return None
        return Position(data["latitude"], data["longitude"])
