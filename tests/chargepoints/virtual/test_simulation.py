"""People, chaos and the ledger: whatever happens, what the server was told is what the meters say."""

import asyncio
import random
from collections import Counter

import pytest

from chargepoints.virtual import ChargePointSpec, Clock, EvseSpec, Fleet, Timing, Vehicle
from chargepoints.virtual.chaos import Chaos
from chargepoints.virtual.evse import Evse
from chargepoints.virtual.mischief import EVERY
from chargepoints.virtual.outbox import Entry, Outbox
from chargepoints.virtual.simulation import Plan, Simulation
from chargepoints.virtual.visits import Habits, a_car

from .central import Central
from .conftest import FAST, START

QUICK = Timing(call_timeout_s=1, retry_s=0.01, backoff_first_s=0.005, backoff_max_s=0.02, boot_wait_max_s=0.02)


def a_fleet(central: Central, count: int = 4) -> Fleet:
    evses = (EvseSpec(1), EvseSpec(2))
    specs = [ChargePointSpec(f"V{number}", ("1.6", "2.0.1")[number % 2], None, evses) for number in range(count)]
    return Fleet(specs, central.url, clock=Clock(START), timing=QUICK, meter_interval_s=600, heartbeat_s=3_600)


async def pass_time(fleet: Fleet, hours: float, step_s: int = 60) -> None:
    for _ in range(int(hours * 3_600 / step_s)):
        await fleet.tick(step_s)
        await asyncio.sleep(0.002)


def stops(central: Central) -> Counter[tuple[str, int]]:
    """The meter at the end of each transaction that was told, counted: by its id, repeats are one."""
    found = {(f"{p['transactionId']}", round(p["meterStop"])) for p in central.payloads("StopTransaction")}
    for event in central.payloads("TransactionEvent"):
        if event["eventType"] == "Ended":
            sampled = event["meterValue"][0]["sampledValue"]
            value = next(
                s for s in sampled if s.get("measurand", "Energy.Active.Import.Register").startswith("Energy.Active.I")
            )
            factor = 1_000 if value.get("unitOfMeasure", {}).get("unit") == "kWh" else 1
            found.add((event["transactionInfo"]["transactionId"], round(value["value"] * factor)))
    return Counter(found)


@pytest.mark.parametrize("seed", [1, 2])
async def test_after_chaos_everything_was_told_as_the_meters_say(
    central: Central, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    fleet = a_fleet(central)
    habits = Habits(("A", "B"), pause_s=1_200, stay_s=3_600)
    async with Simulation(fleet, Plan(seed=seed, habits=habits, chaos_every_s=1_800)) as simulation:
        await fleet.await_online()
        await pass_time(fleet, 8)
        await simulation.settle(20)
        ledger = simulation.ledger()
        assert sum(len(haunt.done) for haunt in simulation.haunts.values()) > 20
    ours = [record for record in caplog.records if record.name.startswith(("chargepoints", "asyncio"))]
    assert [record.message for record in ours if record.levelname == "ERROR"] == []
    assert (ledger.waiting, ledger.given_up) == (0, 0)
    assert len(ledger.lines) > 10
    assert all(line.ended_at and line.energy_wh >= 0 for line in ledger.lines)
    assert stops(central) == Counter((line.transaction_id, line.meter_stop_wh) for line in ledger.lines)


async def test_the_same_seed_gives_the_same_mischief(central: Central) -> None:
    async def haunted(seed: int) -> list[str]:
        async with a_fleet(central, 1) as fleet:
            await fleet.await_online()
            chaos = Chaos(fleet["V0"], random.Random(seed), every_s=600)
            chaos.start()
            while len(chaos.done) < 4:
                await pass_time(fleet, 0.1)
            chaos.calm()
            return chaos.done[:4]

    first, second, other = [await haunted(seed) for seed in (5, 5, 6)]
    assert first == second != other
    assert set(first) <= {mischief.__name__ for mischief in EVERY}


async def test_the_ledger_shows_what_still_runs(central: Central) -> None:
    async with Fleet([ChargePointSpec("V")], central.url, clock=Clock(START), timing=FAST) as fleet:
        simulation = Simulation(fleet, Plan())
        await fleet.await_online()
        fleet["V"].evse().meter.import_wh = 5_000
        await fleet["V"].plug_in(1, Vehicle())
        await fleet["V"].present_token(1, "04A1")
        await fleet.tick(3_600)
        (line,) = simulation.ledger().lines
    assert (line.energy_wh, line.meter_start_wh, line.ended_at, line.token) == (11_000, 5_000, None, "04A1")
    assert '"energy_wh": 11000' in simulation.ledger().as_json()


def test_nothing_passes_a_wall_when_the_queue_is_mixed_up() -> None:
    outbox = Outbox()
    for number in range(40):
        outbox.put(Entry("StartTransaction" if number % 10 == 5 else "MeterValues", {"number": number}))
    outbox.shuffle(random.Random(3), walls="StartTransaction")
    order = [entry.payload["number"] for entry in outbox]
    assert order != sorted(order)
    assert order[0] == 0
    assert sorted(order) == list(range(40))
    for wall in (5, 15, 25, 35):
        assert order[wall] == wall
        assert all(number < wall for number in order[:wall])


def test_a_car_fits_where_it_comes() -> None:
    car = a_car(Evse(EvseSpec(max_power_w=22_000, max_discharge_w=5_000)), random.Random(1))
    assert (car.max_charge_w, car.max_discharge_w) == (22_000, 5_000)
    assert 10 <= car.soc_percent <= 70
