"""What a shared feeder leaves one supply point."""

from datetime import timedelta

import pytest

from chargepoints.models import ChargePointGroup
from smac.services import coupling, planning
from smac.snapshot import reading
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    """One EVSE, and another whose car draws 11 kW from now to two o'clock; both behind one feeder of 18 kW."""
    here, there = factories.evse(), factories.evse()
    world.running(there, mode="fast", soc_percent=10, target_soc_percent=100, departure_at=NOW + 3 * HOUR)
    planning.run_due(now=NOW)
    group = ChargePointGroup.objects.create(name="Feeder", capacity_w=18_000)
    group.charge_points.set([here.charge_point, there.charge_point])
    return here, there


def beside(evse, now=NOW):
    return coupling.beside_others(reading.take(supply_point_id=evse.charge_point.supply_point_id, now=now))


def test_what_the_others_are_planned_to_draw_is_taken_off_the_capacity(pair):
    here, there = pair
    left = beside(here).max_import_w
    assert left[0] == 7_000
    assert left[-1] == 18_000
    assert beside(there).max_import_w[0] == 18_000


def test_the_plan_of_the_others_is_read_at_the_slots_of_now(pair):
    here, _ = pair
    assert beside(here, NOW + timedelta(minutes=7)).max_import_w[0] == 7_000


def test_what_the_others_draw_may_flow_back_here(pair):
    here, _ = pair
    ChargePointGroup.objects.update(export_capacity_w=1_000)
    problem = beside(here)
    assert (problem.max_export_w[0], problem.max_export_w[-1]) == (12_000, 1_000)


def test_houses_need_what_they_need(pair):
    here, _ = pair
    demand = world.series("demand", here.charge_point.supply_point)
    for quarter in range(100):
        world.value(demand, NOW + quarter * world.QUARTER, 9_000)
    assert beside(here).max_import_w[0] == 9_000


def test_without_a_group_everything_is_as_it_was():
    evse = factories.evse()
    snapshot = reading.take(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    assert coupling.beside_others(snapshot) is snapshot.problem
