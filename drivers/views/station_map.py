"""The front page: the public map, and for drivers the search on it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from drivers.models import Vehicle
from drivers.services import booking, occupancy, public_map, queue, stations, terms, vehicles, watch
from drivers.services.public_map import Box
from drivers.services.stations import Availability, Station
from drivers.services.travel import Position
from drivers.views import search
from drivers.views.access import is_fragment

_LONGEST_KEY = 18
# What a phone sees of the map when it opens, degrees around its middle; what is too much for a page is asked for apart.
_SEEN = 0.06
_MOST_IN_PAGE = 100


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The map for everybody; a search in the address is answered with the page."""
    asked = request.GET.get("station", "")
    centre = stations.centre_for(request.user)
    context = {
        "centre": centre,
        "first_stations": _first(centre),
        "section": "map",
        "open_station": int(asked) if asked.isdecimal() and len(asked) < _LONGEST_KEY else None,
    }
    if request.user.is_authenticated and terms.accepted_by(request.user):
        context |= search.page_context(request)
    return render(request, "drivers/map.html", context)


@require_safe
def stations_geojson(request: HttpRequest) -> JsonResponse:
    """Minimal facts of the public stations in a part of the map (``box``: west, south, east, north)."""
    response = JsonResponse(public_map.geojson(_box(request)), content_type="application/geo+json")
    response["Cache-Control"] = "public, max-age=5"
    return response


def _first(centre: Position) -> dict[str, Any] | None:
    """The stations that a phone sees first, with the page: asking for them apart is a way there and back."""
    west, south = max(centre.longitude - _SEEN, -180.0), max(centre.latitude - _SEEN, -90.0)
    found = public_map.geojson(Box(west, south, min(west + 2 * _SEEN, 180.0), min(south + 2 * _SEEN, 90.0)))
    return found if len(found["features"]) <= _MOST_IN_PAGE else None


def _box(request: HttpRequest) -> Box:
    """The part that was asked for; all of the world where that makes no sense."""
    try:
        west, south, east, north = (float(part) for part in request.GET.get("box", "").split(","))
    except ValueError:
        return public_map.WORLD
    box = Box(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))
    return box if box.west < box.east and box.south < box.north else public_map.WORLD


@require_safe
def station(request: HttpRequest, key: int) -> HttpResponse:
    """What everybody may know of one station: a page, or a fragment for the sheet of the map."""
    found, is_part = stations.station_of(key), is_fragment(request)
    if found is None:
        return render(request, "drivers/_station_gone.html" if is_part else "drivers/station.html", status=404)
    context: dict[str, Any] = {"station": found, "section": "map"}
    if request.user.is_authenticated and terms.accepted_by(request.user):
        context |= _offer(request, found)
    return render(request, "drivers/_station_public.html" if is_part else "drivers/station.html", context)


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
