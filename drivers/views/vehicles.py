"""Own vehicles, and the shared ones booked for now."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chargepoints.domain.errors import Refused
from drivers.forms.vehicle import VehicleForm
from drivers.models import Vehicle
from drivers.services import catalogue, vehicles
from drivers.views.access import back, driver_required

UNPROCESSABLE = 422


@driver_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The list."""
    usable = vehicles.usable(request.user, timezone.now())
    return render(request, "drivers/vehicles.html", {"vehicles": usable, "section": "vehicles"})


@driver_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new vehicle."""
    return _edit(request, Vehicle())


@driver_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """An own vehicle; another driver's does not exist, not even a shared one."""
    return _edit(request, get_object_or_404(Vehicle, pk=pk, owner=request.user))


def _edit(request: HttpRequest, vehicle: Vehicle) -> HttpResponse:
    form = VehicleForm(request.POST or None, instance=vehicle, driver=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your vehicle is saved."))
        return HttpResponseRedirect(back(request, default=reverse("drivers:vehicles")))
    context = {"form": form, "vehicle": vehicle, "catalogue": catalogue.models(), "section": "vehicles"}
    return render(request, "drivers/vehicle.html", context, status=UNPROCESSABLE if form.errors else 200)


@driver_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an own vehicle off the list."""
    vehicle = get_object_or_404(Vehicle, pk=pk, owner=request.user)
    try:
        vehicles.remove(vehicle=vehicle)
        messages.success(request, _("The vehicle is removed."))
    except Refused as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("drivers:vehicles"))
