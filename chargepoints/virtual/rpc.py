"""OCPP-J over one websocket, the charger's side: one own call at a time, answers at once, all frames recorded.

Source: OCPP 1.6J section 4, OCPP 2.0.1 part 4.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

logger = logging.getLogger(__name__)
CALL, CALLRESULT, CALLERROR = 2, 3, 4
Payload = dict[str, Any]
# What reading a payload of the wrong shape raises.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)


class CallFailedError(Exception):
    """The server answered with CALLERROR."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code


class NoAnswerError(Exception):
    """The server did not answer in time."""


class LinkLostError(Exception):
    """The websocket closed before the answer came."""


class RefusalError(Exception):
    """Raised by a handler: answer CALLERROR with this code."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(description)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What a handler answers, and what happens once the answer has gone out. Payload None: say nothing.

    `delay_s`: the answer goes out so many real seconds later.
    """

    payload: Payload | None
    then: Callable[[], object] | None = None
    delay_s: float = 0.0


@dataclass(frozen=True)
class Frame:
    """One recorded OCPP-J message. `kind` is 2 (call), 3 (result) or 4 (error); a result bears its call's action."""

    sent: bool
    kind: int
    message_id: str
    action: str
    payload: Payload


class Rpc:
    """Calls and answers on an open websocket."""

    def __init__(
        self,
        socket: ClientConnection,
        *,
        answer: Callable[[str, Payload], Answer],
        record: Callable[[Frame], None],
        timeout_s: float,
    ) -> None:
        self.socket = socket
        self._answer = answer
        self._record = record
        self._timeout_s = timeout_s
        self._waiting: dict[str, tuple[str, asyncio.Future[Payload]]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._lost = False
        self._late: set[asyncio.Task[None]] = set()

    async def call(self, action: str, payload: Payload, message_id: str | None = None) -> Payload:
        """Send a CALL and wait; raises CallFailedError, NoAnswerError or LinkLostError."""
        message_id = message_id or str(uuid.uuid4())
        async with self._one_at_a_time:
            if self._lost:
                raise LinkLostError
            future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
            self._waiting[message_id] = (action, future)
            try:
                await self._send(CALL, message_id, action, payload)
                # Not wait_for: of Python 3.11 it forgets that it was cancelled when the answer comes at that moment.
                async with asyncio.timeout(self._timeout_s):
                    return await future
            except TimeoutError:
                raise NoAnswerError(action) from None
            finally:
                self._waiting.pop(message_id, None)
                if future.done() and not future.cancelled():
                    future.exception()  # lost while we were still sending: nobody else will look at it

    async def listen(self) -> None:
        """Handle frames until the websocket closes."""
        try:
            async for raw in self.socket:
                await self._receive(raw)
        except ConnectionClosed:
            pass
        finally:
            self._lost = True
            for _, future in self._waiting.values():
                if not future.done():
                    future.set_exception(LinkLostError())

    async def _receive(self, raw: str | bytes) -> None:
        """A frame that is none is passed over: a charger outlives its server's mistakes."""
        try:
            message = json.loads(raw)
            kind, message_id, *rest = message
            if kind == CALL:
                action, payload = rest
                await self._serve(message_id, action, payload)
            elif kind in (CALLRESULT, CALLERROR):
                self._settle(kind, message_id, rest)
        except UNREADABLE:
            logger.warning("not an OCPP-J frame: %.200r", raw)

    def _settle(self, kind: int, message_id: str, rest: list[Any]) -> None:
        action, future = self._waiting.get(message_id, ("", None))
        payload = rest[0] if kind == CALLRESULT else {"code": rest[0], "description": rest[1]}
        self._record(Frame(False, kind, message_id, action, payload))
        if future is None or future.done():
            return
        if kind == CALLRESULT:
            future.set_result(payload)
        else:
            future.set_exception(CallFailedError(payload["code"], payload["description"]))

    async def _serve(self, message_id: str, action: str, payload: Payload) -> None:
        self._record(Frame(False, CALL, message_id, action, payload))
        try:
            answer = self._answer(action, payload)
        except RefusalError as refusal:
            await self._send_error(message_id, action, refusal.code, str(refusal))
            return
        if answer.delay_s:
            self._keep(asyncio.create_task(self._answer_late(message_id, action, answer)))
        else:
            await self._give(message_id, action, answer)

    async def _give(self, message_id: str, action: str, answer: Answer) -> None:
        if answer.payload is not None:
            await self._send(CALLRESULT, message_id, action, answer.payload)
        if answer.then:
            answer.then()

    async def _answer_late(self, message_id: str, action: str, answer: Answer) -> None:
        await asyncio.sleep(answer.delay_s)
        with contextlib.suppress(LinkLostError):
            await self._give(message_id, action, answer)

    def _keep(self, task: asyncio.Task[None]) -> None:
        """A task that nobody holds may be collected before it ends."""
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _send_error(self, message_id: str, action: str, code: str, description: str) -> None:
        self._record(Frame(True, CALLERROR, message_id, action, {"code": code, "description": description}))
        await self._write([CALLERROR, message_id, code, description, {}])

    async def _send(self, kind: int, message_id: str, action: str, payload: Payload) -> None:
        self._record(Frame(True, kind, message_id, action, payload))
        await self._write([CALL, message_id, action, payload] if kind == CALL else [kind, message_id, payload])

    async def _write(self, message: list[Any]) -> None:
        try:
            await self.socket.send(json.dumps(message))
        except ConnectionClosed:
            raise LinkLostError from None
