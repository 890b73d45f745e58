"""Filters of the reservations."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints.models import Reservation

_PLACE = "evse__charge_point__supply_point__location"


class BookingFilter(forms.Form):
    """What is offered is what the driver's own history holds."""

    vehicle = forms.ChoiceField(label=_("Vehicle"), required=False)
    station = forms.ChoiceField(label=_("Station"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)

    def __init__(self, *args: Any, driver: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = driver.reservations.order_by()
        names = own.exclude(vehicle_name="").values_list("vehicle_name", flat=True).distinct()
        places = own.values_list(f"{_PLACE}_id", f"{_PLACE}__name").distinct()
        self._offer("vehicle", [(name, name) for name in sorted(names)])
        self._offer("station", sorted(((str(pk), name) for pk, name in places), key=lambda place: place[1]))
        self._offer("status", Reservation.Status.choices)

    def _offer(self, name: str, choices: Any) -> None:
        self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]

    def filtered(self, reservations: QuerySet[Reservation]) -> QuerySet[Reservation]:
        """Only what was asked for; a value that is not offered is no filter."""
        self.is_valid()
        columns = {"vehicle": "vehicle_name", "station": f"{_PLACE}_id", "status": "status"}
        wanted = {columns[name]: value for name, value in self.cleaned_data.items() if value}
        return reservations.filter(**wanted)

    @property
    def is_active(self) -> bool:
        """Whether something is filtered out."""
        return self.is_valid() and any(self.cleaned_data.values())
