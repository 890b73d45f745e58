"""A session that leaves its plan."""

from datetime import timedelta

import pytest

from smac.models import ChargingNeed, PlanningState
from smac.services import planning, watching
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=30)


@pytest.fixture
def session():
    evse = factories.evse()
    need, row = world.running(evse, mode="fast")
    planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    return need, row


def asked():
    return PlanningState.objects.filter(requested_at__isnull=False).exists()


def test_the_plan_says_where_the_battery_should_be(session):
    need, _ = session
    assert watching.expected_soc_percent(need, NOW) == pytest.approx(20, abs=0.1)
    assert watching.expected_soc_percent(need, LATER) == pytest.approx(20 + 5.5 * 0.92 / 40 * 100, abs=0.2)
    assert watching.expected_soc_percent(need, NOW + timedelta(days=2)) is None


def test_a_battery_on_its_plan_is_left_alone(session):
    _, row = session
    world.meter(row, (NOW, 0.0), (LATER, 5_500.0))
    assert not watching.look(transaction=row, now=LATER)
    assert not asked()


def test_a_battery_off_its_plan_asks_for_a_new_one(session):
    _, row = session
    world.meter(row, (NOW, 0.0), (LATER, 2_000.0))
    assert watching.look(transaction=row, now=LATER)
    assert PlanningState.objects.get().reason == "battery off plan"


def test_what_flows_otherwise_gets_a_little_time(session):
    need, row = session
    # A fast charger moves a battery by more than the tolerance within a minute or two.
    ChargingNeed.objects.filter(pk=need.pk).update(max_charge_w=150_000, battery_capacity_wh=40_000)
    soon = NOW + timedelta(seconds=100)
    world.meter(row, (NOW, 0.0), (soon, 2_500.0))
    assert not watching.look(transaction=row, now=soon)
    assert not asked()


def test_a_charge_that_the_car_tells_for_the_first_time_counts_at_once(session):
    need, row = session
    # Even where as much could have flowed meanwhile.
    ChargingNeed.objects.filter(pk=need.pk).update(max_charge_w=150_000)
    row.soc_percent = 26.0
    row.save()
    assert watching.look(transaction=row, now=NOW + timedelta(seconds=60))
    assert asked()


def test_a_jump_counts_at_once_and_only_until_it_is_planned_with(session):
    need, row = session
    row.soc_percent = 21.0
    row.save()
    point_id = need.evse.charge_point.supply_point_id
    planning.run(supply_point_id=point_id, now=NOW + timedelta(seconds=10))
    row.soc_percent = 60.0
    row.save()
    assert watching.look(transaction=row, now=NOW + timedelta(seconds=20))
    planning.run(supply_point_id=point_id, now=NOW + timedelta(seconds=21))
    assert not watching.look(transaction=row, now=NOW + timedelta(seconds=30))


def test_the_tolerance_is_a_setting(session, settings):
    _, row = session
    row.soc_percent = 30.0
    row.save()
    settings.SMAC_SOC_TOLERANCE_PERCENT = 12
    assert not watching.look(transaction=row, now=NOW + timedelta(seconds=20))
    settings.SMAC_SOC_TOLERANCE_PERCENT = 8
    assert watching.look(transaction=row, now=NOW + timedelta(seconds=20))


def test_a_plan_that_gives_back_begins_above_its_first_slot():
    evse = factories.evse(max_discharge_w=10_000)
    need, _ = world.running(evse, v2g_allowed=True, max_discharge_w=10_000, soc_percent=80.0)
    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    curve = run.curves.get()
    curve.power_w[0], curve.soc_percent[0] = -9_200.0, 73.75
    curve.save()
    assert watching.expected_soc_percent(need, NOW) == pytest.approx(80.0)


def test_a_transaction_without_a_need_is_nobodys_business():
    assert not watching.look(transaction=factories.transaction(factories.evse()), now=NOW)
