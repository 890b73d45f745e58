"""Reserving a charger: the answer is a dialog, good or bad."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from chargepoints.domain.errors import Refused
from chargepoints.models import Evse
from drivers.forms.reserve import ReserveForm
from drivers.models import Vehicle
from drivers.services import booking, stations
from drivers.views.access import driver_required, is_fragment

REFUSED = 409


@driver_required
@require_POST
def reserve(request: HttpRequest, evse_id: int) -> HttpResponse:
    """Reserves a public charger for a vehicle. 409 with words and alternatives when somebody was faster."""
    now = timezone.now()
    evse = get_object_or_404(stations.public_evses(), pk=evse_id)
    form = ReserveForm(request.POST, driver=request.user, now=now)
    # Without a position there is still a reservation; without an own vehicle there is nothing to talk about.
    form.is_valid()
    if "vehicle" not in form.cleaned_data:
        raise Http404
    vehicle: Vehicle = form.cleaned_data["vehicle"]
    try:
        reservation = booking.reserve(
            driver=request.user,
            evse=evse,
            vehicle=vehicle,
            position=form.position,
            now=now,
            any_evse=form.cleaned_data["any_evse"],
        )
    except Refused as error:
        return _refused(request, error, evse, vehicle)
    if not is_fragment(request):
        return HttpResponseRedirect(_charge_url(request))
    return render(request, "drivers/_reserved.html", {"reservation": reservation, "charge_url": _charge_url(request)})


def _charge_url(request: HttpRequest) -> str:
    """The Charge screen, with what the search knew already."""
    known = {name: request.POST[name] for name in ("mode", "soc_percent", "target_soc_percent") if name in request.POST}
    return f"{reverse('drivers:charge')}?{urlencode(known)}" if known else reverse("drivers:charge")


def _refused(request: HttpRequest, error: Refused, evse: Evse, vehicle: Vehicle) -> HttpResponse:
    context = {
        "error": error,
        "vehicle": vehicle,
        "place": request.POST,
        "alternatives": [] if error.code == "own" else booking.alternatives(evse=evse, vehicle=vehicle),
    }
    template = "drivers/_refused.html" if is_fragment(request) else "drivers/refused.html"
    return render(request, template, context, status=REFUSED)
