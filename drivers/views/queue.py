"""Waiting for a busy station: standing in its queue, or being told when it is free."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chargepoints.domain.errors import Refused
from drivers.forms.reserve import ReserveForm
from drivers.models import QueueEntry, Vehicle
from drivers.services import occupancy, queue, stations, watch
from drivers.services.stations import Station
from drivers.views.access import back, driver_required, is_fragment

_MINUTE = timedelta(minutes=1)


@driver_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The driver's place, or the turn that waits to be taken."""
    standing, now = queue.standing(request.user), timezone.now()
    context: dict[str, Any] = {"standing": standing, "section": "map", "turn_minutes": queue.TURN // _MINUTE}
    if standing is not None and standing.turn is None:
        station = stations.station_of(standing.entry.station_id)
        evses = [evse.pk for evse in station.evses if queue.fits(evse, standing.entry.vehicle)] if station else []
        context["free_at"] = min(occupancy.free_at(evses, now=now).values(), default=None)
    return render(request, "drivers/queue.html", context)


@driver_required
@require_POST
def join(request: HttpRequest, key: int) -> HttpResponse:
    """Stands in the queue of a public station."""
    station, vehicle = _station(key), _vehicle(request)
    try:
        queue.join(driver=request.user, station=station, vehicle=vehicle, now=timezone.now())
    except Refused as error:
        messages.error(request, str(error))
        if error.code == "own":
            return HttpResponseRedirect(reverse("drivers:charge"))
    return HttpResponseRedirect(reverse("drivers:queue"))


@driver_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives the place back."""
    if queue.leave(entry=_mine(request, pk), now=timezone.now()):
        messages.success(request, _("You have left the queue."))
    return HttpResponseRedirect(reverse("drivers:map"))


@driver_required
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes the turn: on to the Charge screen, with time for the way."""
    form = _form(request)
    try:
        queue.take(entry=_mine(request, pk), position=form.position, now=timezone.now())
    except Refused as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("drivers:queue"))
    return HttpResponseRedirect(reverse("drivers:charge"))


@driver_required
@require_POST
def watch_station(request: HttpRequest, key: int) -> HttpResponse:
    """Tells the driver when the station is free, or not any more."""
    station, vehicle, now = _station(key), _vehicle(request), timezone.now()
    if request.POST.get("stop"):
        watch.unwatch(driver=request.user, station_key=station.key)
    else:
        watch.watch(driver=request.user, station=station, vehicle=vehicle, now=now)
    if is_fragment(request):
        watched = watch.watched_by(request.user, now)
        context = {"station": station, "vehicle": vehicle, "watched": watched}
        return render(request, "drivers/_watch_button.html", context)
    return HttpResponseRedirect(back(request, default=reverse("drivers:map")))


def _station(key: int) -> Station:
    station = stations.station_of(key)
    if station is None:
        raise Http404
    return station


def _form(request: HttpRequest) -> ReserveForm:
    form = ReserveForm(request.POST, driver=request.user, now=timezone.now())
    form.is_valid()
    return form


def _vehicle(request: HttpRequest) -> Vehicle:
    form = _form(request)
    if "vehicle" not in form.cleaned_data:
        raise Http404
    vehicle: Vehicle = form.cleaned_data["vehicle"]
    return vehicle


def _mine(request: HttpRequest, pk: int) -> QueueEntry:
    entries = QueueEntry.objects.filter(driver=request.user.pk, state__in=queue.OPEN)
    return get_object_or_404(entries.select_related("reservation__evse__charge_point"), pk=pk)
