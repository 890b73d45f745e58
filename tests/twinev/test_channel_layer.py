"""What is sent from a thread has to wake the loop that listens, else it waits for the next unrelated event."""

import asyncio
import threading
from typing import Any

from asgiref.sync import async_to_sync

from twinev.channel_layer import ThreadSafeInMemoryChannelLayer

NEWS = {"type": "changed", "topic": "map"}
# Far above what a wake-up takes (about 2 ms), and nothing else wakes the loop meanwhile.
PATIENCE_S = 5


def _in_thread(work: Any) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


async def test_a_group_send_from_another_thread_wakes_a_consumer_that_waits() -> None:
    layer = ThreadSafeInMemoryChannelLayer()
    channel = await layer.new_channel()
    await layer.group_add("map", channel)
    waiting = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    thread = _in_thread(lambda: async_to_sync(layer.group_send)("map", NEWS))
    assert await asyncio.wait_for(waiting, PATIENCE_S) == NEWS
    thread.join()


async def test_a_send_from_another_thread_wakes_a_consumer_that_waits() -> None:
    layer = ThreadSafeInMemoryChannelLayer()
    channel = await layer.new_channel()
    waiting = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0)
    thread = _in_thread(lambda: async_to_sync(layer.send)(channel, NEWS))
    assert await asyncio.wait_for(waiting, PATIENCE_S) == NEWS
    thread.join()


async def test_within_one_loop_it_works_as_before() -> None:
    layer = ThreadSafeInMemoryChannelLayer()
    channel = await layer.new_channel()
    await layer.group_add("map", channel)
    await layer.group_send("map", NEWS)
    assert await layer.receive(channel) == NEWS


async def test_each_listener_gets_a_message_of_its_own() -> None:
    layer = ThreadSafeInMemoryChannelLayer()
    channels = [await layer.new_channel() for _ in range(2)]
    for channel in channels:
        await layer.group_add("map", channel)
    await layer.group_send("map", NEWS)
    first, second = [await layer.receive(channel) for channel in channels]
    first["topic"] = "changed by one"
    assert second == NEWS


async def test_who_left_the_group_hears_nothing() -> None:
    layer = ThreadSafeInMemoryChannelLayer()
    channel = await layer.new_channel()
    await layer.group_add("map", channel)
    await layer.group_discard("map", channel)
    await layer.group_send("map", NEWS)
    assert channel not in layer.channels


async def test_a_full_listener_does_not_keep_the_others_from_hearing() -> None:
    layer = ThreadSafeInMemoryChannelLayer(capacity=1)
    full, free = [await layer.new_channel() for _ in range(2)]
    await layer.send(full, NEWS)
    for channel in (full, free):
        await layer.group_add("map", channel)
    await layer.group_send("map", NEWS)
    assert await layer.receive(free) == NEWS


def test_a_listener_whose_loop_is_gone_is_forgotten() -> None:
    layer = ThreadSafeInMemoryChannelLayer()

    async def listen_once() -> str:
        channel = await layer.new_channel()
        await layer.group_add("map", channel)
        waiting = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)
        waiting.cancel()
        return channel

    channel = asyncio.run(listen_once())
    asyncio.run(layer.group_send("map", NEWS))
    assert channel not in layer.groups["map"]
