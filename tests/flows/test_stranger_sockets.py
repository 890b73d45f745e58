"""Whoever knocks at a socket without the right to it stays outside, and disturbs nobody who is inside."""

import asyncio
import base64
import json
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from chargepoints.models import ChargePoint
from chargepoints.services.provisioning import hashed
from chargepoints.virtual import Clock
from tests import factories
from tests.flows.support import PATIENCE_S, charge_point, charger, cookie_of, eventually, is_ready, rows
from tests.servers import Stack

NOT_FOUND, UNAUTHORIZED, FORBIDDEN = 404, 401, 403
NO_KNOWN_VERSION = 4002
MEBIBYTE = 1 << 20
NEIGHBOURS_SECRET = "f" * 32


@pytest.fixture
def station(operator: Any) -> ChargePoint:
    return charge_point(of=operator)


@pytest.fixture
def neighbour(other_operator: Any) -> ChargePoint:
    row = charge_point(of=other_operator)
    ChargePoint.objects.filter(pk=row.pk).update(secret_hash=hashed(NEIGHBOURS_SECRET))
    return row


async def test_a_charger_is_let_in_with_its_own_identity_secret_and_version_only(
    station: ChargePoint, neighbour: ChargePoint, live_stack: Stack
) -> None:
    mine, theirs = station.identity, neighbour.identity
    strangers = [
        (NOT_FOUND, "NOBODY", "NOBODY", factories.SECRET),
        (UNAUTHORIZED, mine, mine, "wrong"),
        (UNAUTHORIZED, mine, mine, ""),
        (UNAUTHORIZED, mine, mine, None),
        (UNAUTHORIZED, mine, mine, NEIGHBOURS_SECRET),
        (UNAUTHORIZED, mine, theirs, NEIGHBOURS_SECRET),
        (UNAUTHORIZED, theirs, mine, factories.SECRET),
        (NOT_FOUND, f"{theirs}/{mine}", mine, factories.SECRET),
    ]
    async with charger(station, live_stack, "2.0.1", clock=Clock(), meter_every_s=60) as machine:
        await is_ready(machine)
        for status, *stranger in strangers:
            assert await _refusal(live_stack, *stranger) == status, stranger
        for offered in (None, ["soap"], ["ocpp1.5"]):
            async with _knock(live_stack, theirs, theirs, NEIGHBOURS_SECRET, offered) as socket:
                assert await _farewell(socket) == NO_KNOWN_VERSION, offered
        assert await machine.present_token(1, "UNKNOWN") == "Invalid"
        assert (machine.online, machine.link.connections) == (True, 1)

        await rows(neighbour.refresh_from_db)
        assert (neighbour.connected_at, neighbour.connection_key) == (None, "")
        await _goes_too_far(live_stack, neighbour)
        assert (machine.online, machine.link.connections) == (True, 1)


async def _goes_too_far(stack: Stack, row: ChargePoint) -> None:
    """One that is let in, and then sends a frame that nobody could want, is out again, and known to be out."""
    async with _knock(stack, row.identity, row.identity, NEIGHBOURS_SECRET, ["ocpp1.6"]) as socket:
        await eventually(lambda: _is_connected(row), "the neighbour's charger is in")
        await socket.send(json.dumps([2, "big", "DataTransfer", {"vendorId": "x", "data": "x" * MEBIBYTE}]))
        await _farewell(socket)
    await eventually(lambda: not _is_connected(row), "the neighbour's charger is out")


def _is_connected(row: ChargePoint) -> bool:
    return ChargePoint.objects.exclude(connection_key="").filter(pk=row.pk).exists()


def _knock(
    stack: Stack, path: str, user: str, secret: str | None, offered: list[str] | None
) -> AbstractAsyncContextManager[ClientConnection]:
    login = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return connect(
        f"{stack.ocpp_url}/{path}",
        subprotocols=[Subprotocol(name) for name in offered] if offered else None,
        additional_headers={} if secret is None else {"Authorization": f"Basic {login}"},
        proxy=None,
    )


async def _refusal(stack: Stack, path: str, user: str, secret: str | None) -> int | None:
    """The HTTP status with which a charger is turned away; None when it is let in."""
    try:
        async with _knock(stack, path, user, secret, ["ocpp2.0.1", "ocpp1.6"]):
            return None
    except InvalidStatus as refusal:
        return refusal.response.status_code


async def _farewell(socket: ClientConnection) -> int | None:
    """The code with which the server closes; None when it only hangs up."""
    with pytest.raises(ConnectionClosed) as closed:
        await asyncio.wait_for(socket.recv(), PATIENCE_S)
    return closed.value.rcvd.code if closed.value.rcvd else None


async def test_the_live_socket_tells_each_person_only_what_is_theirs(
    driver: Any,
    other_driver: Any,
    operator: Any,
    staff: Any,
    other_staff: Any,
    grid_operator: Any,
    station: ChargePoint,
    live_stack: Stack,
) -> None:
    session, commands, orders = f"user.{driver.pk}.session", f"operator.{operator.pk}.commands", "orders"
    may_hear = [
        (None, {"map"}),
        (driver, {"map", session}),
        (other_driver, {"map"}),
        (staff, {"map", commands}),
        (other_staff, {"map"}),
        (grid_operator, {"map", orders}),
    ]
    for person, allowed in may_hear:
        cookie = await rows(cookie_of, person) if person else ""
        for topic in ("map", session, commands, orders, "anything", ""):
            assert await _is_let_in(live_stack, cookie, topic) == (topic in allowed), (person, topic)
        assert await _is_let_in(live_stack, cookie, f"map,{session}") == (session in allowed), person

    cookie = await rows(cookie_of, staff)
    assert not await _is_let_in(live_stack, cookie, commands, origin="https://elsewhere.example")
    await _the_staff_hears_of_its_charger(live_stack, cookie, commands, station)


def _listen(stack: Stack, cookie: str, topics: str, origin: str) -> AbstractAsyncContextManager[ClientConnection]:
    address = f"{stack.url.replace('http', 'ws')}/live/?topics={topics}"
    return connect(address, origin=Origin(origin), additional_headers={"Cookie": cookie}, proxy=None)


async def _is_let_in(stack: Stack, cookie: str, topics: str, *, origin: str = "") -> bool:
    try:
        async with _listen(stack, cookie, topics, origin or stack.url):
            return True
    except InvalidStatus as refusal:
        return refusal.response.status_code != FORBIDDEN


async def _the_staff_hears_of_its_charger(stack: Stack, cookie: str, topic: str, station: ChargePoint) -> None:
    async with (
        _listen(stack, cookie, topic, stack.url) as socket,
        charger(station, stack, "1.6", clock=Clock(), meter_every_s=60) as machine,
    ):
        await is_ready(machine)
        assert json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S)) == {"topic": topic}
