"""The front page: the public map, and for drivers the search on it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from drivers.models import Vehicle
from drivers.services import booking, occupancy, queue, stations, terms, vehicles, watch
from drivers.services.stations import Availability, Station
from drivers.views import search

_LONGEST_KEY = 18


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The map for everybody; a search in the address is answered with the page."""
    asked = request.GET.get("station", "")
    context = {
        "centre": stations.centre_for(request.user),
        "section": "map",
        "open_station": int(asked) if asked.isdecimal() and len(asked) < _LONGEST_KEY else None,
    }
    if request.user.is_authenticated and terms.accepted_by(request.user):
        context |= search.page_context(request)
    return render(request, "drivers/map.html", context)


@require_safe
def stations_geojson(request: HttpRequest) -> JsonResponse:
    """Minimal facts of the public stations; the same for everybody."""
    response = JsonResponse(stations.public_map(), content_type="application/geo+json")
    response["Cache-Control"] = "public, max-age=5"
    return response


@require_safe
def station(request: HttpRequest, key: int) -> HttpResponse:
    """What everybody may know of one station, as a fragment for the sheet."""
    found = stations.station_of(key)
    if found is None:
        return render(request, "drivers/_station_gone.html", status=404)
    context: dict[str, Any] = {"station": found}
    if request.user.is_authenticated and terms.accepted_by(request.user):
        context |= _offer(request, found)
    return render(request, "drivers/_station_public.html", context)


def _offer(request: HttpRequest, found: Station) -> dict[str, Any]:
    """The free charger of the station that fits one of the driver's vehicles; else what waiting for one takes."""
    now = timezone.now()
    usable = list(vehicles.usable(request.user, now))
    for vehicle in usable:
        for evse in found.free_evses:
            if queue.fits(evse, vehicle):
                return {"evse": evse, "vehicle": vehicle, "any_ids": booking.takes_any([(found, evse)])}
    for vehicle in usable:
        if found.availability == Availability.BUSY and any(queue.fits(evse, vehicle) for evse in found.evses):
            return _wait(request, found, vehicle, now)
    return {}


def _wait(request: HttpRequest, found: Station, vehicle: Vehicle, now: datetime) -> dict[str, Any]:
    fitting = {evse.pk for evse in found.evses if queue.fits(evse, vehicle)}
    return {
        "waits_with": vehicle,
        "watched": watch.watched_by(request.user, now),
        "free_at": min(occupancy.free_at(fitting, now=now).values(), default=None),
        "queue_length": queue.length(found.key),
    }
