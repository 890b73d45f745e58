"""Whoever only holds a card to the reader charges under the safe default limit until a plan is there."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from chargepoints.models import ChargePoint, IdToken
from chargepoints.virtual import Clock, Vehicle
from smac.models import ChargingNeed, PlannedCurve
from tests import factories
from tests.flows.support import (
    PATIENCE_S,
    POWER_W,
    SAFE_DEFAULT_W,
    charge_point,
    charger,
    eventually,
    is_ready,
    rows,
)
from tests.servers import Stack

QUARTER_S = 900
HOUR_S = 3600
METER_EVERY_S = 60


@pytest.fixture
def stations(transactional_db: None) -> list[ChargePoint]:
    return [charge_point(), charge_point()]


@pytest.fixture
def cards(driver: Any, other_driver: Any) -> list[IdToken]:
    return [factories.id_token(driver), factories.id_token(other_driver)]


async def test_a_card_charges_under_the_safe_limit_until_an_assumed_need_is_planned(
    stations: list[ChargePoint], cards: list[IdToken], live_stack: Stack
) -> None:
    await asyncio.gather(
        _a_session_by_card("1.6", stations[0], cards[0], live_stack),
        _a_session_by_card("2.0.1", stations[1], cards[1], live_stack),
    )
    # The chargers have only just gone: the server ends all the same.
    assert await rows(live_stack.stop) == 0


async def _a_session_by_card(version: str, station: ChargePoint, card: IdToken, stack: Stack) -> None:
    async with charger(station, stack, version, clock=Clock(), meter_every_s=METER_EVERY_S) as machine:
        await is_ready(machine)
        await machine.plug_in(1, Vehicle(capacity_wh=50_000, energy_wh=12_500))
        assert await machine.present_token(1, card.token) == "Accepted"
        # The charger has not told of its session yet: nobody can have planned it.
        before = machine.clock.now()
        await machine.tick(QUARTER_S)
        assert machine.evse().meter.import_wh == pytest.approx(SAFE_DEFAULT_W * QUARTER_S / HOUR_S, rel=0.01)
        await eventually(lambda: _a_profile_is_accepted(station), "a plan reaches the charger")
        await machine.await_delivered(PATIENCE_S)
        await rows(lambda: _the_limit_was_kept(station, before, machine.clock.now()))
        await rows(_the_need_is_assumed, card)
        assert machine.violations == []
        assert [part.limit_w for part in machine.composite()] != [SAFE_DEFAULT_W]


def _a_profile_is_accepted(station: ChargePoint) -> bool:
    return station.charging_profiles.filter(purpose="tx", status="accepted").exists()


def _the_limit_was_kept(station: ChargePoint, since: datetime, until: datetime) -> None:
    measured = station.meter_values.filter(measurand="Power.Active.Import", at__gte=since, at__lte=until)
    powers = list(measured.values_list("value", flat=True))
    assert len(powers) >= QUARTER_S / METER_EVERY_S
    assert max(powers) == SAFE_DEFAULT_W
    assert station.charging_profiles.filter(purpose="tx_default", status="accepted").count() == 1


def _the_need_is_assumed(card: IdToken) -> None:
    need = ChargingNeed.objects.get(driver=card.driver)
    assert (need.is_assumed, need.status, need.mode) == (True, "running", "basic")
    planned = PlannedCurve.objects.filter(need=need).select_related("run").first()
    assert planned is not None
    assert planned.run.status == "optimal"
    assert 0 < max(planned.power_w) <= POWER_W
