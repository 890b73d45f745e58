"""How far a station is, and what getting there takes. Pure."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

_EARTH_RADIUS_M = 6_371_000
# Streets are longer than the straight line; by how much is our assumption for towns without rivers in the way.
_DETOUR = 1.3
# Mean speeds door to door: in town, and on what lies beyond the first kilometres.
_TOWN_KMH = 30
_COUNTRY_KMH = 65
_TOWN_M = 6_000
# Leaving the parking space and finding the charger.
_FIXED_S = 120


@dataclass(frozen=True, slots=True)
class Position:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Trip:
    """An estimate of a drive; energy is what the battery loses on the way."""

    distance_m: float
    drive_s: float
    energy_wh: float


def straight_line_m(here: Position, there: Position) -> float:
    """Great-circle distance."""
    d_lat = radians(there.latitude - here.latitude)
    d_lon = radians(there.longitude - here.longitude)
    lats = cos(radians(here.latitude)) * cos(radians(there.latitude))
    return 2 * _EARTH_RADIUS_M * asin(sqrt(sin(d_lat / 2) ** 2 + lats * sin(d_lon / 2) ** 2))


def trip(here: Position, there: Position, *, consumption_wh_per_km: float) -> Trip:
    """The drive from here to there by street."""
    distance_m = straight_line_m(here, there) * _DETOUR
    town_m = min(distance_m, _TOWN_M)
    hours = town_m / 1000 / _TOWN_KMH + (distance_m - town_m) / 1000 / _COUNTRY_KMH
    return Trip(
        distance_m=distance_m,
        drive_s=hours * 3600 + _FIXED_S,
        energy_wh=distance_m / 1000 * consumption_wh_per_km,
    )
