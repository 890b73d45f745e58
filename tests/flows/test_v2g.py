"""A car gives energy back in the dialect that its charger speaks, and its meter proves it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, CompositeSchedule, Evse, IdToken, Transaction
from chargepoints.services import smart_charging
from chargepoints.virtual import Clock, EvseSpec, Vehicle, VirtualChargePoint
from tests import factories
from tests.flows.support import PATIENCE_S, POWER_W, charge_point, eventually, is_ready, rows
from tests.servers import Stack

GIVEN_W = 5_000
QUARTER_S = 900


@pytest.fixture
def stations(transactional_db: None) -> list[ChargePoint]:
    made = [charge_point(), charge_point()]
    Evse.objects.update(max_discharge_w=10_000)
    return made


@pytest.fixture
def cards(driver: Any, other_driver: Any) -> list[IdToken]:
    return [factories.id_token(driver), factories.id_token(other_driver)]


async def test_a_car_gives_back_what_it_is_asked_for_and_the_export_register_tells_how_much(
    stations: list[ChargePoint], cards: list[IdToken], live_stack: Stack
) -> None:
    await asyncio.gather(
        _a_session("1.6", stations[0], cards[0], live_stack), _a_session("2.0.1", stations[1], cards[1], live_stack)
    )


async def _a_session(version: str, station: ChargePoint, card: IdToken, stack: Stack) -> None:
    clock = Clock()
    spec = EvseSpec(max_power_w=POWER_W, max_discharge_w=10_000)
    machine = VirtualChargePoint(
        station.identity, stack.ocpp_url, version, factories.SECRET, [spec], clock=clock, meter_interval_s=60
    )
    async with machine:
        await is_ready(machine)
        assert (await rows(lambda: ChargePoint.objects.get(pk=station.pk))).dialect == "negative-limits"
        await machine.plug_in(1, Vehicle(capacity_wh=50_000, energy_wh=40_000, max_discharge_w=10_000))
        assert await machine.present_token(1, card.token) == "Accepted"
        row = await eventually(lambda: _running(station), "the session is known, and has the plan that comes first")
        told = await eventually(lambda: _read_back(station), "the charger tells what it follows")
        assert (told.difference_w, told.is_persistent) == (0, False)
        await rows(_ask_back, row.pk, clock.now())
        await machine.wait_for(lambda one: one.power_w() == -GIVEN_W, PATIENCE_S)
        await machine.tick(QUARTER_S)
        await machine.await_delivered(PATIENCE_S)
        # 1.6 tells of the export register with the first sample, not with the start.
        expected = pytest.approx(GIVEN_W * QUARTER_S / 3_600, rel=0.1)
        found = await eventually(lambda: _given_back(row.pk), "the meter told of it")
        assert found.export_wh == expected
        assert found.power_w == -GIVEN_W
        assert machine.violations == []


def _running(station: ChargePoint) -> Transaction | None:
    planned = station.transactions.filter(charging_profiles__purpose="tx", charging_profiles__status="accepted")
    return planned.filter(state="active").first()


def _read_back(station: ChargePoint) -> CompositeSchedule | None:
    return CompositeSchedule.objects.filter(evse__charge_point=station).first()


def _ask_back(pk: int, now: datetime) -> None:
    row = Transaction.objects.select_related("evse", "charge_point").get(pk=pk)
    smart_charging.set_session_profile(
        transaction_row=row,
        starts_at=now,
        periods=[intents.Period(0, -float(GIVEN_W))],
        valid_to=now + timedelta(hours=1),
        reason="the grid asks",
        now=now,
    )


def _given_back(pk: int) -> Transaction | None:
    return Transaction.objects.filter(pk=pk, export_wh__gte=GIVEN_W * QUARTER_S / 3_600 * 0.9).first()
