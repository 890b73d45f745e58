"""A central system of the plainest kind: answers, records, and sends what a test says. Raw frames, no library."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, basic_auth, serve
from websockets.exceptions import ConnectionClosed

Payload = dict[str, Any]
NOW = "2026-03-02T08:00:00Z"


@dataclass
class Call:
    """A CALL that arrived."""

    message_id: str
    action: str
    payload: Payload
    path: str


@dataclass
class Central:
    """`answers` holds, by action, a payload, a function of the payload, or None to stay silent."""

    calls: list[Call] = field(default_factory=list)
    answers: dict[str, Payload | Callable[[Payload], Payload] | None] = field(default_factory=dict)
    credentials: tuple[str, str] | None = None
    port: int = 0
    connections: int = 0
    transactions: int = 40

    def __post_init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._socket: ServerConnection | None = None
        self._server: Server | None = None
        self._pulse = asyncio.Event()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ocpp"

    async def start(self) -> None:
        """Listen; a second start uses the same port, as a server that came back."""
        check = basic_auth(check_credentials=lambda *told: told == self.credentials) if self.credentials else None
        self._server = await serve(
            self._serve, "127.0.0.1", self.port, subprotocols=["ocpp1.6", "ocpp2.0.1"], process_request=check
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def kill(self) -> None:
        """Gone at once, without a word to anyone."""
        if self._socket:
            self._socket.transport.abort()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def call(self, action: str, payload: Payload) -> Payload:
        """Send a CALL to the charger that connected last; a CALLERROR comes back as {"error": code}."""
        message_id = str(uuid.uuid4())
        future = self._waiting[message_id] = asyncio.get_running_loop().create_future()
        assert self._socket
        await self._socket.send(json.dumps([2, message_id, action, payload]))
        return await asyncio.wait_for(future, 5)

    def payloads(self, action: str) -> list[Payload]:
        return [call.payload for call in self.calls if call.action == action]

    async def wait_for(self, condition: Callable[[], object], timeout: float = 5) -> None:
        """Until the condition holds, looked at after each frame."""
        async with asyncio.timeout(timeout):
            while not condition():
                await self._pulse.wait()

    async def _serve(self, socket: ServerConnection) -> None:
        self._socket = socket
        self.connections += 1
        self._notify()
        with contextlib.suppress(ConnectionClosed):
            async for raw in socket:
                # A frame that is none is passed over: what a charger says in chaos is not this system's subject.
                with contextlib.suppress(LookupError, TypeError, ValueError):
                    await self._take(socket, json.loads(raw))
                self._notify()

    async def _take(self, socket: ServerConnection, message: list[Any]) -> None:
        if message[0] == 2:
            await self._answer(socket, message)
            return
        payload = message[2] if message[0] == 3 else {"error": message[2]}
        self._waiting.pop(message[1]).set_result(payload)

    async def _answer(self, socket: ServerConnection, message: list[Any]) -> None:
        _, message_id, action, payload = message
        self.calls.append(Call(message_id, action, payload, socket.request.path))
        answer = self.answers.get(action)
        if action not in self.answers:
            answer = self._usual(action, socket.subprotocol)
        elif callable(answer):
            answer = answer(payload)
        if answer is None:
            return
        if "error" in answer:
            await socket.send(json.dumps([4, message_id, answer["error"], "", {}]))
        else:
            await socket.send(json.dumps([3, message_id, answer]))

    def _usual(self, action: str, subprotocol: str | None) -> Payload:
        if action == "StartTransaction":
            self.transactions += 1
        info = "idTagInfo" if subprotocol == "ocpp1.6" else "idTokenInfo"
        return {
            "BootNotification": {"status": "Accepted", "currentTime": NOW, "interval": 300},
            "Heartbeat": {"currentTime": NOW},
            "Authorize": {info: {"status": "Accepted"}},
            "StartTransaction": {"transactionId": self.transactions, "idTagInfo": {"status": "Accepted"}},
        }.get(action, {})

    def _notify(self) -> None:
        pulse, self._pulse = self._pulse, asyncio.Event()
        pulse.set()
