"""Route services: what they are asked, and what becomes of their answers, good and bad.

The answers are as OSRM 5.27 and Valhalla 3.5 give them, less what nobody reads."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.cache import cache

from drivers.ports import Route, Unavailable
from drivers.services import travel
from drivers.services.travel import Position
from twinev.adapters import roads

HERE, NEAR, ISLAND = Position(51.87, 9.09), Position(51.88, 9.10), Position(54.18, 7.89)
OSRM = {"code": "Ok", "distances": [[0, 1834.2, None]], "durations": [[0, 214.7, None]]}
_CELLS = [
    {"from_index": 0, "to_index": 0, "time": 215, "distance": 1.834},
    {"from_index": 0, "to_index": 1, "time": None, "distance": None},
]
VALHALLA = {"sources_to_targets": [_CELLS], "units": "kilometers"}


class Service:
    """A server on this machine that answers the same to everybody, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Any = {}
        self.asked: list[tuple[str, bytes]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                service.asked.append((self.path, body))
                text = service.answer if isinstance(service.answer, bytes) else json.dumps(service.answer).encode()
                self.send_response(200 if service.answer else 503)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_POST = do_GET  # noqa: N815 (the library asks for these names)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def service() -> Iterator[Service]:
    cache.clear()
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_osrm_is_asked_for_a_table_and_an_island_has_no_way(service: Service) -> None:
    service.answer = OSRM
    found = roads.at(f"osrm+{service.url}/").routes(here=HERE, places=[NEAR, ISLAND])
    assert found == [Route(distance_m=1834.2, drive_s=214.7), None]
    [(path, _)] = service.asked
    assert path.startswith("/table/v1/driving/9.090000,51.870000;9.100000,51.880000;7.890000,54.180000?")
    assert "sources=0" in path


def test_valhalla_is_asked_for_a_matrix_and_tells_kilometres(service: Service) -> None:
    service.answer = VALHALLA
    found = roads.at(f"valhalla+{service.url}").routes(here=HERE, places=[NEAR, ISLAND])
    assert found == [Route(distance_m=1834.0, drive_s=215.0), None]
    [(path, body)] = service.asked
    assert path == "/sources_to_targets"
    assert json.loads(body)["targets"][0] == {"lat": 51.88, "lon": 9.1}


@pytest.mark.parametrize("kind", ["osrm", "valhalla"])
@pytest.mark.parametrize("answer", [{}, b"<html>busy</html>", {"code": "NoTable"}, OSRM | VALHALLA])
def test_an_answer_that_does_not_say_all_ways_is_none(service: Service, kind: str, answer: Any) -> None:
    service.answer = answer
    with pytest.raises(Unavailable):
        roads.at(f"{kind}+{service.url}").routes(here=HERE, places=[NEAR])


def test_a_search_takes_the_road_where_it_is_known_and_the_straight_line_elsewhere(
    service: Service, settings: Any
) -> None:
    settings.ROADS_URL, service.answer = f"osrm+{service.url}", OSRM
    ways = travel.ways(HERE, [ISLAND, NEAR])
    assert not ways.roads_failed
    # The nearest is asked for first; nobody drives to an island, so its way is the assumed one.
    assert ways.trip(1, 200).distance_m == 1834.2
    assert ways.trip(1, 200).energy_wh == pytest.approx(366.84)
    assert ways.routes[0] == travel.assumed_route(HERE, ISLAND)


def test_a_service_that_is_down_is_not_waited_for_twice_and_the_driver_is_told(service: Service, settings: Any) -> None:
    settings.ROADS_URL = f"osrm+{service.url}"
    for _ in range(2):
        ways = travel.ways(HERE, [NEAR])
        assert ways.roads_failed
        assert ways.routes == [travel.assumed_route(HERE, NEAR)]
    assert len(service.asked) == 1


def test_without_an_address_nobody_is_asked(service: Service) -> None:
    assert not travel.ways(HERE, [NEAR]).roads_failed
    assert service.asked == []
