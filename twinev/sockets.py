"""The web server's websockets: what daphne leaves open for lines that last for months.

* A refusal may carry its own HTTP status (ASGI's extension ``websocket.http.response``), a close its reason.
* A ping has a deadline for its pong; any byte that comes in counts as life. A line that is dead is cut.
* Backpressure: of a client that sends faster than it is served nothing more is read until there is room, and whoever
  sends to a client that does not read waits; one that does not read at all is cut.
* A frame beyond the limit is answered by 1009, and text that is no UTF-8 costs a client a letter, not its line.

An application may ask for more in ``websocket.accept``: ``ping_interval_s`` (0: no pings), and ``alive_every_s``: it
then gets ``{"type": "websocket.alive"}`` at most so often when only pings and pongs come.
"""

# ruff: noqa: N802, N803  (the names of Twisted's and autobahn's hooks)

from __future__ import annotations

import asyncio
import http
import logging
import time
from functools import partial
from typing import Any

from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

logger = logging.getLogger(__name__)
# What a client may have waiting here: a charger that keeps to OCPP has one call and one answer under way.
MOST_WAITING_FRAMES = 64
MOST_WAITING_BYTES = 1024 * 1024
# Nothing is read before a handshake is through, beyond what a hasty client sends along.
_MOST_HASTY_BYTES = 64 * 1024


class Inbox(asyncio.Queue[dict[str, Any]]):
    """Frames that wait for the application; tells the socket of each change."""

    def __init__(self, socket: Socket) -> None:
        super().__init__()
        self.waiting_bytes = 0
        self._socket = socket

    def _put(self, item: dict[str, Any]) -> None:
        super()._put(item)  # type: ignore[misc]  # asyncio's own hooks for subclasses
        self.waiting_bytes += _size(item)
        if self.is_full_enough:
            self._socket.hold()

    def _get(self) -> dict[str, Any]:
        item: dict[str, Any] = super()._get()  # type: ignore[misc]
        self.waiting_bytes -= _size(item)
        if self._socket.is_held and not self.is_full_enough:
            self._socket.go_on()
        return item

    @property
    def is_full_enough(self) -> bool:
        return self.qsize() >= MOST_WAITING_FRAMES or self.waiting_bytes >= MOST_WAITING_BYTES


def _size(item: dict[str, Any]) -> int:
    return len(item.get("text") or item.get("bytes") or b"")


