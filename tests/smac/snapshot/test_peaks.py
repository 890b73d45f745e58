"""The month's highest quarter hour: as meters told it, else as it was planned."""

from datetime import timedelta

import pytest

from chargepoints.models import Transaction
from smac.models import ChargingNeed, PlanningState
from smac.services import planning
from smac.snapshot import peaks, reading
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def evse():
    """One at a supply point with a demand charge, its car planned at 11 kW for an hour."""
    return factories.evse(at=factories.supply_point(demand_charge_per_kw="8.5"))


@pytest.fixture
def row(evse):
    _, row = world.running(evse, mode="fast", departure_at=NOW + HOUR, target_soc_percent=100.0)
    plan(evse, NOW)
    return row


def plan(evse, now):
    return planning.run(supply_point_id=evse.charge_point.supply_point_id, now=now)


def so_far(evse, now):
    return reading.take(supply_point_id=evse.charge_point.supply_point_id, now=now).problem.peak_so_far_w


def meter(row, *, watts, until=QUARTER):
    """Readings each five minutes from the start on."""
    steps = range(int(until / (5 * MINUTE)) + 1)
    world.meter(row, *((NOW + step * 5 * MINUTE, watts * step / 12) for step in steps))


def test_what_the_meters_told_of_a_quarter_counts_instead_of_what_was_planned(evse, row):
    meter(row, watts=7_000)
    assert so_far(evse, NOW + QUARTER) == 7_000
    plan(evse, NOW + QUARTER)
    assert PlanningState.objects.get().peak_w == 7_000


def test_more_than_was_planned_counts_too(evse, row):
    meter(row, watts=11_400)
    assert so_far(evse, NOW + QUARTER) == 11_400


def test_a_quarter_that_is_not_over_is_no_peak_yet(evse, row):
    meter(row, watts=11_000, until=10 * MINUTE)
    assert so_far(evse, NOW + 14 * MINUTE) == 0


def test_until_the_meter_has_spoken_the_plan_counts_and_is_forgotten_then(evse, row):
    plan(evse, NOW + QUARTER)
    assert so_far(evse, NOW + QUARTER) == 11_000
    meter(row, watts=6_000)
    plan(evse, NOW + QUARTER + MINUTE)
    assert so_far(evse, NOW + QUARTER + 2 * MINUTE) == 6_000


def test_where_no_meter_ever_speaks_the_plan_stays(evse, row):
    late = NOW + QUARTER + 21 * MINUTE
    plan(evse, late)
    meter(row, watts=6_000)
    assert so_far(evse, late) == 11_000


def test_the_house_counts_with_its_vehicles_and_the_sun_against_them(evse, row):
    point = evse.charge_point.supply_point
    world.value(world.series("demand", point), NOW, 5_000, duration_s=3_600)
    world.value(world.series("production", point), NOW, 2_000, duration_s=3_600)
    meter(row, watts=7_000)
    assert so_far(evse, NOW + QUARTER) == 10_000


def test_a_session_that_ended_in_a_quarter_counts_with_what_it_drew(evse, row):
    meter(row, watts=9_000, until=10 * MINUTE)
    Transaction.objects.update(state="ended", ended_at=NOW + 10 * MINUTE)
    ChargingNeed.objects.update(status="closed")
    assert so_far(evse, NOW + QUARTER) == 6_000


def test_what_flows_back_counts_against_what_is_drawn(evse, row):
    other = factories.evse(at=evse.charge_point.supply_point, max_discharge_w=10_000)
    _, giving = world.running(other, v2g_allowed=True, max_discharge_w=10_000)
    meter(row, watts=9_000)
    meter(giving, watts=0)
    for step in range(4):
        giving.meter_values.create(
            charge_point=other.charge_point,
            evse_number=1,
            at=NOW + step * 5 * MINUTE,
            measurand="Energy.Active.Export.Register",
            value=4_000 * step / 12,
            unit="Wh",
        )
    assert so_far(evse, NOW + QUARTER) == 5_000


def test_a_month_begins_with_the_place_s_midnight(evse):
    point = evse.charge_point.supply_point
    assert peaks.month_of(point, NOW).day == 1
    PlanningState.objects.update_or_create(
        supply_point=point, defaults={"peak_w": 9_000, "peak_month": peaks.month_of(point, NOW).date()}
    )
    assert so_far(evse, NOW) == 9_000
    assert so_far(evse, NOW + timedelta(days=31)) == 0
