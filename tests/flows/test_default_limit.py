"""Whoever only holds a card to the reader charges under the safe default limit until a plan is there."""

from datetime import datetime
from typing import Any

import pytest

from chargepoints.models import ChargePoint, ChargingProfile, IdToken, MeterValue
from chargepoints.virtual import Clock, Vehicle
from smac.models import ChargingNeed, PlannedCurve
from tests import factories
from tests.flows.support import (
    BOTH_VERSIONS,
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
def station(transactional_db: None) -> ChargePoint:
    return charge_point()


@pytest.fixture
def card(driver: Any) -> IdToken:
    return factories.id_token(driver)


@BOTH_VERSIONS
async def test_a_card_charges_under_the_safe_limit_until_an_assumed_need_is_planned(
    version: str, station: ChargePoint, card: IdToken, live_stack: Stack
) -> None:
    machine = charger(station, live_stack, version, clock=Clock(), meter_every_s=METER_EVERY_S)
    async with machine:
        await is_ready(machine)
        await machine.plug_in(1, Vehicle(capacity_wh=50_000, energy_wh=12_500))
        assert await machine.present_token(1, card.token) == "Accepted"
        # The charger has not told of its session yet: nobody can have planned it.
        before = machine.clock.now()
        await machine.tick(QUARTER_S)
        assert machine.evse().meter.import_wh == pytest.approx(SAFE_DEFAULT_W * QUARTER_S / HOUR_S, rel=0.01)
        await eventually(_a_profile_is_accepted, "a plan reaches the charger")
        await machine.await_delivered(PATIENCE_S)
        await rows(lambda: _the_limit_was_kept(before, machine.clock.now()))
        await rows(_the_need_is_assumed, card)
        assert machine.violations == []
        assert [part.limit_w for part in machine.composite()] != [SAFE_DEFAULT_W]


def _a_profile_is_accepted() -> bool:
    return ChargingProfile.objects.filter(purpose="tx", status="accepted").exists()


def _the_limit_was_kept(since: datetime, until: datetime) -> None:
    measured = MeterValue.objects.filter(measurand="Power.Active.Import", at__gte=since, at__lte=until)
    powers = list(measured.values_list("value", flat=True))
    assert len(powers) >= QUARTER_S / METER_EVERY_S
    assert max(powers) == SAFE_DEFAULT_W
    assert ChargingProfile.objects.filter(purpose="tx_default", status="accepted").count() == 1


def _the_need_is_assumed(card: IdToken) -> None:
    need = ChargingNeed.objects.get()
    assert (need.is_assumed, need.status, need.mode) == (True, "running", "basic")
    assert need.driver_id == card.driver_id
    planned = PlannedCurve.objects.filter(need=need).select_related("run").first()
    assert planned is not None
    assert planned.run.status == "optimal"
    assert 0 < max(planned.power_w) <= POWER_W
