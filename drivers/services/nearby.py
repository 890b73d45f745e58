"""The public stations around a place, as light rows: what a search looks at before it knows what it will show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any, NamedTuple

from django.db.models import ExpressionWrapper, F, FloatField, QuerySet

from chargepoints.domain.status import ConnectorStatus, can_be_reserved
from chargepoints.models import ChargePoint, Connector
from drivers.services import occupancy, travel
from drivers.services.travel import Position

# Who has this many charge points within reach does not go to a farther one, and an answer takes no longer than with
# so many.
MOST_CHARGE_POINTS = 600
# One look around a car park finds them all: what stands closer together at one location is one station.
STATION_M = 150
_M_PER_DEGREE = 111_195.0


class Socket(NamedTuple):
    """A connector with what a search asks of its EVSE and charge point."""

    standard: str
    status: str
    evse_id: int
    max_power_w: int
    charge_point_id: int
    latitude: float
    longitude: float
    connection_key: str
    supply_point_id: int
    location_id: int
    tariff_id: int | None

    @property
    def position(self) -> Position:
        return Position(self.latitude, self.longitude)


_POINT = "evse__charge_point"
_COLUMNS = (
    "standard",
    "status",
    "evse_id",
    "evse__max_power_w",
    "evse__charge_point_id",
    f"{_POINT}__latitude",
    f"{_POINT}__longitude",
    f"{_POINT}__connection_key",
    f"{_POINT}__supply_point_id",
    f"{_POINT}__supply_point__location_id",
    f"{_POINT}__tariff_id",
)


@dataclass(frozen=True, slots=True)
class Place:
    """The sockets at one spot. ``key`` is the primary key of its first charge point."""

    key: int
    position: Position
    sockets: tuple[Socket, ...]
    free_ids: frozenset[int]

    @property
    def location_id(self) -> int:
        return self.sockets[0].location_id

    @property
    def evse_ids(self) -> frozenset[int]:
        return frozenset(socket.evse_id for socket in self.sockets)

    @property
    def is_online(self) -> bool:
        return any(socket.connection_key for socket in self.sockets)

    def fitting(self, standards: frozenset[str]) -> list[Socket]:
        return [socket for socket in self.sockets if socket.standard in standards]


def places(*, here: Position, within_m: float) -> list[Place]:
    """The stations whose charge points lie within a straight line of so many metres; three queries.

    Of more than ``MOST_CHARGE_POINTS`` the nearest ones.
    """
    points = nearest(here=here, within_m=within_m).values("pk")[:MOST_CHARGE_POINTS]
    sockets = _sockets(points)
    return _grouped([each for each in sockets if travel.straight_line_m(here, each.position) <= within_m])


def at_points(charge_points: Any) -> list[Place]:
    """The stations of these charge points (a query of primary keys); three queries."""
    return _grouped(_sockets(charge_points))


def _sockets(charge_points: Any) -> list[Socket]:
    rows = Connector.objects.filter(evse__charge_point__in=charge_points)
    rows = rows.order_by("evse__charge_point_id", "evse__number", "number")
    return [Socket._make(row) for row in rows.values_list(*_COLUMNS)]


def nearest(*, here: Position, within_m: float) -> QuerySet[ChargePoint]:
    """Public charge points in the box around a circle, the nearest first."""
    lat_span = within_m / _M_PER_DEGREE
    lon_span = lat_span / max(cos(radians(here.latitude)), 0.01)
    squeeze = cos(radians(here.latitude)) ** 2
    north, east = F("latitude") - here.latitude, F("longitude") - here.longitude
    away = ExpressionWrapper(north * north + east * east * squeeze, output_field=FloatField())
    return ChargePoint.objects.filter(
        latitude__range=(here.latitude - lat_span, here.latitude + lat_span),
        longitude__range=(here.longitude - lon_span, here.longitude + lon_span),
        supply_point__location__is_public=True,
    ).order_by(away, "pk")


def _grouped(sockets: Sequence[Socket]) -> list[Place]:
    taken = occupancy.taken_ids({socket.evse_id for socket in sockets})
    groups: dict[int, list[list[Socket]]] = {}
    for socket in sockets:
        here = groups.setdefault(socket.location_id, [])
        beside = next((group for group in here if is_beside(group[0].position, socket.position)), None)
        if beside is None:
            here.append([socket])
        else:
            beside.append(socket)
    return [_place(group, taken) for here in groups.values() for group in here]


def is_beside(one: Position, other: Position) -> bool:
    """Whether two charge points of one location are one station."""
    if abs(one.latitude - other.latitude) * _M_PER_DEGREE > STATION_M:
        return False
    return one == other or travel.straight_line_m(one, other) < STATION_M


def _place(sockets: list[Socket], taken: frozenset[int]) -> Place:
    first = sockets[0]
    return Place(first.charge_point_id, first.position, tuple(sockets), _free_ids(sockets, taken))


def _free_ids(sockets: Iterable[Socket], taken: frozenset[int]) -> frozenset[int]:
    return frozenset(
        socket.evse_id
        for socket in sockets
        if socket.connection_key and socket.evse_id not in taken and can_be_reserved(ConnectorStatus(socket.status))
    )
