"""The web server's websockets at the other end of a real line."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.servers import ROOT, end, free_port, wait_until

PATIENCE_S = 20
MEBIBYTE = 1 << 20
# By path: what the application does. It tells of each connection's end on its standard output.
PROGRAM = """
import asyncio, sys
import daphne.server
from twinev.sockets import SocketFactory, SocketServer

reading = asyncio.Event()

async def application(scope, receive, send):
    how = scope["path"].strip("/")
    await receive()
    if how == "refuse":
        headers = [(b"Retry-After", b"7")]
        await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b"later"})
        return
    wishes = {"unpinged": {"ping_interval_s": 0}, "alive": {"alive_every_s": 0.5}}
    await send({"type": "websocket.accept"} | wishes.get(how, {}))
    if how == "bye":
        await send({"type": "websocket.close", "code": 4001, "reason": "Another came"})
    while True:
        if how == "late":
            await reading.wait()
        message = await receive()
        if message["type"] == "websocket.disconnect":
            print(how, message["code"], flush=True)
            return
        if message["type"] == "websocket.alive":
            await send({"type": "websocket.send", "text": "alive"})
        elif message.get("text") == "read":
            reading.set()
        elif message.get("text") == "memory":
            kilobytes = int(open("/proc/self/statm").read().split()[1]) * 4
            await send({"type": "websocket.send", "text": str(kilobytes)})
        elif how in ("echo", "alive", "late"):
            await send({"type": "websocket.send", "text": str(message.get("text", ""))})
        elif how == "pour":
            await send({"type": "websocket.send", "text": "x" * 100_000})

daphne.server.WebSocketFactory = SocketFactory
SocketServer(application, endpoints=[f"tcp:port={sys.argv[1]}:interface=127.0.0.1"], signal_handlers=True,
    ping_interval=1, ping_timeout=4, websocket_timeout=-1, verbosity=0).run()
"""


@dataclass
class Server:
    port: int
    process: subprocess.Popen[str]

    def url(self, how: str) -> str:
        return f"ws://127.0.0.1:{self.port}/{how}"

    def next_end(self) -> str:
        """Which connection ended next, and by which code. Waits until one does."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@pytest.fixture
