"""What a running session shall reach instead."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from drivers.forms.charge import LEAST_MINUTES, MOST_MINUTES, USUAL_FLOOR_PERCENT, USUAL_MINUTES
from drivers.models import ChargeSession, Vehicle
from drivers.services import plugs, progress, vehicles, wish
from drivers.services.changing import Change
from drivers.services.ranking import Mode
from smac.models import ChargingNeed


class ChangeForm(forms.Form):
    """Begins with what holds. The vehicle is asked for only where nobody knows it, the battery where no car tells."""

    vehicle = forms.ModelChoiceField(
        label=_("Vehicle"), queryset=Vehicle.objects.none(), required=False, empty_label=_("Another one, or unknown")
    )
    mode = forms.ChoiceField(
        label=_("Charge mode"),
        choices=[(mode.value, ChargingNeed.Mode(mode.value).label) for mode in Mode],
        widget=forms.RadioSelect,
    )
    soc_percent = forms.IntegerField(label=_("Battery now"), min_value=0, max_value=100, required=False)
    target_soc_percent = forms.IntegerField(label=_("Battery wanted"), min_value=1, max_value=100)
    minutes = forms.IntegerField(label=_("Time left"), min_value=1, max_value=MOST_MINUTES)
    v2g = forms.BooleanField(label=_("My battery may give energy back (V2G)"), required=False)
    floor_soc_percent = forms.IntegerField(label=_("Never below"), min_value=10, max_value=90, required=False)

    def __init__(self, *args: Any, session: ChargeSession, now: datetime, **kwargs: Any) -> None:
        shown = progress.of(session=session, now=now)
        kwargs["initial"] = _as_it_is(session, shown, now)
        super().__init__(*args, **kwargs)
        self._session, self._now, self._shown = session, now, shown
        choices = vehicles.usable(session.driver, now)
        if session.vehicle_id or not choices:
            del self.fields["vehicle"]
        else:
            self.fields["vehicle"].queryset = choices  # type: ignore[attr-defined]
        if shown.soc_is_measured:
            del self.fields["soc_percent"]
        if not self.can_give:
            del self.fields["v2g"], self.fields["floor_soc_percent"]

    @property
    def can_give(self) -> bool:
        """Whether car and charger can give energy back, as far as the car is known."""
        vehicle = self._session.vehicle
        return vehicle is not None and wish.can_discharge(vehicle, self._session.evse)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        vehicle = data.get("vehicle")
        sockets = [connector.standard for connector in self._session.evse.connectors.all()]
        if vehicle and not plugs.best(vehicle.connector_standard, sockets):
            self.add_error("vehicle", _("The plug of this vehicle does not fit the charge point."))
        return data

    @property
    def change(self) -> Change:
        """The valid form as a record. What stands at the battery as it was shown is no new word of the driver's."""
        data = self.cleaned_data
        return Change(
            session=self._session,
            mode=data["mode"],
            target_soc_percent=data["target_soc_percent"],
            departure_at=self._departure(data["minutes"]),
            v2g_wanted=data.get("v2g", False),
            floor_soc_percent=data.get("floor_soc_percent") or USUAL_FLOOR_PERCENT,
            soc_percent=self._soc(data.get("soc_percent")),
            vehicle=data.get("vehicle"),
        )

    def _departure(self, minutes: int) -> datetime:
        """The end as it was where the minutes left are as they were shown: to the second, not cut to a minute."""
        is_same = self._session.has_wish and minutes == self.initial["minutes"]
        return self._session.planned_end_at if is_same else self._now + timedelta(minutes=minutes)

    def _soc(self, told: int | None) -> float | None:
        is_news = told is not None and (told != self.initial["soc_percent"] or self._session.need.is_assumed)
        return told if is_news else None


def _as_it_is(session: ChargeSession, shown: progress.Progress, now: datetime) -> dict[str, Any]:
    left = round((session.planned_end_at - now).total_seconds() / 60)
    need = session.need
    return {
        "mode": need.mode,
        "soc_percent": round(shown.soc_percent),
        "target_soc_percent": round(need.target_soc_percent),
        "minutes": max(left, LEAST_MINUTES) if session.has_wish else USUAL_MINUTES,
        "v2g": need.v2g_allowed,
        "floor_soc_percent": round(need.floor_soc_percent) if need.v2g_allowed else USUAL_FLOOR_PERCENT,
    }
