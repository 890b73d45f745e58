"""Lines that break, move and flood, at the running system."""

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, Connector
from chargepoints.services import commands
from tests.factories import SECRET
from tests.flows.support import PATIENCE_S, charge_point, eventually, rows
from tests.servers import Stack, redis, url_of_database

REPLACED = 4001


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    return charge_point()


@pytest.fixture
def stacks(transactional_db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Stack]]:
    """Two processes of the system on the same database, with pings that do not wait long."""
    monkeypatch.setenv("TWINEV_PING_INTERVAL_S", "1")
    monkeypatch.setenv("TWINEV_PONG_WITHIN_S", "5")
    with ExitStack() as stack:
        redis_url = settings.REDIS_URL or stack.enter_context(redis())
        running = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            made = Stack(
                database_url=url_of_database(connection.settings_dict), redis_url=redis_url, folder=tmp_path / name
            )
            stack.callback(made.stop)
            made.start()
            running.append(made)
        yield running


def line(stack: Stack, row: ChargePoint, **options: Any) -> AbstractAsyncContextManager[ClientConnection]:
    address = f"{stack.ocpp_url.replace('://', f'://{row.identity}:{SECRET}@')}/{quote(row.identity)}"
    return connect(address, subprotocols=[Subprotocol("ocpp1.6")], proxy=None, **options)


async def boot(socket: ClientConnection) -> None:
    await socket.send(json.dumps([2, "b", "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}]))
    assert (await _next(socket, kind=3))[2]["status"] == "Accepted"


async def _next(socket: ClientConnection, *, kind: int, action: str = "") -> Any:
    while True:
        frame = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
        if frame[0] == kind and action in ("", frame[2]):
            return frame
        if frame[0] == 2:
            await socket.send(json.dumps([3, frame[1], {"status": "Accepted"}]))


def wish(row: ChargePoint) -> Command:
    return commands.enqueue(charge_point=row, intent=intents.ChangeAvailability(operative=True))


async def test_the_newer_connection_wins_though_another_process_holds_the_older(
    station: ChargePoint, stacks: list[Stack]
) -> None:
    one, other = stacks
    async with line(one, station) as old, line(other, station) as new:
        with pytest.raises(ConnectionClosed) as closed:
            await _next(old, kind=3)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (REPLACED, "A newer connection took over")
        await boot(new)
        await rows(wish, station)
        frame = await _next(new, kind=2, action="ChangeAvailability")
        await new.send(json.dumps([3, frame[1], {"status": "Accepted"}]))
        await eventually(
            lambda: Command.objects.get(kind="change_availability").status == "accepted", "it went by the new line"
        )
        row = await rows(lambda: ChargePoint.objects.get())
        assert row.is_connected
    await _cut_in_the_middle_of_a_frame(one, other, station)


async def _cut_in_the_middle_of_a_frame(one: Stack, other: Stack, station: ChargePoint) -> None:
    """What came of it counts for nothing, and the whole of it is taken when the charger is back."""
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
    dying = await _by_hand(one, station)
    await eventually(lambda: ChargePoint.objects.get().is_connected, "it is there")
    dying.write(_masked([2, "s", "StatusNotification", status])[:60])
    await dying.drain()
    dying.transport.abort()
    await eventually(lambda: not ChargePoint.objects.get().is_connected, "it is gone")
    assert await rows(lambda: Connector.objects.get().status) != "charging"
    async with line(other, station) as back:
        await back.send(json.dumps([2, "s", "StatusNotification", status]))
        assert (await _next(back, kind=3))[2] == {}
    assert await rows(lambda: Connector.objects.get().status) == "charging"


async def test_a_half_open_line_is_found_and_its_command_goes_by_the_next(
    station: ChargePoint, stacks: list[Stack]
) -> None:
    """The charger is heard no more: its power is gone, and its socket still looks open."""
    one, other = stacks
    async with line(one, station) as dying:
        await boot(dying)
        await rows(wish, station)
        frame = await _next(dying, kind=2, action="ChangeAvailability")
        dying.transport.pause_reading()  # type: ignore[attr-defined]
        await eventually(lambda: not ChargePoint.objects.get().is_connected, "it is known to be gone")
        assert await rows(lambda: Command.objects.get(kind="change_availability").status) == "queued"
        async with line(other, station) as next_one:
            await boot(next_one)
            again = await _next(next_one, kind=2, action="ChangeAvailability")
            assert again[1] == frame[1]
            await next_one.send(json.dumps([3, again[1], {"status": "Accepted"}]))
            await eventually(
                lambda: Command.objects.get(kind="change_availability").status == "accepted", "it was done"
            )
        dying.transport.abort()


async def test_a_charger_that_floods_and_reads_nothing_does_not_disturb_the_next(
    station: ChargePoint, stacks: list[Stack]
) -> None:
    stack = stacks[0]
    neighbour = await rows(charge_point)
    async with line(stack, neighbour) as calm:
        await boot(calm)
        before_kb = _memory_kb(stack)
        wild = await _by_hand(stack, station)
        flood = asyncio.create_task(_flood(wild))
        slowest_s = max([await _heartbeat_s(calm) for _ in range(40)])
        assert not flood.done(), "it is let in as fast as it is served"
        assert slowest_s < 5
        assert _memory_kb(stack) - before_kb < 40_000
        flood.cancel()
        wild.transport.abort()
        await eventually(lambda: not ChargePoint.objects.get(pk=station.pk).is_connected, "the wild one is out")
        assert await rows(lambda: ChargePoint.objects.get(pk=neighbour.pk).is_connected)


async def _by_hand(stack: Stack, row: ChargePoint) -> asyncio.StreamWriter:
    """A charger's websocket of which nobody reads: what is sent to it stays in the buffers between."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.port)
    login = base64.b64encode(f"{row.identity}:{SECRET}".encode()).decode()
    writer.write(
        f"GET /ocpp/{quote(row.identity)} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Authorization: Basic {login}\r\nSec-WebSocket-Protocol: ocpp1.6\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b" 101 " in await asyncio.wait_for(reader.readline(), PATIENCE_S)
    return writer


async def _flood(writer: asyncio.StreamWriter) -> None:
    """A hundred megabytes of questions on end."""
    frame = _masked([2, "x" * 36, "Nonsense", {"text": "y" * 1_000}])
    for _ in range(100_000):
        writer.write(frame)
        await writer.drain()


def _masked(message: list[Any]) -> bytes:
    """A frame of a client (of 126 bytes at least), by a mask of zeros."""
    text = json.dumps(message).ljust(126).encode()
    return b"\x81\xfe" + len(text).to_bytes(2) + b"\0\0\0\0" + text


async def _heartbeat_s(socket: ClientConnection) -> float:
    began_s = asyncio.get_running_loop().time()
    await socket.send(json.dumps([2, "h", "Heartbeat", {}]))
    await _next(socket, kind=3)
    return asyncio.get_running_loop().time() - began_s


def _memory_kb(stack: Stack) -> int:
    process = stack._process
    assert process is not None
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4
