"""Stations as drivers see them: what stands at one place, and what of it is free."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chargepoints.domain.status import ConnectorStatus, can_be_reserved
from chargepoints.models import ChargePoint, Evse, Location
from drivers.services import nearby, occupancy
from drivers.services.travel import Position

# Long enough to spare the database when a district opens the map at once, short enough to be called live.
_MAP_CACHE_S = 5
_MAP_CACHE_KEY = "drivers.public-map"


class Availability(StrEnum):
    FREE = "free"
    BUSY = "busy"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Station:
    """The EVSEs at one spot. ``key`` is the primary key of its first charge point."""

    key: int
    location: Location
    position: Position
    evses: tuple[Evse, ...]
    free_ids: frozenset[int]

    @property
    def availability(self) -> Availability:
        if self.free_ids:
            return Availability.FREE
        online = any(evse.charge_point.is_connected for evse in self.evses)
        return Availability.BUSY if online else Availability.OFFLINE

    @property
    def max_power_w(self) -> int:
        return max(evse.max_power_w for evse in self.evses)

    @property
    def can_discharge(self) -> bool:
        return any(evse.max_discharge_w for evse in self.evses)

    @property
    def plugs(self) -> list[str]:
        """The names of the sockets, each once."""
        names = {str(connector.get_standard_display()) for evse in self.evses for connector in evse.connectors.all()}
        return sorted(names)

    def alike(self, evse: Evse) -> list[Evse]:
        """The EVSEs of the same charger that have the same plugs and power; ``evse`` itself is one of them."""
        return [one for one in self.evses if one.charge_point_id == evse.charge_point_id and _face(one) == _face(evse)]

    @property
    def free_evses(self) -> list[Evse]:
        return [evse for evse in self.evses if evse.pk in self.free_ids]


def _face(evse: Evse) -> tuple[int, frozenset[str]]:
    return evse.max_power_w, frozenset(connector.standard for connector in evse.connectors.all())


def public_evses() -> QuerySet[Evse]:
    """EVSEs that any driver may use, with all that a station needs of them."""
    return (
        Evse.objects.filter(charge_point__supply_point__location__is_public=True)
        .select_related("charge_point__supply_point__location", "charge_point__tariff")
        .prefetch_related("connectors")
        .order_by("charge_point_id", "number")
    )


def public_stations() -> list[Station]:
    """Every public station; four queries, however many there are."""
    return grouped(list(public_evses()))


def of_points(charge_point_ids: Collection[int], *, whole: bool = False) -> list[Station]:
    """The stations of these charge points; ``whole``: with the others that stand beside them."""
    points = Q(charge_point__in=charge_point_ids)
    if whole:
        points = Q(charge_point__supply_point__location__supply_points__charge_points__in=charge_point_ids)
    evses = public_evses().filter(points)
    return grouped(list(evses.distinct() if whole else evses))


def station_of(charge_point_id: int) -> Station | None:
    """The public station that a charge point belongs to; None when it is unknown or private."""
    location_id = (
        ChargePoint.objects.filter(pk=charge_point_id, supply_point__location__is_public=True)
        .values_list("supply_point__location_id", flat=True)
        .first()
    )
    if location_id is None:
        return None
    nearby = public_evses().filter(charge_point__supply_point__location_id=location_id)
    for station in grouped(list(nearby)):
        if any(evse.charge_point_id == charge_point_id for evse in station.evses):
            return station
    return None


def grouped(evses: Sequence[Evse]) -> list[Station]:
    """EVSEs of one location that stand close together are one station."""
    taken = occupancy.taken_ids({evse.pk for evse in evses})
    groups: dict[int, list[list[Evse]]] = {}
    for evse in evses:
        here = groups.setdefault(evse.charge_point.supply_point.location_id, [])
        beside = next((group for group in here if nearby.is_beside(_position(group[0]), _position(evse))), None)
        if beside is None:
            here.append([evse])
        else:
            beside.append(evse)
    return [_station(group, taken) for here in groups.values() for group in here]


def _position(evse: Evse) -> Position:
    return Position(evse.charge_point.latitude, evse.charge_point.longitude)


def _station(evses: list[Evse], taken: frozenset[int]) -> Station:
    first = evses[0].charge_point
    return Station(
        key=first.pk,
        location=first.supply_point.location,
        position=_position(evses[0]),
        evses=tuple(evses),
        free_ids=frozenset(evse.pk for evse in evses if _is_free(evse, taken)),
    )


def _is_free(evse: Evse, taken: frozenset[int]) -> bool:
    if evse.pk in taken or not evse.charge_point.is_connected:
        return False
    return any(can_be_reserved(ConnectorStatus(connector.status)) for connector in evse.connectors.all())


def public_map() -> dict[str, Any]:
    """GeoJSON of the public stations with minimal facts, the same for everybody; a few seconds old at most."""
    return cache.get_or_set(f"{_MAP_CACHE_KEY}.{get_language()}", _public_map, _MAP_CACHE_S) or _public_map()


def _public_map() -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [_feature(station) for station in public_stations()]}


# In the colours of all three apps.
_STATES = {Availability.FREE: "free", Availability.BUSY: "charging", Availability.OFFLINE: "offline"}


def _feature(station: Station) -> dict[str, Any]:
    words = {"name": station.location.name, "free": len(station.free_ids), "total": len(station.evses)}
    position = station.position
    return {
        "type": "Feature",
        "id": station.key,
        "geometry": {"type": "Point", "coordinates": [position.longitude, position.latitude]},
        "properties": {
            "id": station.key,
            "label": _("%(name)s: %(free)d of %(total)d free") % words,
            "state": _STATES[station.availability],
            "icon": "plug",
            "url": reverse("drivers:station", args=[station.key]),
        },
    }


def centre_for(driver: Any) -> Position:
    """Where the map opens: at the driver's home, else at the last reserved station, else where most stations are."""
    if not driver.is_authenticated:
        return district_centre()
    home = Location.objects.filter(owner=driver).values_list("latitude", "longitude").first()
    point = "evse__charge_point"
    last = driver.reservations.values_list(f"{point}__latitude", f"{point}__longitude").first()
    place = home or last
    return Position(*place) if place else district_centre()


def district_centre() -> Position:
    """Where most public stations are: the middle of those around the one with the most neighbours."""
    spots = [feature["geometry"]["coordinates"] for feature in public_map()["features"]]
    if not spots:
        return _NOWHERE
    nearby = max(([other for other in spots if _is_near(spot, other)] for spot in spots), key=len)
    return Position(
        latitude=sum(lat for _, lat in nearby) / len(nearby),
        longitude=sum(lon for lon, _ in nearby) / len(nearby),
    )


# The middle of Europe, for a map with nothing on it.
_NOWHERE = Position(50.0, 10.0)
_NEAR_DEGREES = 0.15


def _is_near(spot: Sequence[float], other: Sequence[float]) -> bool:
    return abs(spot[0] - other[0]) < _NEAR_DEGREES and abs(spot[1] - other[1]) < _NEAR_DEGREES
