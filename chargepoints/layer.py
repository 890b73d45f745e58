"""The channel layer from threads: sending through one event loop that is kept, with its connection to Redis."""

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from chargepoints.gathering import is_courier

Message = dict[str, Any]
_thread = threading.local()


def send(messages: Iterable[tuple[str, Message]]) -> None:
    """Send messages to groups, one after the other. Not from a thread that runs an event loop."""
    if is_courier():
        _loop().run_until_complete(_send_all(messages))
    else:
        async_to_sync(_send_all)(messages)


def _loop() -> asyncio.AbstractEventLoop:
    if not hasattr(_thread, "loop"):
        _thread.loop = asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = _thread.loop
    return loop


async def _send_all(messages: Iterable[tuple[str, Message]]) -> None:
    layer = get_channel_layer()
    for group, message in messages:
        await layer.group_send(group, message)
