"""Chargers that lose power and lines, repeat themselves and write oddly: the server keeps what their meters say."""

import asyncio
from typing import Any

import pytest

from chargepoints.models import ChargePoint, Transaction
from chargepoints.virtual import ChargePointSpec, Clock, EvseSpec, Fleet, Timing
from chargepoints.virtual.mischief import EVERY, lose_the_clock
from chargepoints.virtual.simulation import Plan, Simulation
from chargepoints.virtual.visits import Habits
from tests import factories
from tests.flows.support import PATIENCE_S, charge_point, eventually, rows
from tests.servers import Stack

CHARGERS = 6
HOURS = 4
STEP_S = 60
QUICK = Timing(call_timeout_s=5, retry_s=0.05, backoff_first_s=0.02, backoff_max_s=0.1, boot_wait_max_s=0.1)
# Where times run backwards inside a transaction, readings cannot be put in order: those rows are for people to check.
TRUE_TO_TIME = tuple(deed for deed in EVERY if deed is not lose_the_clock)
# A real server needs real time: so long a simulated minute takes, whatever it brings.
MINUTE_TAKES_S = 0.02


@pytest.fixture
def stations(transactional_db: None) -> list[ChargePoint]:
    return [charge_point() for _ in range(CHARGERS)]


@pytest.fixture
def cards(driver: Any) -> list[str]:
    return [factories.id_token(driver).token for _ in range(CHARGERS)]


@pytest.mark.parametrize("seed", [1])
async def test_after_hours_of_chaos_the_rows_say_what_the_meters_say(
    seed: int, stations: list[ChargePoint], cards: list[str], live_stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    evses = (EvseSpec(max_power_w=11_000),)
    specs = [
        ChargePointSpec(row.identity, ("1.6", "2.0.1")[number % 2], factories.SECRET, evses)
        for number, row in enumerate(stations)
    ]
    fleet = Fleet(specs, live_stack.ocpp_url, clock=Clock(), timing=QUICK, meter_interval_s=300)
    habits = Habits(cards, pause_s=900, stay_s=2_400)
    plan = Plan(seed=seed, habits=habits, chaos_every_s=900, mischief=TRUE_TO_TIME)
    async with Simulation(fleet, plan) as simulation:
        await fleet.await_online(PATIENCE_S)
        for _ in range(HOURS * 3_600 // STEP_S):
            await fleet.tick(STEP_S)
            await asyncio.sleep(MINUTE_TAKES_S)
        await simulation.settle(60)
        ledger = simulation.ledger()
        done = {name for haunt in simulation.haunts.values() for name in haunt.done}
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    assert (ledger.waiting, ledger.given_up) == (0, 0)
    assert len(ledger.lines) > CHARGERS
    assert len(done) > 8
    told = {(line.identity, line.transaction_id): line.energy_wh for line in ledger.lines}
    await eventually(lambda: len(_stored()) >= len(told), "every transaction is there")
    assert await rows(_stored) == told
    assert await rows(_running) == []


def _stored() -> dict[tuple[str, str], int]:
    """Energy by charger and transaction."""
    found = Transaction.objects.values_list("charge_point__identity", "remote_id", "energy_wh")
    return {(identity, remote_id): round(energy_wh) for identity, remote_id, energy_wh in found}


def _running() -> list[str]:
    """The transactions that have not ended. Staff check those of a card that charged elsewhere too."""
    return [str(row) for row in Transaction.objects.filter(state=Transaction.State.ACTIVE)]
