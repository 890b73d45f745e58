"""What a session shall reach."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chargepoints.models import Evse, Reservation
from drivers.models import Vehicle
from drivers.services import plugs, private_points, stay, vehicles
from drivers.services.ranking import Mode
from drivers.services.wish import Wish
from smac.models import ChargingNeed
from smac.services import guessing

LEAST_MINUTES = 15
MOST_MINUTES = 24 * 60
USUAL_MINUTES = 120
# At home nobody waits for the charger.
USUAL_MINUTES_AT_HOME = 240
USUAL_FLOOR_PERCENT = 30
_DIGITS = 3


class EvseChoice(forms.ModelChoiceField):
    """Own charge points by the name of their place."""

    def label_from_instance(self, evse: Evse) -> str:  # type: ignore[override]
        return f"{evse.charge_point.supply_point.location.name} · {evse.charge_point.identity}"


class ChargeForm(forms.Form):
    """With a reservation the charge point is given; without one the driver chooses an own one."""

    vehicle = forms.ModelChoiceField(label=_("Vehicle"), queryset=Vehicle.objects.none(), empty_label=None)
    evse = EvseChoice(label=_("Charge point"), queryset=Evse.objects.none(), empty_label=None)
    mode = forms.ChoiceField(
        label=_("Charge mode"),
        choices=[(mode.value, ChargingNeed.Mode(mode.value).label) for mode in Mode],
        initial=ChargingNeed.Mode.BASIC,
        widget=forms.RadioSelect,
    )
    soc_percent = forms.IntegerField(label=_("Battery now"), min_value=0, max_value=99, initial=40)
    soc_unknown = forms.BooleanField(label=_("I do not know what the battery holds"), required=False)
    target_soc_percent = forms.IntegerField(label=_("Battery wanted"), min_value=1, max_value=100, initial=80)
    minutes = forms.IntegerField(
        label=_("Charge time"), min_value=LEAST_MINUTES, max_value=MOST_MINUTES, initial=USUAL_MINUTES
    )
    v2g = forms.BooleanField(label=_("My battery may give energy back (V2G)"), required=False)
    floor_soc_percent = forms.IntegerField(
        label=_("Never below"), min_value=10, max_value=90, initial=USUAL_FLOOR_PERCENT, required=False
    )

    def __init__(self, *args: Any, driver: Any, reservation: Reservation | None, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._driver, self._reservation, self._now = driver, reservation, now
        self.fields["vehicle"].queryset = vehicles.usable(driver, now)  # type: ignore[attr-defined]
        if reservation is None:
            self.fields["evse"].queryset = private_points.evses(driver)  # type: ignore[attr-defined]
            self.initial.setdefault("minutes", USUAL_MINUTES_AT_HOME)
        else:
            del self.fields["evse"]
            self.initial.setdefault("vehicle", vehicles.named(driver, reservation.vehicle_name, now))
            self.initial.setdefault("minutes", self._proposed_minutes(reservation))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("soc_unknown") and data.get("vehicle"):
            self._guess(data)
        elif data.get("target_soc_percent", 101) <= data.get("soc_percent", 0):
            self.add_error("target_soc_percent", _("Choose more than the battery holds now."))
        vehicle, evse = data.get("vehicle"), self._evse(data)
        if vehicle and evse and not self._fits(vehicle, evse):
            self.add_error("vehicle", _("The plug of this vehicle does not fit the charge point."))
        return data

    def _guess(self, data: dict[str, Any]) -> None:
        """What the battery holds, where the driver does not know: the slider says nothing then."""
        self.errors.pop("soc_percent", None)
        found = guessing.guess(
            driver_id=self._driver.pk, now=self._now, capacity_wh=data["vehicle"].battery_capacity_wh
        )
        data["soc_percent"] = min(found.soc_percent, data.get("target_soc_percent") or 100)

    def _evse(self, data: dict[str, Any]) -> Evse | None:
        return self._reservation.evse if self._reservation else data.get("evse")

    @property
    def minutes_per_percent(self) -> dict[int, float]:
        """How long a percent of each vehicle's battery takes at the reserved charger; empty without a reservation, and
        where the driver has said how long."""
        if self._reservation is None or self.is_bound:
            return {}
        evse, choices = self._reservation.evse, self.fields["vehicle"].queryset  # type: ignore[attr-defined]
        return {vehicle.pk: round(stay.minutes_per_percent(vehicle=vehicle, evse=evse), 4) for vehicle in choices}

    def _proposed_minutes(self, reservation: Reservation) -> int:
        """The time that the need takes, as far as it is known."""
        vehicle = self.initial.get("vehicle") or self.fields["vehicle"].queryset.first()  # type: ignore[attr-defined]
        if vehicle is None:
            return USUAL_MINUTES
        per_percent = stay.minutes_per_percent(vehicle=vehicle, evse=reservation.evse)
        percent = self._known("target_soc_percent") - self._known("soc_percent")
        return stay.proposed_minutes(percent=percent, per_percent=per_percent, most=MOST_MINUTES)

    def _known(self, name: str) -> int:
        """What the search brought, where that is a number; else what is usual."""
        said = str(self.initial.get(name, ""))
        return int(said) if said.isdecimal() and len(said) <= _DIGITS else int(self.fields[name].initial)

    @staticmethod
    def _fits(vehicle: Vehicle, evse: Evse) -> bool:
        fitting = plugs.fitting(vehicle.connector_standard)
        return any(connector.standard in fitting for connector in evse.connectors.all())

    @property
    def v2g_vehicle_ids(self) -> list[int]:
        """The vehicles that can give energy back."""
        able = self.fields["vehicle"].queryset.filter(v2g=True, max_discharge_w__gt=0)  # type: ignore[attr-defined]
        return list(able.values_list("pk", flat=True))

    @property
    def v2g_evse_ids(self) -> list[int]:
        """The charge points that can take energy back."""
        if self._reservation:
            return [self._reservation.evse_id] if self._reservation.evse.max_discharge_w else []
        able = self.fields["evse"].queryset.filter(max_discharge_w__gt=0)  # type: ignore[attr-defined]
        return list(able.values_list("pk", flat=True))

    @property
    def wish(self) -> Wish:
        """The valid form as a record."""
        data = self.cleaned_data
        evse = self._evse(data)
        assert evse is not None
        return Wish(
            vehicle=data["vehicle"],
            evse=evse,
            reservation=self._reservation,
            mode=data["mode"],
            soc_percent=data["soc_percent"],
            target_soc_percent=data["target_soc_percent"],
            departure_at=self._now + timedelta(minutes=data["minutes"]),
            v2g_wanted=data["v2g"],
            floor_soc_percent=data["floor_soc_percent"] or USUAL_FLOOR_PERCENT,
            soc_is_unknown=data["soc_unknown"],
        )
