"""Plans as rows, and rows as plans."""

from datetime import timedelta

import pytest

from smac import records
from smac.models import ChargingNeed
from smac.services import planning
from smac.snapshot import reading
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


def test_the_last_plan_comes_back_as_the_fallback_needs_it():
    evse = factories.evse()
    need, _ = world.running(evse, mode="fast")
    point_id = evse.charge_point.supply_point_id
    now = NOW + timedelta(minutes=5)
    run = planning.run(supply_point_id=point_id, now=now)
    plan = records.previous_plan(point_id)
    assert plan.session(f"need:{need.pk}").power_w == tuple(run.curves.get().power_w)
    assert plan.slot_starts[:2] == (now, NOW + QUARTER)
    assert plan.slot_hours[:2] == (pytest.approx(1 / 6), 0.25)
    assert plan.slot_hours[-1] == 0.25


def test_there_is_no_last_plan_before_the_first_or_after_a_failure(monkeypatch):
    point = factories.supply_point()
    assert records.previous_plan(point.pk) is None
    planning.run(supply_point_id=point.pk, now=NOW)
    assert records.previous_plan(point.pk) is not None
    records.save_failure(supply_point_id=point.pk, reason="test", error=ValueError(), now=NOW + HOUR)
    assert records.previous_plan(point.pk) is None


def test_what_stood_in_for_a_forecast_is_noted_with_the_run():
    point = factories.supply_point()
    production = world.series("production", point)
    world.value(production, NOW - 24 * HOUR, 4_000, duration_s=3_600)
    run = planning.run(supply_point_id=point.pk, now=NOW)
    yesterday = {"code": "series_substituted", "subject": "production", "substitute": "yesterday", "quarters": 4}
    assert yesterday in run.notes
    assert {"code": "series_assumed", "subject": "demand"} in run.notes


def test_what_a_battery_is_taken_to_hold_says_where_that_is_from():
    evse = factories.evse()
    _, row = world.running(evse)
    first = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW).curves.get()
    row.soc_percent = 44.0
    row.save()
    told = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW + QUARTER).curves.get()
    assert (first.soc_origin, first.soc_uncertainty_percent) == ("stated", 5.0)
    assert (told.soc_origin, told.soc_uncertainty_percent) == ("meter", 1.0)


def test_the_peak_of_a_month_is_remembered_where_it_is_paid_for():
    evse = factories.evse(at=factories.supply_point(demand_charge_per_kw="8.5"))
    point = evse.charge_point.supply_point
    world.running(evse, mode="fast", departure_at=NOW + HOUR, target_soc_percent=100.0)
    planning.run(supply_point_id=point.pk, now=NOW)
    problem = reading.take(supply_point_id=point.pk, now=NOW + QUARTER).problem
    assert (problem.demand_charge_per_kw, problem.peak_so_far_w) == (8.5, 11_000)
    ChargingNeed.objects.update(status="closed")
    planning.run(supply_point_id=point.pk, now=NOW + 2 * QUARTER)
    assert reading.take(supply_point_id=point.pk, now=NOW + 2 * QUARTER).problem.peak_so_far_w == 11_000
    next_month = NOW + 9 * 24 * HOUR
    assert reading.take(supply_point_id=point.pk, now=next_month).problem.peak_so_far_w == 0
    world.value(world.series("peak", point), NOW - 48 * HOUR, 14_000)
    assert reading.take(supply_point_id=point.pk, now=NOW + QUARTER).problem.peak_so_far_w == 14_000


def test_flexibility_and_what_bound_each_slot_are_kept_with_the_plan():
    evse = factories.evse()
    world.running(evse, mode="fast", departure_at=NOW + 2 * HOUR)
    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    run.refresh_from_db()
    curve = run.curves.get()
    # 12 kWh at 11 kW leave room to wait, and nothing to add at full power.
    assert run.series["flexibility_up"][0] == 0
    assert run.series["flexibility_down"][0] > 5_000
    assert len(run.series["flexibility_up"]) == len(run.slot_starts) == len(curve.reasons)
    assert (curve.reasons[0], curve.reasons[-1]) == ("full_power", "away")


def test_what_was_impossible_is_bent_and_noted_with_the_run():
    point = factories.supply_point(contracted_capacity_w=1_000)
    world.value(world.series("demand", point), NOW, 5_000, duration_s=3_600)
    world.value(world.series("production", point), NOW, -700, duration_s=3_600)
    run = planning.run(supply_point_id=point.pk, now=NOW)
    assert {"code": "demand_over_limit", "subject": ""} in run.notes
    assert {"code": "series_clipped", "subject": "production_w"} in run.notes
    assert run.status == "optimal"


def test_what_was_assumed_is_noted_with_the_run():
    run = planning.run(supply_point_id=factories.supply_point().pk, now=NOW)
    assert {"code": "series_assumed", "subject": "import_price"} in run.notes
