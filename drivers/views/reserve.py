"""Reserving a charger: the answer is a dialog, good or bad."""

from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from chargepoints.domain.errors import Refused
from chargepoints.models import Evse
from drivers.models import Vehicle
from drivers.services import booking, stations, vehicles
from drivers.services.travel import Position
from drivers.views.access import driver_required

REFUSED = 409


class PlaceForm(forms.Form):
    """Where the driver is, as far as the browser tells."""

    latitude = forms.FloatField(min_value=-90, max_value=90)
    longitude = forms.FloatField(min_value=-180, max_value=180)


@driver_required
@require_POST
def reserve(request: HttpRequest, evse_id: int) -> HttpResponse:
    """Reserves a public charger for a vehicle. 409 with words and alternatives when somebody was faster."""
    now = timezone.now()
    evse = get_object_or_404(stations.public_evses(), pk=evse_id)
    usable = vehicles.usable(request.user, now)
    vehicle = get_object_or_404(usable, pk=request.POST.get("vehicle") or 0)
    try:
        reservation = booking.reserve(
            driver=request.user, evse=evse, vehicle=vehicle, position=_position(request), now=now
        )
    except Refused as error:
        return _refused(request, error, evse, vehicle)
    if not request.htmx:
        return HttpResponseRedirect(_charge_url(request))
    return render(request, "drivers/_reserved.html", {"reservation": reservation, "charge_url": _charge_url(request)})


def _charge_url(request: HttpRequest) -> str:
    """The Charge screen, with what the search knew already."""
    known = {name: request.POST[name] for name in ("mode", "soc_percent", "target_soc_percent") if name in request.POST}
    return f"{reverse('drivers:charge')}?{urlencode(known)}" if known else reverse("drivers:charge")


def _position(request: HttpRequest) -> Position | None:
    form = PlaceForm(request.POST)
    return Position(**form.cleaned_data) if form.is_valid() else None


def _refused(request: HttpRequest, error: Refused, evse: Evse, vehicle: Vehicle) -> HttpResponse:
    context = {
        "error": error,
        "vehicle": vehicle,
        "place": request.POST,
        "alternatives": [] if error.code == "own" else booking.alternatives(evse=evse, vehicle=vehicle),
    }
    template = "drivers/_refused.html" if request.htmx else "drivers/refused.html"
    return render(request, template, context, status=REFUSED)
