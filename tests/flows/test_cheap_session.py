"""A driver asks for cheap charging across a price step: phone, plan, profile, meter, receipt."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from chargepoints.domain.quarters import quarter_start
from chargepoints.models import ChargePoint, ChargingProfile, Command, CompositeSchedule, Reservation, Transaction
from chargepoints.services import registers
from chargepoints.virtual import Clock, Vehicle, VirtualChargePoint
from drivers.models import ChargeSession
from drivers.services import progress, sessions
from smac.models import PlanRun
from tests import factories
from tests.flows.support import (
    PATIENCE_S,
    Phone,
    charge_point,
    charger,
    energy_between_wh,
    eventually,
    is_ready,
    market_prices,
    rows,
    told_limits,
)
from tests.servers import Stack

DEAR, CHEAP = 0.40, 0.05
ON_TOP, FEE = Decimal("0.10"), Decimal("0.30")
HOUR = timedelta(hours=1)
MINUTES = 120
CAPACITY_WH = 50_000
# From 40 to 50 % of the battery, with what is lost on the way.
WANTED_WH = 5_000 / 0.92
METER_EVERY_S = 60
# Chargers tell whole seconds.
A_SECOND_WH = 11_000 / 3600


@pytest.fixture
def stations(transactional_db: None) -> list[ChargePoint]:
    """Two places. Dear for an hour from the current quarter on, then cheap for an hour, then dear again."""
    market_prices([DEAR] * 4 + [CHEAP] * 4 + [DEAR] * 96, zone="DE-LU", since=timezone.now())
    terms = factories.tariff(energy_price_per_kwh=ON_TOP, session_fee=FEE)
    return [charge_point(tariff=terms), charge_point(tariff=terms)]


async def test_the_energy_of_a_cheap_session_flows_after_the_price_step_and_the_card_is_the_receipt(
    stations: list[ChargePoint], driver: Any, other_driver: Any, live_stack: Stack
) -> None:
    step = quarter_start(timezone.now()) + HOUR
    await asyncio.gather(
        _a_cheap_session("1.6", stations[0], driver, step, live_stack),
        _a_cheap_session("2.0.1", stations[1], other_driver, step, live_stack),
    )
    assert await rows(PlanRun.objects.exclude(status="optimal").count) == 0


async def _a_cheap_session(version: str, station: ChargePoint, driver: Any, step: datetime, stack: Stack) -> None:
    vehicle = await rows(lambda: factories.vehicle(driver, battery_capacity_wh=CAPACITY_WH))
    phone = await rows(Phone, stack, driver)
    # Its minutes are the clock's, so that it reads its meter at the very moment at which the price steps.
    clock = Clock(timezone.now().replace(second=0, microsecond=0))
    async with charger(station, stack, version, clock=clock, meter_every_s=METER_EVERY_S) as machine:
        await is_ready(machine)
        await _the_driver_reserves_and_charges(phone, machine, station, vehicle.pk)
        await machine.plug_in(1, Vehicle(capacity_wh=CAPACITY_WH, energy_wh=20_000))
        await eventually(lambda: _is_read_back(station), "the profile is read back")
        await rows(_the_cheap_hour_is_in_the_charger, machine, station, step)

        await machine.tick(MINUTES * 60)
        await machine.await_delivered(PATIENCE_S)
        running = await rows(_cost_on_the_card, phone, driver)
        await _the_driver_ends(phone, machine, driver)
        assert machine.violations == []
    await rows(_the_receipt_is, driver, running, machine.evse().meter.import_wh, step)
    await rows(_the_history_shows, phone, driver, running)


async def _the_driver_reserves_and_charges(
    phone: Phone, machine: VirtualChargePoint, station: ChargePoint, vehicle_id: int
) -> None:
    evse = await rows(lambda: station.evses.get())
    wish = {"mode": "cheap", "soc_percent": 40, "target_soc_percent": 50, "minutes": MINUTES}
    await eventually(lambda: evse.connectors.filter(status="available").exists(), "the connector is free")
    assert (await rows(lambda: phone.post(f"/reserve/{evse.pk}/", vehicle=vehicle_id)))[0] == 200
    await machine.wait_for(lambda one: one.status() == "Reserved", PATIENCE_S)
    status, page = await rows(lambda: phone.post("/charge/", vehicle=vehicle_id, **wish))
    assert status == 200, page
    await machine.wait_for(lambda one: one.evse().authorization, PATIENCE_S)


def _is_read_back(station: ChargePoint) -> bool:
    """The charger told what it does after the last profile, and nothing is under way to it."""
    profile = ChargingProfile.objects.filter(charge_point=station, purpose="tx").first()
    known = CompositeSchedule.objects.filter(evse__charge_point=station).first()
    open_commands = Command.objects.filter(charge_point=station, status__in=["queued", "sent"])
    return bool(profile and known and known.read_at > profile.created_at and not open_commands.exists())


def _the_cheap_hour_is_in_the_charger(machine: VirtualChargePoint, station: ChargePoint, step: datetime) -> None:
    read_back = CompositeSchedule.objects.filter(evse__charge_point=station)[0]
    now = machine.station.now
    own = [(now + timedelta(seconds=part.start_s), part.limit_w) for part in machine.composite()]
    for limits in (told_limits(read_back), own):
        assert energy_between_wh(limits, now, step) < A_SECOND_WH
        assert energy_between_wh(limits, step, step + HOUR) == pytest.approx(WANTED_WH, rel=0.02)
        assert energy_between_wh(limits, step + HOUR, now + timedelta(minutes=MINUTES)) < A_SECOND_WH


def _cost_on_the_card(phone: Phone, driver: Any) -> Decimal:
    session = sessions.with_relations().get(driver=driver)
    shown = progress.of(session=session, now=timezone.now())
    assert shown.look == progress.Look.CHARGING
    assert shown.cost is not None
    assert f"{shown.cost.total:.2f}" in phone.get(f"/charge/{session.pk}/")[1]
    return shown.cost.total


async def _the_driver_ends(phone: Phone, machine: VirtualChargePoint, driver: Any) -> None:
    mine = ChargeSession.objects.filter(driver=driver)
    session = await rows(mine.get)
    assert (await rows(lambda: phone.post(f"/charge/{session.pk}/end/")))[0] == 200
    await machine.wait_for(lambda one: one.evse().session is None, PATIENCE_S)
    await machine.unplug()
    await machine.await_delivered(PATIENCE_S)
    await eventually(mine.filter(state="finished").exists, "the card turns green")
    await eventually(mine.filter(transaction__cost_amount__isnull=False).exists, "the receipt is written")


def _the_receipt_is(driver: Any, running: Decimal, metered_wh: float, step: datetime) -> None:
    row = Transaction.objects.get(driver=driver)
    assert (row.state, row.flaw) == (Transaction.State.ENDED, "")
    assert row.energy_wh == pytest.approx(metered_wh, abs=1)
    assert row.energy_wh == pytest.approx(WANTED_WH, rel=0.02)
    slices = registers.quarter_hour_energy(row)
    assert sum(piece.wh for piece in slices if step <= piece.starts_at < step + HOUR) == pytest.approx(
        row.energy_wh, abs=1
    )
    energy = (Decimal(row.energy_wh) / 1000 * (Decimal(str(CHEAP)) + ON_TOP)).quantize(Decimal("0.01"))
    assert (row.cost_amount, row.cost_currency) == (energy + FEE, "EUR")
    assert row.cost_amount == running
    assert Reservation.objects.get(driver=driver).status == Reservation.Status.DONE


def _the_history_shows(phone: Phone, driver: Any, cost: Decimal) -> None:
    session = sessions.with_relations().get(driver=driver)
    shown = progress.of(session=session, now=timezone.now()).cost
    assert shown is not None
    assert shown.total == cost
    assert f"{cost:.2f}" in phone.get(f"/charge/{session.pk}/")[1]
    assert f"{cost:.2f}" in phone.get("/charge/history/")[1]
