"""A charger's line that may break: calls raise ConnectionError then, and it is for the charger to say it again."""

import asyncio
import base64
import itertools
import json
from typing import Any, cast

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from tests.load.ocpp_bench import frames, names

_HANDSHAKE_WITHIN_S = 20.0
_ANSWER_WITHIN_S = 60.0


class Line(WSListener):  # type: ignore[misc]
    """One connection of one charger."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._open: dict[str, asyncio.Future[Any]] = {}
        self._transport: WSTransport | None = None

    @classmethod
    async def opened(cls, url: str, version: str, identity: str) -> "Line":
        """:raises ConnectionError: when nobody is there, or it is refused."""
        login = base64.b64encode(f"{identity}:{names.SECRET}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Sec-WebSocket-Protocol": frames.subprotocol(version)}
        try:
            _, line = await ws_connect(
                cls, f"{url}/{identity}", extra_headers=headers, websocket_handshake_timeout=_HANDSHAKE_WITHIN_S
            )
        except (WSError, OSError, TimeoutError) as error:
            raise ConnectionError(str(error)) from None
        return cast(Line, line)

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.disconnect()

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """:raises ConnectionError: when the line broke before the answer. :raises ValueError: on a CALLERROR."""
        if self._transport is None:
            raise ConnectionError("the line is cut")
        message_id = str(next(self._ids))
        self._open[message_id] = answer = asyncio.get_running_loop().create_future()
        self._transport.send(WSMsgType.TEXT, json.dumps([2, message_id, action, payload]).encode())
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                message = await answer
        except TimeoutError:
            self._transport.disconnect()
            raise ConnectionError("no answer") from None
        finally:
            self._open.pop(message_id, None)
        if message[0] != 3:
            raise ValueError(f"{action}: {message[2:4]}")
        return dict(message[2])

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._transport = None
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the line was cut"))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            message = json.loads(frame.get_payload_as_memoryview().tobytes())
            if message[0] == 2:
                transport.send(WSMsgType.TEXT, f'[3,"{message[1]}",{{"status":"Accepted"}}]'.encode())
            elif (answer := self._open.get(message[1])) is not None and not answer.done():
                answer.set_result(message)
