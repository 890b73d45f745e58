"""Ways by road from a route service (`drivers.ports.Roads`): OSRM's table service or Valhalla's matrix."""

from __future__ import annotations

import contextlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

from drivers.ports import Place, Roads, Route, Unavailable

# A search answers with assumed ways sooner than it waits for longer.
_WITHIN_S = 1.5
_MOST_BYTES = 1_000_000


def at(address: str) -> Roads:
    """The service at an address such as ``osrm+https://routes.example.org``; the word before the plus tells which."""
    kind, _, url = address.partition("+")
    return _SERVICES[kind](url.rstrip("/"))


class Osrm:
    """OSRM's table service, version 1: https://project-osrm.org/docs/v5.24.0/api/#table-service."""

    # The server's own default (--max-table-size 100) counts the start.
    most = 99

    def __init__(self, url: str) -> None:
        self._url = url

    def routes(self, *, here: Place, places: Sequence[Place]) -> Sequence[Route | None]:
        points = ";".join(f"{point.longitude:.6f},{point.latitude:.6f}" for point in (here, *places))
        asked = f"{self._url}/table/v1/driving/{points}?sources=0&annotations=duration,distance"
        answer = _answer(urllib.request.Request(asked))  # noqa: S310 (the scheme is checked by the settings)
        with _understood():
            distances, durations = answer["distances"][0][1:], answer["durations"][0][1:]
            pairs = zip(places, distances, durations, strict=True)
            return [_route(metres, seconds) for _, metres, seconds in pairs]


class Valhalla:
    """Valhalla's matrix: https://valhalla.github.io/valhalla/api/matrix/api-reference/."""

    # The server's own default (service_limits.auto.max_matrix_location_pairs) is 2,500 pairs; so many are quick.
    most = 99

    def __init__(self, url: str) -> None:
        self._url = url

    def routes(self, *, here: Place, places: Sequence[Place]) -> Sequence[Route | None]:
        wanted = {"sources": [_point(here)], "targets": [_point(place) for place in places], "costing": "auto"}
        body = json.dumps(wanted | {"units": "kilometers"}).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self._url}/sources_to_targets", body, headers)  # noqa: S310
        answer = _answer(asked)
        with _understood():
            row = answer["sources_to_targets"][0]
            pairs = zip(places, row, strict=True)
            return [_route(_metres(cell["distance"]), cell["time"]) for _, cell in pairs]


@contextlib.contextmanager
def _understood() -> Iterator[None]:
    """An answer that lacks something is no error of ours."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Unavailable("an answer that does not say the ways") from error


def _answer(request: urllib.request.Request) -> Any:
    try:
        with urllib.request.urlopen(request, timeout=_WITHIN_S) as response:  # noqa: S310
            return json.loads(response.read(_MOST_BYTES))
    except (OSError, ValueError) as error:
        raise Unavailable(str(error)) from error


def _point(place: Place) -> dict[str, float]:
    return {"lat": round(place.latitude, 6), "lon": round(place.longitude, 6)}


def _metres(kilometres: float | None) -> float | None:
    return None if kilometres is None else kilometres * 1000


def _route(metres: float | None, seconds: float | None) -> Route | None:
    return None if metres is None or seconds is None else Route(distance_m=float(metres), drive_s=float(seconds))


_SERVICES: dict[str, type[Osrm] | type[Valhalla]] = {"osrm": Osrm, "valhalla": Valhalla}