def server() -> Iterator[Server]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: _listens(port), process, "the server")
        yield Server(port, process)
    finally:
        end(process)


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def open_by_hand(server: Server, how: str) -> socket.socket:
    """A websocket that nobody serves: it answers no ping."""
    line = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    line.sendall(
        f"GET /{how} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(1)
    assert b" 101 " in answer
    return line


def frame(text: bytes, *, opcode: int = 1) -> bytes:
    """A masked frame (mask 0) of one message."""
    length = len(text)
    size = bytes([0x80 | length]) if length < 126 else b"\xfe" + length.to_bytes(2)
    return bytes([0x80 | opcode]) + size + b"\0\0\0\0" + text


async def said(connection: ClientConnection) -> Any:
    return await asyncio.wait_for(connection.recv(), PATIENCE_S)


async def farewell(connection: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as closed:
        await said(connection)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def test_a_refusal_has_its_own_status_and_words(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await connect(server.url("refuse"), proxy=None)
    answer = refusal.value.response
    assert (answer.status_code, answer.headers["Retry-After"], answer.body) == (429, "7", b"later")


async def test_a_close_tells_its_reason(server: Server) -> None:
    async with connect(server.url("bye"), proxy=None) as line:
        assert await farewell(line) == (4001, "Another came")


async def test_a_mebibyte_is_taken_and_a_byte_more_is_answered_by_1009(server: Server) -> None:
    async with connect(server.url("echo"), proxy=None, max_size=None) as line:
        await line.send("x" * MEBIBYTE)
        assert len(await said(line)) == MEBIBYTE
        await line.send("x" * (MEBIBYTE + 1))
        code, reason = await farewell(line)
    assert code == 1009
    assert "1048576" in reason


async def test_text_in_another_encoding_costs_letters_and_not_the_line(server: Server) -> None:
    with closing(open_by_hand(server, "echo")) as line:
        line.sendall(frame("Münster".encode("latin-1")))
        assert "M\ufffdnster".encode() in line.recv(100)


def test_a_line_cut_in_the_middle_of_a_frame_is_an_end_like_any_other(server: Server) -> None:
    line = open_by_hand(server, "echo")
    line.sendall(frame(b"the first half of it")[:10])
    line.close()
    assert server.next_end() == "echo 1006"


def test_frames_in_one_packet_and_a_message_in_pieces_are_messages_each(server: Server) -> None:
    with closing(open_by_hand(server, "echo")) as line:
        begin, middle, last = b"\x01\x81\0\0\0\0c", b"\x00\x81\0\0\0\0d", frame(b"e", opcode=0)
        line.sendall(frame(b"a") + frame(b"b") + begin + middle)
        line.sendall(last)
        answers = b""
        while len(answers) < 11:
            answers += line.recv(100)
    assert answers == b"\x81\x01a\x81\x01b\x81\x03cde"


def test_a_half_open_line_is_found_and_cut(server: Server) -> None:
    with closing(open_by_hand(server, "echo")) as line:
        assert line.recv(2) == b"\x89\x00", "a ping"
        assert server.next_end() == "echo 1006"
        with pytest.raises(ConnectionResetError):
            line.recv(1)


def test_whoever_answers_pings_or_says_anything_stays(server: Server) -> None:
    with closing(open_by_hand(server, "echo")) as patient, closing(open_by_hand(server, "quiet")):
        for opcode in (10, 1, 9, 1):
            while patient.recv(2) != b"\x89\x00":
                pass
            patient.sendall(frame(b"", opcode=opcode))
        # The other one, who says nothing, is gone by now; this one is heard.
        assert server.next_end() == "quiet 1006"
        patient.sendall(frame(b"here"))
        assert b"here" in patient.recv(100)


def test_one_that_takes_no_pings_gets_none(server: Server) -> None:
    with closing(open_by_hand(server, "unpinged")) as line, closing(open_by_hand(server, "quiet")):
        assert server.next_end() == "quiet 1006"
        line.sendall(frame(b"memory"))
        assert line.recv(1) == b"\x81", "the first thing said is the answer"


async def test_an_application_that_asks_hears_of_pongs_and_pings(server: Server) -> None:
    async with connect(server.url("alive"), proxy=None) as line:
        assert await said(line) == "alive"


async def test_a_flood_that_nobody_reads_yet_waits_outside(server: Server) -> None:
    """60 MB are sent while the application reads nothing: memory stays, and nothing of it is lost."""
    text = "x" * 60_000
    async with connect(server.url("quiet"), proxy=None) as other, connect(server.url("late"), proxy=None) as line:
        await other.send("memory")
        before_kb = int(await said(other))
        flood = asyncio.create_task(_send_all(line, [text] * 1_000))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(flood), 4)
        await other.send("memory")
        assert int(await said(other)) - before_kb < 10_000
        await other.send("read")
        for _ in range(1_000):
            assert await said(line) == text
        await flood


async def _send_all(line: ClientConnection, texts: list[str]) -> None:
    for text in texts:
        await line.send(text)


async def test_one_that_asks_and_never_reads_costs_no_memory_and_is_cut(server: Server) -> None:
    """Each short question has an answer of 100 kB."""
    async with connect(server.url("quiet"), proxy=None) as other:
        await other.send("memory")
        before_kb = int(await said(other))
        line = open_by_hand(server, "pour")
        line.setblocking(False)
        await _write_until_stuck(line, frame(b"?") * 1_000)
        await other.send("memory")
        assert int(await said(other)) - before_kb < 10_000
        assert await asyncio.to_thread(server.next_end) == "pour 1006"
        line.close()


async def _write_until_stuck(line: socket.socket, data: bytes) -> None:
    """Write for a second on end, or until nothing more is taken for so long."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            line.send(data)
        except BlockingIOError:
            await asyncio.sleep(0.01)
