"""A charger as light as can be: frames made before, no OCPP library, one call at a time."""

import asyncio
import base64
import json
from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from tests.load.ocpp_bench.frames import TRANSACTION, Step, subprotocol

HANDSHAKE_WITHIN_S = 60.0
_FINE = ("Accepted", None)


class Charger(WSListener):  # type: ignore[misc]
    """Sends its steps one after the other; each is due at a moment, and late when the one before is unanswered."""

    def __init__(self, identity: str, steps: Sequence[Step]) -> None:
        self.identity = identity
        self.steps = steps
        self.sent = self.answered = 0
        self.latencies_s: list[float] = []
        self.problems: list[str] = []
        self.transaction = ""
        self.transport: WSTransport | None = None
        self.on_idle: Callable[[], None] | None = None
        self.on_gone: Callable[[Charger], None] | None = None
        self._due: deque[float] = deque()
        self._open_since: float | None = None

    async def connect(self, url: str, version: str, secret: str) -> None:
        """:raises: WSError, OSError, TimeoutError when the server is not there or refuses."""
        login = base64.b64encode(f"{self.identity}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Sec-WebSocket-Protocol": subprotocol(version)}
        await ws_connect(
            lambda: self,
            f"{url}/{self.identity}",
            extra_headers=headers,
            websocket_handshake_timeout=HANDSHAKE_WITHIN_S,
        )

    def due(self, at: float, steps: int = 1) -> None:
        """The next steps are due at ``at`` (perf_counter)."""
        self._due.extend([at] * steps)
        if self._due and self._open_since is None:
            self._send()

    @property
    def is_waiting(self) -> bool:
        """Connected, and not yet through with all steps."""
        return self.transport is not None and self.answered < len(self.steps)

    def disconnect(self) -> None:
        if self.transport is not None:
            self.transport.disconnect()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.transport = None
        if self._open_since is not None:
            self.problems.append(f"{self.identity}: the line was cut before an answer")
        if self.on_gone is not None:
            self.on_gone(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            if frame.msg_type == WSMsgType.CLOSE:
                transport.disconnect()
            return
        message = json.loads(frame.get_payload_as_memoryview().tobytes())
        if message[0] == 2:
            transport.send(WSMsgType.TEXT, f'[3,"{message[1]}",{{"status":"Accepted"}}]'.encode())
            return
        self._answered(message)

    def _send(self) -> None:
        self._open_since = self._due.popleft()
        if self.transport is None:
            self.problems.append(f"{self.identity}: not connected")
            return
        step = self.steps[self.sent]
        self.sent += 1
        rest = step.rest.replace(TRANSACTION, self.transaction) if self.transaction else step.rest
        self.transport.send(WSMsgType.TEXT, f'[2,"{self.sent}{rest}'.encode())

    def _answered(self, message: list[Any]) -> None:
        if self._open_since is None or message[1] != str(self.sent):
            self.problems.append(f"{self.identity}: an answer to nothing, {message[:2]}")
            return
        self.latencies_s.append(perf_counter() - self._open_since)
        self._open_since = None
        self.answered += 1
        self._check(self.steps[self.sent - 1].action, message)
        if self._due:
            self._send()
        elif self.on_idle is not None:
            self.on_idle()

    def _check(self, action: str, message: list[Any]) -> None:
        if message[0] != 3:
            self.problems.append(f"{self.identity}: {action} got {message[2:4]}")
            return
        answer = message[2]
        if action == "StartTransaction":
            self.transaction = str(answer["transactionId"])
        verdict = answer.get("idTagInfo") or answer.get("idTokenInfo") or answer
        if verdict.get("status") not in _FINE:
            self.problems.append(f"{self.identity}: {action} got {verdict}")


async def connect_all(chargers: Sequence[Charger], url: str, version: str, secret: str, at_once: int = 50) -> None:
    """All connected, ``at_once`` handshakes at a time."""
    gate = asyncio.Semaphore(at_once)

    async def one(charger: Charger) -> None:
        async with gate:
            await charger.connect(url, version, secret)

    await asyncio.gather(*(one(charger) for charger in chargers))
