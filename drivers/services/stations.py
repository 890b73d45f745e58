"""Stations as drivers see them: what stands at one place, and what of it is free."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.cache import cache
from django.db.models import Avg, Count, F, FloatField, Q, QuerySet
from django.db.models.functions import Floor

from chargepoints.domain.status import ConnectorStatus, can_be_reserved
from chargepoints.models import ChargePoint, Evse, Location
from drivers.services import nearby, occupancy
from drivers.services.travel import Position


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
    """Where most public chargers are: the middle of those around the cell of the map with the most."""
    found: tuple[float, float] | None = cache.get_or_set(_CENTRE_KEY, _busiest, _CENTRE_CACHE_S)
    return Position(*found) if found else _NOWHERE


# The middle of Europe, for a map with nothing on it.
_NOWHERE = Position(50.0, 10.0)
_NEAR_DEGREES = 0.15
# Where most chargers are does not move from one minute to the next.
_CENTRE_KEY = "drivers.district-centre"
_CENTRE_CACHE_S = 60


def _busiest() -> tuple[float, float] | None:
    points = ChargePoint.objects.filter(supply_point__location__is_public=True).order_by()
    row, column = (Floor(F(name) / _NEAR_DEGREES, output_field=FloatField()) for name in ("latitude", "longitude"))
    cells = points.annotate(row=row, column=column).values("row", "column")
    most = cells.annotate(count=Count("pk"), lat=Avg("latitude"), lon=Avg("longitude")).order_by("-count").first()
    if most is None:
        return None
    near = points.filter(
        latitude__range=(most["lat"] - _NEAR_DEGREES, most["lat"] + _NEAR_DEGREES),
        longitude__range=(most["lon"] - _NEAR_DEGREES, most["lon"] + _NEAR_DEGREES),
    ).aggregate(lat=Avg("latitude"), lon=Avg("longitude"))
    return near["lat"], near["lon"]
