"""The public stations as a list, for whoever uses no map: the nearest first, or those that a few words name."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from chargepoints.models import Connector, Location
from drivers.services import nearby
from drivers.services.nearby import Place
from drivers.services.stations import Availability
from drivers.services.travel import Position, straight_line_m

# Without words nobody asks for what is farther.
_WITHIN_M = 50_000
# Half of the way around the earth: everywhere.
_EVERYWHERE_M = 20_040_000
_MOST_WORDS = 5
_LOCATION = "supply_point__location"
_SAID_IN = ("name", "address", "postal_code", "city")


@dataclass(frozen=True, slots=True)
class Row:
    """A station in the list; ``distance_m`` is the straight line."""

    place: Place
    location: Location
    distance_m: float

    @property
    def availability(self) -> Availability:
        if self.place.free_ids:
            return Availability.FREE
        return Availability.BUSY if self.place.is_online else Availability.OFFLINE

    @property
    def max_power_w(self) -> int:
        return max(socket.max_power_w for socket in self.place.sockets)

    @property
    def plugs(self) -> list[str]:
        """The names of the sockets, each once."""
        return sorted({str(Connector.Standard(socket.standard).label) for socket in self.place.sockets})


def rows(*, here: Position, words: str = "") -> list[Row]:
    """The stations, the nearest first; with words those whose name or address holds each of them, wherever they are.

    Of more than ``nearby.MOST_CHARGE_POINTS`` charge points the nearest ones.
    """
    asked = words.split()[:_MOST_WORDS]
    points = nearby.nearest(here=here, within_m=_EVERYWHERE_M if asked else _WITHIN_M)
    for word in asked:
        points = points.filter(_holds(word))
    places = nearby.at_points(points.values("pk")[: nearby.MOST_CHARGE_POINTS])
    locations = Location.objects.in_bulk({place.location_id for place in places})
    found = [Row(place, locations[place.location_id], straight_line_m(here, place.position)) for place in places]
    return sorted(found, key=lambda row: (row.distance_m, row.place.key))


def _holds(word: str) -> Q:
    anywhere = Q()
    for column in _SAID_IN:
        anywhere |= Q(**{f"{_LOCATION}__{column}__icontains": word})
    return anywhere
