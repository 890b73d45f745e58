"""A charger moves from one server process to another with a command under way: it is carried out once, and settled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands
from chargepoints.virtual import Clock, Timing
from tests.flows.support import BOTH_VERSIONS, PATIENCE_S, charge_point, charger, eventually, is_ready, rows
from tests.servers import Stack, url_of_database


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    return charge_point()


@pytest.fixture
def other_stack(live_stack: Stack, tmp_path: Path) -> Iterator[Stack]:
    """A second server on the same database and broker."""
    folder = tmp_path / "other"
    folder.mkdir()
    stack = Stack(database_url=url_of_database(connection.settings_dict), redis_url=settings.REDIS_URL, folder=folder)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@BOTH_VERSIONS
async def test_a_command_under_way_goes_with_the_charger_to_another_server(
    version: str, station: ChargePoint, live_stack: Stack, other_stack: Stack
) -> None:
    here = charger(station, live_stack, version, clock=Clock(), meter_every_s=60)
    here.link.timing = Timing(backoff_first_s=3_600, backoff_max_s=3_600)  # it is one machine: it does not come back
    there = charger(station, other_stack, version, clock=Clock(), meter_every_s=60)
    async with here:
        await is_ready(here)
        here.silence("ChangeAvailability")
        command = await rows(_wish, station)
        await eventually(lambda: _is(command, "sent"), "the first server has sent it")
        async with there:
            await there.await_online(PATIENCE_S)
            await eventually(lambda: _is(command, "accepted"), "the second server has settled it")
            assert await rows(_steps, command) == ["queued", "sent", "queued", "sent", "accepted"]
            assert _times_asked(there, command) == 1
            await here.wait_for(lambda one: not one.online, PATIENCE_S)
            later = await rows(_wish, station)
            await eventually(lambda: _is(later, "accepted"), "the next one goes to the second server")


def _wish(station: ChargePoint) -> Command:
    return commands.enqueue(
        charge_point=station, intent=intents.ChangeAvailability(operative=True, evse_number=1), now=timezone.now()
    )


def _is(command: Command, status: str) -> bool:
    return Command.objects.filter(pk=command.pk, status=status).exists()


def _steps(command: Command) -> list[str]:
    return list(command.changes.values_list("status", flat=True))


def _times_asked(machine: Any, command: Command) -> int:
    asked = [frame for frame in machine.frames if not frame.sent and frame.kind == 2]
    return sum(frame.message_id == str(command.pk) for frame in asked)
