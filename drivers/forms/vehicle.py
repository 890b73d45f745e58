"""An own vehicle. People give kW and kWh; rows hold W and Wh."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from drivers.models import Vehicle


class VehicleForm(forms.ModelForm):
    battery_kwh = forms.DecimalField(label=_("Battery capacity"), min_value=5, max_value=250, decimal_places=2)
    max_charge_kw = forms.DecimalField(label=_("Max. charge power"), min_value=1, max_value=400, decimal_places=2)
    min_charge_kw = forms.DecimalField(
        label=_("Min. charge power"), min_value=0, max_value=50, decimal_places=2, initial=Decimal("1.38")
    )
    consumption_kwh_100km = forms.DecimalField(
        label=_("Consumption"), min_value=5, max_value=60, decimal_places=1, initial=17
    )
    max_discharge_kw = forms.DecimalField(
        label=_("Max. power back to the grid"), min_value=0, max_value=50, decimal_places=2, required=False
    )

    # Field of the form: (field of the model, factor).
    _UNITS = {
        "battery_kwh": ("battery_capacity_wh", 1000),
        "max_charge_kw": ("max_charge_w", 1000),
        "min_charge_kw": ("min_charge_w", 1000),
        "consumption_kwh_100km": ("consumption_wh_per_km", 10),
        "max_discharge_kw": ("max_discharge_w", 1000),
    }

    class Meta:
        model = Vehicle
        fields = ["brand", "model", "plate", "connector_standard", "v2g", "is_shared"]
        labels = {
            "v2g": _("Can give energy back (V2G)"),
            "is_shared": _("Shared: others in the district may book it"),
        }

    def __init__(self, *args: Any, driver: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._driver = driver
        for name, (column, factor) in self._UNITS.items():
            value = getattr(self.instance, column, None)
            if self.instance.pk and value is not None:
                self.initial[name] = (Decimal(value) / factor).normalize()

    def clean_plate(self) -> str:
        plate = " ".join(self.cleaned_data["plate"].upper().split())
        if Vehicle.objects.filter(owner=self._driver, plate=plate).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You have a vehicle with this plate already."))
        return plate

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("min_charge_kw", 0) > data.get("max_charge_kw", 1000):
            self.add_error("min_charge_kw", _("This is more than the max. charge power."))
        if data.get("v2g") and not data.get("max_discharge_kw"):
            self.add_error("max_discharge_kw", _("Tell how much power the car can give back."))
        return data

    def save(self, commit: bool = True) -> Vehicle:
        vehicle: Vehicle = super().save(commit=False)
        vehicle.owner = self._driver
        for name, (column, factor) in self._UNITS.items():
            setattr(vehicle, column, round((self.cleaned_data[name] or 0) * factor))
        if commit:
            vehicle.save()
        return vehicle
