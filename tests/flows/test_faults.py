"""Faults in the middle of many sessions: whatever breaks, each session ends with what its own meter says.

The processes are those of production. The chargers' clock is simulated, so that ten minutes without a network are ten
minutes of meter values that wait in the charger.
"""

import asyncio
import json
import os
from collections.abc import Iterable

import pytest

from chargepoints.virtual import Clock, Timing, Vehicle, VirtualChargePoint
from chargepoints.virtual.evse import EvseSpec
from chargepoints.virtual.fleet import ChargePointSpec, Fleet
from chargepoints.virtual.ledger import ledger
from tests.cable import cable
from tests.load.ocpp_bench import names
from tests.works import Works

# `make faults` runs two hundred.
SESSIONS = int(os.environ.get("FAULT_SESSIONS", "60"))
# So many of them hang on the network that is cut.
CUT_OFF = SESSIONS // 10
PATIENCE_S = 240.0
TEN_MINUTES_S = 600.0
METER_EVERY_S = 60
AT_ONCE = 25
TIMING = Timing(backoff_first_s=0.2, backoff_max_s=2.0, retry_s=2.0, live_period_s=0.5, call_timeout_s=20)


def _specs(numbers: Iterable[int]) -> list[ChargePointSpec]:
    evse = (EvseSpec(max_power_w=11_000),)
    return [
        ChargePointSpec(names.identity(number), ("1.6", "2.0.1")[number % 2], names.SECRET, evse) for number in numbers
    ]


class Town:
    """All chargers, on one clock; ``numbered`` tells whose card fits where."""

    def __init__(self, url: str, cable_url: str) -> None:
        self.clock = Clock()
        options = {"clock": self.clock, "timing": TIMING, "meter_interval_s": METER_EVERY_S}
        self.cut_off = Fleet(_specs(range(CUT_OFF)), cable_url, **options)
        self.others = Fleet(_specs(range(CUT_OFF, SESSIONS)), url, **options)

    @property
    def all(self) -> list[VirtualChargePoint]:
        return [*self.cut_off, *self.others]

    async def tick(self, seconds: float) -> None:
        """Time for all of them: they share the clock, which one tick moves."""
        await self.others.tick(seconds)
        for charger in self.cut_off:
            charger.catch_up()
        await asyncio.sleep(0)

    async def delivered(self, chargers: Iterable[VirtualChargePoint] | None = None) -> None:
        await asyncio.gather(*(one.await_delivered(PATIENCE_S) for one in chargers or self.all))

    async def each(self, work: str) -> None:
        """Let every charger do something, some at a time."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int, charger: VirtualChargePoint) -> None:
            async with gate:
                if work == "begin":
                    await charger.plug_in(1, Vehicle())
                assert await charger.present_token(1, names.token(number)) == "Accepted"

        await asyncio.gather(*(one(number, charger) for number, charger in enumerate(self.all)))


async def test_whatever_breaks_each_session_ends_with_what_its_meter_says() -> None:
    with Works() as works:
        await asyncio.to_thread(works.run, "-m", "tests.fault_rows", "register", str(SESSIONS))
        async with cable(works.port) as line:
            town = Town(works.ocpp_url, f"ws://127.0.0.1:{line.port}/ocpp")
            async with town.cut_off, town.others:
                await asyncio.gather(*(one.await_online(PATIENCE_S) for one in town.all))
                await town.each("begin")
                await town.tick(120)

                await _server_killed(works, town)
                await _database_crashes(works, town)
                await _redis_forgets(works, town)
                await _worker_killed(works, town)
                line.cut()
                await town.tick(TEN_MINUTES_S)
                await town.delivered(town.others)
                assert min(len(one.link.outbox) for one in town.cut_off) >= TEN_MINUTES_S / METER_EVERY_S
                line.mend()
                await town.delivered()

                await town.each("end")
                await town.delivered()
                kept = json.loads(await asyncio.to_thread(works.run, "-m", "tests.fault_rows", "sessions"))
                _compare(town, kept)


async def _server_killed(works: Works, town: Town) -> None:
    """In the middle of what it is being told."""
    await town.tick(120)
    works.kill("web")
    await town.tick(120)
    await asyncio.to_thread(works.start, "web")
    await town.delivered()


async def _database_crashes(works: Works, town: Town) -> None:
    await town.tick(120)
    await asyncio.to_thread(works.postgres.crash)
    await town.tick(120)
    await asyncio.to_thread(works.postgres.start)
    await town.delivered()


async def _redis_forgets(works: Works, town: Town) -> None:
    await town.tick(120)
    await asyncio.to_thread(works.redis.crash)
    await town.tick(120)
    await asyncio.to_thread(works.redis.start)
    await town.delivered()


async def _worker_killed(works: Works, town: Town) -> None:
    works.kill("worker")
    await town.tick(120)
    works.start("worker")
    await town.delivered()


def _compare(town: Town, kept: list[dict[str, object]]) -> None:
    told = ledger(town.all)
    assert (told.waiting, told.given_up, len(told.lines)) == (0, 0, SESSIONS)
    assert [(one.identity, one.violations) for one in town.all if one.violations] == []
    by_name = {(row["identity"], row["remote_id"]): row for row in kept}
    assert len(kept) == SESSIONS
    for line in told.lines:
        row = by_name[line.identity, line.transaction_id]
        assert (row["state"], row["flaw"]) == ("ended", ""), row
        assert (row["meter_start_wh"], row["meter_stop_wh"]) == (line.meter_start_wh, line.meter_stop_wh)
        assert row["energy_wh"] == pytest.approx(line.energy_wh, abs=1)
        assert line.energy_wh > 0
