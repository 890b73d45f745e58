"""A session that leaves its plan."""

from datetime import timedelta

import pytest

from smac.models import PlanningState
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


def test_a_plan_that_was_just_made_gets_its_time(session):
    _, row = session
    row.soc_percent = 80.0
    row.save()
    assert not watching.look(transaction=row, now=NOW + timedelta(minutes=1))
    assert not asked()


def test_a_transaction_without_a_need_is_nobodys_business():
    assert not watching.look(transaction=factories.transaction(factories.evse()), now=NOW)
