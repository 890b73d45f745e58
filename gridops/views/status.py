"""The Status tab: the map, what can be selected on it, and the form of a new order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gridops import selectors
from gridops.access import grid_operator_required
from gridops.forms import OrderForm
from gridops.selectors import PointFacts


@require_safe
@grid_operator_required
def status(request: HttpRequest) -> HttpResponse:
    """The workbench."""
    context = {
        "tab": "status",
        "form": OrderForm(user=request.user, now=timezone.now()),
        "groups": selectors.group_tree(request.user),
        "loads": selectors.supply_loads(request.user),
    }
    return render(request, "gridops/status.html", context)


@require_safe
@grid_operator_required
def points(request: HttpRequest) -> JsonResponse:
    """The charge points as GeoJSON, with what they draw now."""
    features = [_feature(point) for point in selectors.points(request.user)]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _feature(point: PointFacts) -> dict[str, Any]:
    place = {"type": "Point", "coordinates": [point.longitude, point.latitude]}
    power = f"{number_format(point.power_w / 1000, 1)}\u00a0kW"
    label = _("%(identity)s, %(place)s: %(power)s now, connection loaded to %(load)s%%") % {
        "identity": point.identity,
        "place": point.place,
        "power": power,
        "load": number_format(point.load * 100, 0),
    }
    return {"type": "Feature", "geometry": place, "properties": {**asdict(point), "label": label, "power": power}}


@require_safe
@grid_operator_required
def search(request: HttpRequest) -> HttpResponse:
    """Suggestions for the search box."""
    text = request.GET.get("q", "").strip()
    found = selectors.suggestions(request.user, text) if text else []
    return render(request, "gridops/_suggestions.html", {"found": found, "text": text})


@require_safe
@grid_operator_required
def loads(request: HttpRequest) -> HttpResponse:
    """How hard each supply point works."""
    return render(request, "gridops/_loads.html", {"loads": selectors.supply_loads(request.user)})
