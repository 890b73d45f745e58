"""How far a station is, and what getting there takes: by a route service where there is one, else by an assumption."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from django.conf import settings
from django.core.cache import cache
from django.utils.module_loading import import_string

from drivers.ports import Roads, Route, Unavailable

logger = logging.getLogger(__name__)
_EARTH_RADIUS_M = 6_371_000
# Mean speeds door to door: in town, and on what lies beyond the first kilometres.
_TOWN_KMH = 30
_COUNTRY_KMH = 65
_TOWN_M = 6_000
# Leaving the parking space and finding the charger.
_FIXED_S = 120
# A route service that did not answer is not waited for again at once.
_AGAIN_AFTER_S = 30
_DOWN_KEY = "drivers.roads-are-down"


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Trip:
    """A drive; energy is what the battery loses on the way."""

    distance_m: float
    drive_s: float
    energy_wh: float


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to some places, in their order. ``roads_failed``: a route service was asked, and did not answer."""

    routes: Sequence[Route]
    roads_failed: bool = False

    def trip(self, number: int, consumption_wh_per_km: float) -> Trip:
        """The drive to one of them, with finding the charger."""
        route = self.routes[number]
        energy_wh = route.distance_m / 1000 * float(consumption_wh_per_km)
        return Trip(route.distance_m, route.drive_s + _FIXED_S, energy_wh)


def straight_line_m(here: Position, there: Position) -> float:
    """Great-circle distance."""
    d_lat = radians(there.latitude - here.latitude)
    d_lon = radians(there.longitude - here.longitude)
    lats = cos(radians(here.latitude)) * cos(radians(there.latitude))
    return 2 * _EARTH_RADIUS_M * asin(sqrt(sin(d_lat / 2) ** 2 + lats * sin(d_lon / 2) ** 2))


def trip(here: Position, there: Position, *, consumption_wh_per_km: float) -> Trip:
    """The drive from here to there by street."""
    return ways(here, [there]).trip(0, consumption_wh_per_km)


def ways(here: Position, places: Sequence[Position]) -> Ways:
    """The way to each place: by road to the nearest ones, as many as the route service takes; assumed to the others."""
    assumed = [assumed_route(here, there) for there in places]
    roads = _roads()
    if roads is None or not places:
        return Ways(assumed)
    nearest = sorted(range(len(places)), key=lambda number: assumed[number].distance_m)[: roads.most]
    if cache.get(_DOWN_KEY):
        return Ways(assumed, roads_failed=True)
    try:
        found = roads.routes(here=here, places=[places[number] for number in nearest])
    except Unavailable as error:
        logger.warning("the route service does not answer: %s", error)
        cache.set(_DOWN_KEY, True, _AGAIN_AFTER_S)
        return Ways(assumed, roads_failed=True)
    by_road = dict(zip(nearest, found, strict=True))
    return Ways([by_road.get(number) or route for number, route in enumerate(assumed)])


def assumed_route(here: Position, there: Position) -> Route:
    """By the straight line: streets are longer by ``settings.ROAD_FACTOR``, and faster beyond the town."""
    distance_m = straight_line_m(here, there) * settings.ROAD_FACTOR
    town_m = min(distance_m, _TOWN_M)
    hours = town_m / 1000 / _TOWN_KMH + (distance_m - town_m) / 1000 / _COUNTRY_KMH
    return Route(distance_m=distance_m, drive_s=hours * 3600)


def _roads() -> Roads | None:
    """The route service named in the settings; None: there is none."""
    if not settings.ROADS_URL:
        return None
    service: Roads = import_string(settings.ROADS)(settings.ROADS_URL)
    return service
