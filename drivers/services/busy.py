"""Stations that fit but are in use: when they are expected to be free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chargepoints.domain.status import OUT_OF_SERVICE, ConnectorStatus
from drivers.models import Vehicle
from drivers.services import occupancy, plugs, stations
from drivers.services.nearby import Place
from drivers.services.stations import Station
from drivers.services.travel import Trip

# Whoever looks beyond these is better off with a free one.
_MOST = 12


@dataclass(frozen=True, slots=True)
class Busy:
    """A station without a free plug that fits; ``free_at`` is None where nobody knows."""

    station: Station
    trip: Trip
    free_at: datetime | None


def busy_ones(*, reached: Sequence[tuple[Place, Trip]], vehicle: Vehicle, now: datetime) -> list[Busy]:
    """The nearest stations in use whose plugs fit; those out of reach of any charger's word are left out."""
    standards = plugs.fitting(vehicle.connector_standard)
    taken = [(place, trip) for place, trip in reached if place.is_online and _is_taken(place, standards)]
    taken = sorted(taken, key=lambda each: each[1].distance_m)[:_MOST]
    evse_ids = {socket.evse_id for place, _ in taken for socket in place.fitting(standards)}
    free_at = occupancy.free_at(evse_ids, now=now)
    known = {station.key: station for station in stations.of_points({place.key for place, _ in taken}, whole=True)}
    return [
        Busy(known[place.key], trip, _first(place, standards, free_at)) for place, trip in taken if place.key in known
    ]


def _is_taken(place: Place, standards: frozenset[str]) -> bool:
    fitting = place.fitting(standards)
    in_order = any(ConnectorStatus(socket.status) not in OUT_OF_SERVICE for socket in fitting)
    return in_order and not any(socket.evse_id in place.free_ids for socket in fitting)


def _first(place: Place, standards: frozenset[str], free_at: dict[int, datetime]) -> datetime | None:
    moments = [free_at[socket.evse_id] for socket in place.fitting(standards) if socket.evse_id in free_at]
    return min(moments, default=None)
