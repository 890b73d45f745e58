"""Both server processes die under chargers that go on: all come back, and what was answered is stored once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from chargepoints.models import ChargePoint, MeterValue
from chargepoints.ocpp import database
from tests.load.ocpp_bench import world
from tests.load.ocpp_bench.district import Resident
from tests.servers import Stack, url_of_database

pytestmark = pytest.mark.django_db(transaction=True)
CHARGERS = 40
PERIOD_S = 0.2
# Nothing is measured here: whoever waits longer waits for ever.
PATIENCE_S = 240


@pytest.fixture
async def stacks(transactional_db: None, tmp_path: Path) -> AsyncIterator[list[Stack]]:
    """Two processes on one database."""
    url = url_of_database(connection.settings_dict)
    both = [Stack(database_url=url, redis_url=settings.REDIS_URL, folder=tmp_path / name) for name in ("one", "two")]
    try:
        for stack in both:
            stack.folder.mkdir()
            await asyncio.to_thread(stack.start)
        yield both
    finally:
        for stack in both:
            await asyncio.to_thread(stack.stop)


async def test_all_come_back_after_both_processes_were_killed_and_nothing_that_was_answered_is_lost(
    stacks: list[Stack],
) -> None:
    await database.run(world.register, CHARGERS)
    town = [_resident(number, stacks) for number in range(CHARGERS)]
    lives = [asyncio.create_task(one.live()) for one in town]
    try:
        await _until(lambda: all(one.told for one in town))
        for stack in stacks:
            stack.kill()
        died_at = asyncio.get_running_loop().time()
        told_before = {one.number: len(one.told) for one in town}
        await asyncio.gather(*(asyncio.to_thread(stack.start) for stack in stacks))
        await _until(lambda: all(one.has_settled(died_at) for one in town))
        await _until(lambda: all(len(one.told) > told_before[one.number] for one in town))
        for one in town:
            one.is_quiet = True
        await _until(lambda: not any(one.untold for one in town))
        live = await database.run(ChargePoint.objects.exclude(connection_key="").count)
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
    assert live == CHARGERS
    assert [problem for one in town for problem in one.problems] == []
    told = {str(one.number): one.told for one in town}
    assert await database.run(world.lost, told) == 0
    assert await database.run(MeterValue.objects.count) == sum(len(moments) for moments in told.values())


def _resident(number: int, stacks: list[Stack]) -> Resident:
    """Each process has chargers of both versions."""
    return Resident(number, stacks[number % 2].ocpp_url, ("1.6", "2.0.1")[number // 2 % 2], PERIOD_S)


async def _until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not reached():
            await asyncio.sleep(0.02)
