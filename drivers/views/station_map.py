"""The front page: the public map, and for drivers the search on it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from drivers.services import booking, plugs, stations, terms, vehicles
from drivers.services.stations import Station
from drivers.views import search


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The map for everybody; a search in the address is answered with the page."""
    context = {
        "centre": stations.centre_for(request.user),
        "section": "map",
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
    """The free charger of the station that fits one of the driver's vehicles."""
    for vehicle in vehicles.usable(request.user, timezone.now()):
        fitting = plugs.fitting(vehicle.connector_standard)
        for evse in found.free_evses:
            if any(connector.standard in fitting for connector in evse.connectors.all()):
                return {"evse": evse, "vehicle": vehicle, "any_ids": booking.takes_any([(found, evse)])}
    return {}
