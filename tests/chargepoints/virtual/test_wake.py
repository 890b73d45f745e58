"""Looking at the clock when something is due, and only then."""

import asyncio
from datetime import datetime, timedelta

from chargepoints.virtual import Clock
from chargepoints.virtual.wake import Wake


async def test_it_wakes_when_the_moment_comes_and_not_before() -> None:
    clock = Clock(speed=3_600)
    due: list[datetime] = [clock.now() + timedelta(minutes=10), clock.now() + timedelta(hours=5)]
    woken: list[datetime] = []

    def look() -> None:
        woken.append(clock.now())
        due.pop(0)

    wake = Wake(clock, lambda: due[0], look)
    wake.start(0.001)
    first = due[0]
    async with asyncio.timeout(5):
        while not woken:
            await asyncio.sleep(0.005)
    wake.stop()
    assert woken[0] >= first
    assert len(woken) == 1


async def test_an_added_moment_counts_although_nothing_else_is_due() -> None:
    clock = Clock(speed=3_600)
    woken = asyncio.Event()
    wake = Wake(clock, lambda: None, woken.set)
    wake.start(0.001)
    wake.add(clock.now() + timedelta(minutes=1))
    await asyncio.wait_for(woken.wait(), 5)
    wake.stop()


async def test_before_the_start_and_after_the_stop_nobody_is_woken() -> None:
    clock = Clock(speed=3_600)
    woken = asyncio.Event()
    wake = Wake(clock, lambda: None, woken.set)
    wake.add(clock.now() + timedelta(days=1))
    assert wake._handle is None
    wake.start(0.001)
    assert wake._handle
    wake.stop()
    assert wake._handle is None