class Socket(WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    """One websocket. Times are seconds of the monotonic clock."""

    def __init__(self) -> None:
        super().__init__()
        self.is_held = False
        self.drained = asyncio.Event()
        self.drained.set()
        self._stalled_at: float | None = None
        self._heard_at = self._told_alive_at = time.monotonic()
        self._pinged_at: float | None = None
        self._ping_interval_s: float | None = None
        self._alive_every_s = 0.0
        self._refusal: dict[str, Any] = {}

    # --- coming in ----------------------------------------------------------------------------------------------------

    def dataReceived(self, data: bytes) -> None:
        self._heard_at = time.monotonic()
        # Past autobahn's own hook, which describes each arrival in colours for a log that nobody reads.
        self._dataReceived(data)
        if self.state == self.STATE_CONNECTING and len(self.data) > _MOST_HASTY_BYTES:
            self.transport.pauseProducing()

    def onOpen(self) -> None:
        super().onOpen()
        # Until now the HTTP channel was told when the client does not read.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)
        self._listen_or_not()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.muted:
            return
        if isBinary:
            self.application_queue.put_nowait({"type": "websocket.receive", "bytes": payload})
        else:
            self.application_queue.put_nowait({"type": "websocket.receive", "text": payload.decode(errors="replace")})

    def onPing(self, payload: bytes) -> None:
        super().onPing(payload)
        self._tell_alive()

    def onPong(self, payload: bytes) -> None:
        self._tell_alive()

    def _tell_alive(self) -> None:
        if self._alive_every_s and self._heard_at - self._told_alive_at >= self._alive_every_s:
            self._told_alive_at = self._heard_at
            self.application_queue.put_nowait({"type": "websocket.alive"})

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:
        self.drained.set()
        super().onClose(wasClean, code, reason)

    # --- backpressure -------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Too much waits to be dealt with: read no more for now."""
        self.is_held = True
        self._listen_or_not()

    def go_on(self) -> None:
        self.is_held = False
        # While we did not listen it could not be heard: the deadline starts anew.
        self._heard_at = time.monotonic()
        self._listen_or_not()

    def pauseProducing(self) -> None:
        """The transport says: the client does not read what is sent to it."""
        self._stalled_at = time.monotonic()
        self.drained.clear()
        self._listen_or_not()

    def resumeProducing(self) -> None:
        self._stalled_at = None
        self._heard_at = time.monotonic()
        self.drained.set()
        self._listen_or_not()

    def stopProducing(self) -> None:
        """The connection is going; onClose follows."""

    def _listen_or_not(self) -> None:
        if self.is_held or self._stalled_at is not None:
            self.transport.pauseProducing()
        else:
            self.transport.resumeProducing()

    # --- life ---------------------------------------------------------------------------------------------------------

    def check_timeouts(self) -> None:
        """Called by the server every other second."""
        if self.state == self.STATE_OPEN:
            self._watch(time.monotonic())
        else:
            super().check_timeouts()

    def _watch(self, now: float) -> None:
        if self._stalled_at is not None:
            if now - self._stalled_at >= self.server.ping_timeout:
                self._give_up("it does not read what it is sent")
        elif not self.is_held:
            self._ping_or_give_up(now)

    def _ping_or_give_up(self, now: float) -> None:
        interval_s = self.server.ping_interval if self._ping_interval_s is None else self._ping_interval_s
        if self._pinged_at is not None and self._heard_at >= self._pinged_at:
            self._pinged_at = None
        if self._pinged_at is not None and now - self._pinged_at >= self.server.ping_timeout:
            self._give_up("no pong came")
        elif self._pinged_at is None and interval_s and now - self._heard_at >= interval_s:
            self._pinged_at = now
            self.sendPing()

    def _give_up(self, reason: str) -> None:
        logger.info("a websocket is given up", extra={"client": str(self.client_addr), "reason": reason})
        self.wasClean = False
        self.wasNotCleanReason = reason
        self.dropConnection(abort=True)

    # --- going out ----------------------------------------------------------------------------------------------------

    def handle_reply(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "websocket.http.response.start":
            self._refusal = message
        elif kind == "websocket.http.response.body":
            self._refuse(message.get("body", b""))
        elif kind == "websocket.close" and self.state == self.STATE_OPEN:
            self.sendClose(code=message.get("code") or 1000, reason=message.get("reason") or None)
        else:
            if kind == "websocket.accept":
                self._ping_interval_s = message.get("ping_interval_s")
                self._alive_every_s = message.get("alive_every_s", 0.0)
            super().handle_reply(message)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        """At once where the line is free: waiting for the reactor to call costs three calls of the kernel a frame."""
        if self.state != self.STATE_OPEN or sync or chopsize or self.send_queue:
            super().sendData(data, sync, chopsize)
            return
        line = self.transport
        is_free = line.connected and not (line.disconnecting or line.dataBuffer or line._tempDataBuffer)
        sent = line.writeSomeData(data) if is_free else 0
        # No number: the line is lost, of which the reactor is to tell.
        sent = sent if isinstance(sent, int) else 0
        if sent < len(data):
            line.write(data[sent:])

    def _refuse(self, body: bytes) -> None:
        if self.state != self.STATE_CONNECTING:
            return
        status = http.HTTPStatus(self._refusal["status"])
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._refusal["headers"]]
        headers += [("Content-Length", str(len(body))), ("Connection", "close")]
        self.wasNotCleanReason = status.phrase
        self.sendHttpErrorResponse(status.value, status.phrase, headers)
        self.sendData(body)
        self.dropConnection(abort=False)
        self.server.protocol_disconnected(self)


class SocketFactory(WebSocketFactory):  # type: ignore[misc]
    protocol = Socket

    def setProtocolOptions(self, **options: Any) -> None:
        super().setProtocolOptions(**options, failByDrop=False, utf8validateIncoming=False)


class SocketServer(Server):  # type: ignore[misc]
    """daphne with these sockets. ``ping_interval`` 0: no pings; ``ping_timeout``: how long a pong may take."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if not isinstance(protocol, Socket):
            return super().create_application(protocol, scope)
        inbox = Inbox(protocol)
        scope |= {"asgi": {"version": "3.0"}, "extensions": {"websocket.http.response": {}}}
        application = self.application(scope=scope, receive=inbox.get, send=partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        return inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Who sends to a client that does not read waits until it does, or is gone."""
        await super().handle_reply(protocol, message)
        if message["type"] == "websocket.send" and not protocol.drained.is_set():
            await protocol.drained.wait()
