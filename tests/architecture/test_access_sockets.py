"""Who may: every socket of the project has a rule here, and everybody knocks at each of them."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from channels.auth import AuthMiddleware
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from channels.security.websocket import OriginValidator
from channels.testing import WebsocketCommunicator

from tests import factories
from tests.architecture import cast
from tests.architecture.cast import Person, Town
from twinev.routing import refuse, websockets

CHARGERS, BROWSERS = r"^(?=ocpp/) ^ocpp/(?P<identity>.+)$", "^(?=live/) live/"
GUARDS: dict[str, set[type]] = {CHARGERS: set(), BROWSERS: {OriginValidator, AuthMiddleware}}
TOPICS = {
    "map": set(Person),
    "user.{driver}.session": {Person.DRIVER},
    "user.{driver}.queue": {Person.DRIVER},
    "map,user.{driver}.session": {Person.DRIVER},
    "operator.{operator}.transactions": {Person.STAFF},
    "operator.{operator}.commands": {Person.STAFF},
    "operator.{operator}.locations": {Person.STAFF},
    "orders": {Person.GRID, Person.OTHER_GRID},
    "everything": set(),
    "": set(),
}


def _sockets(router: URLRouter, above: str = "", passed: frozenset[type] = frozenset()) -> Iterator[tuple[str, Any]]:
    """Route, and what stands at its end together with the guards before it."""
    for route in router.routes:
        inner, guards, pattern = route.callback, set(passed), f"{above} {route.pattern}".strip()
        while (next_one := getattr(inner, "application", None) or getattr(inner, "inner", None)) is not None:
            guards.add(type(inner))
            inner = next_one
        if isinstance(inner, URLRouter):
            yield from _sockets(inner, pattern, frozenset(guards))
        else:
            yield pattern, (inner, guards)


def test_every_socket_has_a_rule_and_its_guards() -> None:
    found = {route: guards for route, (end, guards) in _sockets(websockets) if end is not refuse}
    assert set(found) == set(GUARDS), "new socket without a rule"
    assert {route: needed - found[route] for route, needed in GUARDS.items()} == {CHARGERS: set(), BROWSERS: set()}


async def _is_let_in(path: str, *headers: tuple[bytes, bytes]) -> bool:
    """Offers no version of OCPP: a charger that proved itself is told so and goes again."""
    socket = WebsocketCommunicator(websockets, path, headers=[(b"origin", b"http://testserver"), *headers])
    accepted, _ = await socket.connect(timeout=10)
    await socket.disconnect()
    return accepted


def _cookie(town: Town, person: Person) -> tuple[bytes, bytes]:
    return b"cookie", f"sessionid={town.cookies.get(person, '')}".encode()


@pytest.mark.django_db(transaction=True)
async def test_everybody_hears_just_the_topics_that_are_theirs() -> None:
    town = await database_sync_to_async(cast.build)()
    operator = town.things["point"].supply_point.location.operator_id
    places = {"driver": town.users[Person.DRIVER].pk, "operator": operator}
    for topic, listeners in TOPICS.items():
        path = f"/live/?topics={topic.format(**places)}"
        let_in = {person for person in Person if await _is_let_in(path, _cookie(town, person))}
        assert let_in == listeners, topic


@pytest.mark.django_db(transaction=True)
async def test_only_a_chargers_own_secret_opens_its_socket() -> None:
    town = await database_sync_to_async(cast.build)()
    identity = town.things["point"].identity
    path = f"/ocpp/{identity}"
    for person in Person:
        assert not await _is_let_in(path, _cookie(town, person)), person
    for name, secret, expected in (
        (identity, factories.SECRET, True),
        (identity, "wrong", False),
        ("ATH-4242", factories.SECRET, False),
    ):
        proof = base64.b64encode(f"{name}:{secret}".encode())
        assert await _is_let_in(path, (b"authorization", b"Basic " + proof)) is expected, (name, secret)


@pytest.mark.parametrize("path", ["/", "/live", "/live/more/", "/ocpp/", "/admin/", "/grid/"])
async def test_no_socket_opens_elsewhere(path: str) -> None:
    assert not await _is_let_in(path)
