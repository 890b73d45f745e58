"""The websocket of a charger: admits it, hands frames to its link, closes when a newer connection takes over."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.utils import timezone

from chargepoints import groups
from chargepoints.ocpp import handshake, rpc, v16, v201
from chargepoints.ocpp.link import ANSWER_TIMEOUT_S, Link
from chargepoints.ocpp.pace import Pace
from chargepoints.services import quirks

logger = logging.getLogger(__name__)
# Best first.
VERSIONS = {version.subprotocol: version for version in (v201.VERSION, v16.VERSION)}
# Layers forget members of groups after a day, or when a message waited too long for a busy link.
_REJOIN_EVERY_S = 600.0
# RFC 6455's own 1002, 1009 and 1013 belong to the server: daphne lets no application send them, and ends in an error.
_REPLACED, _NO_KNOWN_VERSION, _SILENT, _TOO_BIG, _TRY_AGAIN, _FLOOD = 4001, 4002, 4008, 4009, 4013, 4029
# Pings and pongs are signs of life, too; told to the database seldom, as nobody is charged by them.
_ALIVE_EVERY_S = 60.0
_AFTER_FAILURE_S = 1.0


class ChargerConsumer(AsyncConsumer):
    """Thin: everything OCPP is in the link."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._link: Link | None = None
        self._group = self.channel_name = ""
        self._joined_at_s = 0.0
        self._pace = Pace(settings.OCPP_FRAMES_PER_S, settings.OCPP_FRAMES_BURST)
        self._slowed_since_s: float | None = None
        # One thing at a time: a frame, or what the channel layer tells.
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As Channels does it, but nobody waits at the door for the channel layer: it takes a storm one by one."""
        self.scope, self.base_send = scope, send
        self.channel_layer = get_channel_layer(self.channel_layer_alias)
        news: asyncio.Task[None] | None = None
        try:
            await self.websocket_connect(await receive())
            if self.channel_name:
                news = asyncio.get_running_loop().create_task(self._hear_news(), name="ocpp news")
            while True:
                message = await receive()
                async with self._turn:
                    await self.dispatch(message)
        except StopConsumer:
            pass
        finally:
            if news is not None:
                async with self._turn:
                    news.cancel()

    async def _hear_news(self) -> None:
        """What the channel layer has for this connection. Channels' own way takes two tasks for each frame."""
        while True:
            try:
                message = await self.channel_layer.receive(self.channel_name)
                async with self._turn:
                    await self.dispatch(message)
            except Exception:
                logger.exception("news could not be heard")
                await asyncio.sleep(_AFTER_FAILURE_S)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Without Channels' thread hop a message: the database pool closes its old connections itself."""
        handler = getattr(self, message["type"].replace(".", "_"), None)
        if handler is not None:
            await handler(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        charge_point = await handshake.admitted(self.scope, self._clock())
        if isinstance(charge_point, handshake.No):
            await handshake.refuse(self.scope, self.send, charge_point)
            raise StopConsumer
        version = handshake.chosen(self.scope.get("subprotocols", []), VERSIONS)
        if version is None:
            # OCPP-J 3.3: finish the handshake without a subprotocol, then close.
            await self.send({"type": "websocket.accept"})
            await self._close(_NO_KNOWN_VERSION, "Offer one of: " + ", ".join(VERSIONS))
            return
        self._link = Link(
            charge_point=charge_point,
            version=version,
            send_text=self._send_text,
            clock=self._clock,
            answer_timeout_s=getattr(settings, "OCPP_ANSWER_TIMEOUT_S", ANSWER_TIMEOUT_S),
        )
        await self._open(self._link, takes_pings=not quirks.of(charge_point).no_pong)

    async def _open(self, link: Link, *, takes_pings: bool) -> None:
        """Accepted first: a handshake may not wait for the queue of work. No frame is read before it is live."""
        acceptance = {"type": "websocket.accept", "subprotocol": link.version.subprotocol}
        wishes = {"alive_every_s": _ALIVE_EVERY_S, "ping_interval_s": None if takes_pings else 0}
        await self.send(acceptance | wishes)
        self._group = groups.charger_group(link.charge_point_id)
        try:
            self.channel_name = await self.channel_layer.new_channel()
            await self._join()
            await link.opened()
        except Exception:
            logger.exception("a connection could not be opened", extra=link.log_extra)
            await self._close(_TRY_AGAIN, "Try again later")

    async def _join(self) -> None:
        self._joined_at_s = asyncio.get_running_loop().time()
        await self.channel_layer.group_add(self._group, self.channel_name)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if self._link is None:
            return
        frame = message.get("text")
        frame = message.get("bytes", b"") if frame is None else frame
        if len(frame) > rpc.MOST_BYTES:
            await self._close(_TOO_BIG, "Frames of up to 1 MiB")
            return
        now_s = asyncio.get_running_loop().time()
        if not await self._in_pace(now_s):
            return
        await self._link.received(frame)
        if now_s - self._joined_at_s > _REJOIN_EVERY_S:
            await self._join()

    async def _in_pace(self, now_s: float) -> bool:
        """Whether to go on with the next frame; it waits while there were too many: then no more is read."""
        wait_s = self._pace.wait_s(now_s)
        self._pace.count(now_s)
        if wait_s <= 0:
            self._slowed_since_s = None
            return True
        self._slowed_since_s = now_s if self._slowed_since_s is None else self._slowed_since_s
        if now_s - self._slowed_since_s >= settings.OCPP_FLOOD_S:
            await self._close(_FLOOD, "Too many messages")
            await self._leave()
            return False
        await asyncio.sleep(wait_s)
        return True

    async def websocket_alive(self, message: dict[str, Any]) -> None:
        """The server's own news: pings or pongs came, and no frame."""
        if self._link is not None:
            await self._link.alive()

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        await self._leave()
        raise StopConsumer

    async def command_queued(self, message: dict[str, Any]) -> None:
        if self._link is not None:
            self._link.wake()

    async def connection_replaced(self, message: dict[str, Any]) -> None:
        """A half-open socket may never answer the close: what it held is let go at once."""
        if self._link is None or self._link.connection_key == message["connection_key"]:
            return
        if await self._link.is_replaced():
            await self._close(_REPLACED, "A newer connection took over")
            await self._leave()

    async def connection_silent(self, message: dict[str, Any]) -> None:
        """It missed its heartbeats and was given up: the charger is to come again."""
        if self._link is not None and self._link.connection_key == message["connection_key"]:
            await self._close(_SILENT, "Nothing was heard")
            await self._leave()

    async def _leave(self) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        if self.channel_name:
            await self.channel_layer.group_discard(self._group, self.channel_name)
        try:
            await link.closed()
        except Exception:
            logger.exception("a connection could not be closed", extra=link.log_extra)
        # What this one gave back waits for its successor, who may be asleep.
        await self.channel_layer.group_send(self._group, {"type": "command.queued"})

    async def _send_text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _close(self, code: int = 1000, reason: str = "") -> None:
        await self.send({"type": "websocket.close", "code": code, "reason": reason})
