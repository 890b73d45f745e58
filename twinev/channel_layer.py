"""The channel layer of the embedded default: in memory, and safe to send to from any thread.

Channels' own in-memory layer puts a message into an asyncio queue, which does not wake a loop that runs in another
thread: a consumer would see the news only when its loop turns for another reason. Here each channel remembers the loop
that listens to it, and a message from elsewhere is handed over to that loop.
"""

import asyncio
import contextlib
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer

Message = dict[str, Any]


class ThreadSafeInMemoryChannelLayer(InMemoryChannelLayer):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._listeners: dict[str, asyncio.AbstractEventLoop] = {}

    async def receive(self, channel: str) -> Message:
        self._listeners[channel] = asyncio.get_running_loop()
        message: Message = await super().receive(channel)
        return message

    async def send(self, channel: str, message: Message) -> None:
        loop = self._listeners.get(channel)
        if loop is None or loop is asyncio.get_running_loop():
            await super().send(channel, message)
        elif loop.is_closed():
            self._forget(channel)
        else:
            # Not waited for: the sender may be a task that must not hang on a busy loop.
            asyncio.run_coroutine_threadsafe(self._put(channel, message), loop)

    async def group_send(self, group: str, message: Message) -> None:
        self.require_valid_group_name(group)
        # A copy: the loop that owns the group may change it meanwhile.
        for channel in list(self.groups.get(group, {})):
            # Delivery is at most once: a nudge that is lost only delays.
            with contextlib.suppress(ChannelFull):
                await self.send(channel, message)

    async def group_discard(self, group: str, channel: str) -> None:
        await super().group_discard(group, channel)
        # Consumers leave their groups when they close: the moment to forget their loop as well.
        if not any(channel in members for members in list(self.groups.values())):
            self._listeners.pop(channel, None)

    async def flush(self) -> None:
        await super().flush()
        self._listeners.clear()

    async def _put(self, channel: str, message: Message) -> None:
        with contextlib.suppress(ChannelFull):
            await super().send(channel, message)

    def _forget(self, channel: str) -> None:
        self._listeners.pop(channel, None)
        self._remove_from_groups(channel)
