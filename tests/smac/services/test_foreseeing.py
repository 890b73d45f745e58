"""What an order costs and emits, before it is saved."""

from datetime import timedelta
from decimal import Decimal

import pytest

from chargepoints.models import Tariff
from smac.models import FlexOrder, PlanRun
from smac.services import foreseeing, limits, planning
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db

DRAWN_WH = 12_000 / 0.92  # from 20 to 50 % of 40 kWh


@pytest.fixture
def evse():
    """A car that charges in the second hour, which is cheap, and may stay for two more, which are dear."""
    found = factories.evse()
    world.prices((NOW, 0.40), (NOW + HOUR, 0.10), (NOW + 3 * HOUR, 0.30))
    world.running(found, departure_at=NOW + 5 * HOUR)
    return found


def effect(*evses, **values):
    usual = {"scope": "each", "max_power_w": 0, "starts_at": NOW + HOUR, "ends_at": NOW + 3 * HOUR, "now": NOW}
    asked = {**usual, **values}
    return limits.foresee_order(charge_points=[evse.charge_point for evse in evses], **asked).effect


def mix(evse, *steps):
    series = world.series("co2", evse.charge_point.supply_point)
    for quarter in range(120):
        at = NOW + quarter * world.QUARTER
        world.value(series, at, next(grams for start, grams in reversed(steps) if at >= start))


def test_what_is_put_off_into_dear_hours_costs_the_difference_and_who_pays_the_market_bears_it(evse):
    planning.run_due(now=NOW)
    found = effect(evse)

    assert (found.sessions, found.unplanned, found.is_certain) == (1, 0, True)
    assert float(found.cost) == pytest.approx(DRAWN_WH / 1000 * 0.20, abs=0.02)
    assert float(found.drivers) == pytest.approx(float(found.cost), abs=0.011)
    assert abs(found.operators) <= Decimal("0.01")
    assert found.energy_wh == pytest.approx(0, abs=20)


def test_at_a_fixed_price_the_stations_operator_bears_it(evse):
    tariff = Tariff.objects.create(
        operator=factories.operator(), name="Fixed", energy_price_per_kwh=Decimal("0.59"), follows_market=False
    )
    point = evse.charge_point
    point.tariff = tariff
    point.save()
    run = planning.run(supply_point_id=point.supply_point_id, now=NOW)
    power_w = [0.0] * len(run.slot_starts)
    power_w[4:8] = [DRAWN_WH] * 4  # in the cheap hour
    run.curves.update(power_w=power_w)
    found = effect(evse)

    assert abs(found.drivers) <= Decimal("0.01")
    assert float(found.operators) == pytest.approx(float(found.cost), abs=0.011)
    assert found.cost > 1


def test_what_is_put_off_emits_what_the_grid_emits_then(evse):
    mix(evse, (NOW, 300.0), (NOW + 3 * HOUR, 500.0))
    planning.run_due(now=NOW)
    assert effect(evse).co2_g == pytest.approx(DRAWN_WH / 1000 * 200, rel=0.02)


def test_what_is_missed_is_told_as_energy_that_nobody_draws(evse):
    planning.run_due(now=NOW)
    found = effect(evse, starts_at=NOW, ends_at=NOW + 5 * HOUR)

    assert found.energy_wh == pytest.approx(-DRAWN_WH, abs=20)
    assert float(found.cost) == pytest.approx(-DRAWN_WH / 1000 * 0.10, abs=0.02)


def test_an_order_that_changes_nothing_costs_nothing_though_the_battery_is_a_little_behind_its_plan(evse):
    planning.run_due(now=NOW)
    evse.charging_needs.update(soc_percent=19.0)
    found = effect(evse, max_power_w=11_000)

    assert abs(found.cost) <= Decimal("0.03")
    assert abs(found.energy_wh) < 60


def test_the_plan_in_force_is_read_and_the_order_is_solved_once(evse, monkeypatch):
    planning.run_due(now=NOW)
    solved = []

    def solve(*arguments, **more):
        solved.append(arguments)
        return together(*arguments, **more)

    together = foreseeing.solve_together
    monkeypatch.setattr(foreseeing, "solve_together", solve)
    monkeypatch.setattr(planning, "solve", lambda *_arguments, **_more: 1 / 0)
    effect(evse)
    assert len(solved) == 1
    assert FlexOrder.objects.count() == 0
    assert PlanRun.objects.count() == 1


def test_a_plan_of_some_minutes_ago_is_compared_from_now_on(evse):
    planning.run_due(now=NOW)
    now = NOW + timedelta(minutes=7)
    found = effect(evse, now=now)

    assert found.unplanned == 0
    assert float(found.cost) == pytest.approx(DRAWN_WH / 1000 * 0.20, abs=0.03)


def test_without_a_plan_a_price_or_the_grids_mix_nothing_is_made_up(evse):
    assert (effect(evse).unplanned, effect(evse).cost, effect(evse).co2_g) == (1, None, None)
    unpriced = factories.evse()
    point = unpriced.charge_point.supply_point
    point.price_zone = "XX"
    point.save()
    world.running(unpriced)
    planning.run_due(now=NOW)
    found = effect(unpriced, starts_at=NOW)
    assert (found.unplanned, found.cost, found.drivers, found.operators, found.co2_g) == (0, None, None, None, None)


def test_who_is_gone_before_the_window_does_not_count(evse):
    early = factories.evse()
    world.running(early, departure_at=NOW + HOUR)
    planning.run_due(now=NOW)
    found = effect(early, evse, starts_at=NOW + 2 * HOUR)
    assert found.sessions == 1
    nobody = effect(early, starts_at=NOW + 2 * HOUR)
    assert (nobody.sessions, nobody.cost) == (0, Decimal("0.00"))
