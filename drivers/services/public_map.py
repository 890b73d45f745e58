"""The map for everybody: the stations of a part of the world, and numbers where there are too many to see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, ExpressionWrapper, F, FloatField, QuerySet
from django.db.models.functions import Floor
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from chargepoints.models import ChargePoint, Location
from drivers.services import nearby
from drivers.services.nearby import Place

# Long enough to spare the database when a district opens the map at once, short enough to be called live.
_CACHE_S = 5
# More pins than these are no picture any more.
_MOST = 400
_CELLS_ACROSS = 8
_FEW_KEY = "drivers.public-map.few"
_LEAST_STEP = 0.1


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the map, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def widened(self) -> Box:
        """To a grid, so that neighbours look at the same part: its step is a power of two of a tenth of a degree."""
        step = _LEAST_STEP
        while step * 4 < max(self.east - self.west, self.north - self.south):
            step *= 2
        low, high = (lambda value: floor(value / step) * step), (lambda value: ceil(value / step) * step)
        return Box(low(self.west), low(self.south), high(self.east), high(self.north))


WORLD = Box(-180.0, -90.0, 180.0, 90.0)


def geojson(box: Box = WORLD) -> dict[str, Any]:
    """The stations of a part of the world with minimal facts; the same for everybody, a few seconds old at most."""
    wide = WORLD if box == WORLD or _are_few() else box.widened()
    key = f"drivers.public-map.{get_language()}.{wide.west:.1f},{wide.south:.1f},{wide.east:.1f},{wide.north:.1f}"
    return cache.get_or_set(key, lambda: _geojson(wide), _CACHE_S) or _geojson(wide)


def _are_few() -> bool:
    """A district is seen as a whole, wherever one looks."""
    few = cache.get_or_set(_FEW_KEY, lambda: _points(WORLD)[: _MOST + 1].count() <= _MOST, _CACHE_S)
    return bool(few)


def _geojson(box: Box) -> dict[str, Any]:
    points = _points(box)
    crowded = points[: _MOST + 1].count() > _MOST
    features = _crowds(points, box) if crowded else _stations(nearby.at_points(points.values("pk")))
    return {"type": "FeatureCollection", "features": list(features)}


def _points(box: Box) -> QuerySet[ChargePoint]:
    return ChargePoint.objects.filter(
        latitude__range=(box.south, box.north),
        longitude__range=(box.west, box.east),
        supply_point__location__is_public=True,
    ).order_by()


def _stations(places: list[Place]) -> Iterable[dict[str, Any]]:
    names = dict(Location.objects.filter(pk__in={place.location_id for place in places}).values_list("pk", "name"))
    return [_station(place, names) for place in places]


def _station(place: Place, names: Mapping[int, str]) -> dict[str, Any]:
    words = {"name": names.get(place.location_id, ""), "free": len(place.free_ids), "total": len(place.evse_ids)}
    properties = {
        "id": place.key,
        "label": _("%(name)s: %(free)d of %(total)d free") % words,
        "state": _state(place),
        "icon": "plug",
        "url": reverse("drivers:station", args=[place.key]),
    }
    return _feature(place.position.longitude, place.position.latitude, properties)


def _state(place: Place) -> str:
    """In the colours of all three apps."""
    if place.free_ids:
        return "free"
    return "charging" if place.is_online else "offline"


def _crowds(points: QuerySet[ChargePoint], box: Box) -> Iterable[dict[str, Any]]:
    """One number for all that stand in a cell; a click on it shows the cell."""
    step = (box.east - box.west) / _CELLS_ACROSS
    row, column = (Floor(_float(F(name) / step)) for name in ("latitude", "longitude"))
    cells = (
        points.annotate(row=row, column=column)
        .values("row", "column")
        .annotate(count=Count("pk"), lat=Avg("latitude"), lon=Avg("longitude"))
    )
    return [_crowd(cell) for cell in cells]


def _crowd(cell: Mapping[str, Any]) -> dict[str, Any]:
    count = cell["count"]
    label = ngettext("%(count)d charger here", "%(count)d chargers here", count) % {"count": count}
    name = f"cell:{cell['row']:.0f}:{cell['column']:.0f}"
    return _feature(cell["lon"], cell["lat"], {"id": name, "label": label, "state": "free", "rank": count})


def _float(expression: Any) -> ExpressionWrapper:
    return ExpressionWrapper(expression, output_field=FloatField())


def _feature(longitude: float, latitude: float, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": properties["id"],
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties,
    }
