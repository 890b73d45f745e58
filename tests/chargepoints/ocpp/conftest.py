"""A charger at the end of a socket, in the test's own event loop."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth import get_user_model
from django.urls import re_path

from chargepoints.models import ChargePoint, IdToken, Location, Operator, SupplyPoint
from chargepoints.ocpp import database, journal
from chargepoints.ocpp.consumer import ChargerConsumer
from chargepoints.services import authorization, provisioning

SECRET = "5f4dcc3b5aa765d61d8327deb882cf99"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1"}
PATIENCE_S = 10


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class CallRefused(Exception):
    """A CALLERROR: code, description, details."""


class Charger:
    """Speaks raw OCPP frames, and keeps what the server asks of it."""

    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket
        self._asked: list[list[Any]] = []
        self._numbers = count(1)

    async def send(self, frame: str | bytes) -> None:
        if isinstance(frame, bytes):
            await self.socket.send_to(bytes_data=frame)
        else:
            await self.socket.send_to(text_data=frame)

    async def frame(self) -> list[Any]:
        return json.loads(await self.socket.receive_from(timeout=PATIENCE_S))

    async def answer_to_raw(self, frame: str | bytes) -> list[Any]:
        """The next frame that is no question of the server's."""
        await self.send(frame)
        return await self._answer()

    async def _answer(self) -> list[Any]:
        while (frame := await self.frame())[0] == 2:
            self._asked.append(frame)
        return frame

    async def call(self, action: str, payload: dict[str, Any], message_id: str = "") -> dict[str, Any]:
        message_id = message_id or f"c{next(self._numbers)}"
        answer = await self.answer_to_raw(json.dumps([2, message_id, action, payload]))
        assert answer[1] == message_id
        if answer[0] == 4:
            raise CallRefused(*answer[2:])
        return answer[2]

    async def asked(self, action: str = "") -> tuple[str, dict[str, Any]]:
        """The next question of the server (with this action): its id and payload."""
        while True:
            frame = self._asked.pop(0) if self._asked else await self.frame()
            assert frame[0] == 2, frame
            if not action or frame[2] == action:
                return frame[1], frame[3]
            await self.reply(frame[1], {"status": "Accepted"})

    async def reply(self, message_id: str, payload: dict[str, Any]) -> None:
        await self.send(json.dumps([3, message_id, payload]))

    async def closed(self) -> int:
        """The code that the server closes with."""
        while (event := await self.socket.receive_output(PATIENCE_S))["type"] != "websocket.close":
            pass
        return event.get("code", 1000)

    async def nothing_comes(self) -> bool:
        return await self.socket.receive_nothing(timeout=0.2)


Connect = Callable[..., Awaitable[Charger]]


def basic(user: str, secret: str | bytes) -> tuple[bytes, bytes]:
    raw = user.encode() + b":" + (secret.encode() if isinstance(secret, str) else secret)
    return b"authorization", b"Basic " + base64.b64encode(raw)


def communicator(
    path: str, headers: list[tuple[bytes, bytes]], subprotocols: list[str], clock: Callable[[], datetime]
) -> WebsocketCommunicator:
    routes = URLRouter([re_path(r"^ocpp/(?P<identity>.+)$", ChargerConsumer.as_asgi(clock=clock))])
    return WebsocketCommunicator(routes, path, headers=headers, subprotocols=subprotocols)


async def until(condition: Callable[[], Any]) -> Any:
    """Wait for rows to say so; what they said."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := await rows(condition)):
            await asyncio.sleep(0.01)
    return found


async def rows(read: Callable[[], Any]) -> Any:
    """Read in the server's own threads: those keep no connection to the test database."""
    return await database.run(read)


async def logged() -> None:
    """Wait until the log of frames is stored."""
    await journal.current().flush()


def registered(identity: str) -> ChargePoint:
    """A charge point with one EVSE of 11 kW, known by SECRET."""
    operator, _ = Operator.objects.get_or_create(name="Steinheim Mobil")
    place = Location.objects.create(operator=operator, name="Market", latitude=51.87, longitude=9.09)
    supply_point = SupplyPoint.objects.create(location=place, name="Feeder", contracted_capacity_w=43_000)
    made, _ = provisioning.register_charge_point(
        identity=identity,
        supply_point=supply_point,
        latitude=51.87,
        longitude=9.09,
        evses=[provisioning.EvseSpec(number=1, max_power_w=11_000)],
        secret=SECRET,
    )
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def charge_point(transactional_db: None) -> ChargePoint:
    return registered("CP 1")


@pytest.fixture
def token(charge_point: ChargePoint) -> IdToken:
    return authorization.register_token(token="DEADBEEF", driver=get_user_model().objects.create_user("ann"))


def _key(identity: str) -> str:
    return ChargePoint.objects.get(identity=identity).connection_key


@pytest.fixture
async def connect(charge_point: ChargePoint, clock: Clock) -> AsyncIterator[Connect]:
    """Connects the charger; at the end all its sockets are closed."""
    opened: list[WebsocketCommunicator] = []

    async def one(version: str = "1.6", identity: str = "CP 1", secret: str = SECRET) -> Charger:
        path = f"/ocpp/{identity.replace(' ', '%20')}"
        socket = communicator(path, [basic(identity, secret)], [SUBPROTOCOLS[version]], clock)
        before = await rows(lambda: _key(identity))
        accepted, subprotocol = await socket.connect(timeout=PATIENCE_S)
        assert accepted
        assert subprotocol == SUBPROTOCOLS[version]
        opened.append(socket)
        await until(lambda: _key(identity) != before)
        return Charger(socket)

    yield one
    for socket in opened:
        await socket.disconnect(timeout=PATIENCE_S)
