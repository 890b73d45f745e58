"""One price function for quote, running cost and receipt."""

from datetime import timedelta
from decimal import Decimal

import pytest

from chargepoints.domain.tariff import EnergySlice
from smac.models import PlannedCurve
from smac.services import costs, planning, quotes
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def evse():
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    tariff = factories.tariff(session_fee=Decimal("0.50"), penalty_per_minute=Decimal("0.20"))
    return factories.evse(tariff=tariff)  # 0.10 on top of the market's price


def test_a_session_costs_the_price_of_each_quarter_and_the_fee(evse):
    _, row = world.running(evse)
    world.meter(row, (NOW, 0.0), (NOW + HOUR, 5_000.0), (NOW + 2 * HOUR, 15_000.0))
    cost = costs.session_cost(transaction=row, now=NOW + 2 * HOUR)
    assert cost.energy == Decimal("4.00")  # 5 kWh at 0.40, 10 kWh at 0.20
    assert cost.total == Decimal("4.50")
    assert cost.currency == "EUR"


def test_the_receipt_is_the_running_cost_at_the_end_and_the_penalty_comes_on_top(evse):
    _, row = world.running(evse)
    world.meter(row, (NOW, 0.0), (NOW + HOUR, 5_000.0))
    running = costs.session_cost(transaction=row, now=NOW + HOUR)
    receipt = costs.settle(transaction=row, now=NOW + HOUR)
    row.refresh_from_db()
    assert receipt == running
    assert (row.cost_amount, row.cost_currency) == (running.total, "EUR")
    assert row.cost_components["session_fee"] == "0.50"
    late = costs.settle(transaction=row, now=NOW + HOUR, overdue_minutes=10)
    assert late.total - receipt.total == Decimal("2.00")


def test_quote_running_cost_and_receipt_agree_when_the_meter_follows_the_plan(evse):
    wish = {
        "mode": "cheap",
        "battery_capacity_wh": 40_000,
        "soc_percent": 20.0,
        "target_soc_percent": 50.0,
        "departure_at": NOW + 2 * HOUR,
        "max_charge_w": 11_000,
    }
    quoted = quotes.quote(evse=evse, now=NOW, **wish)
    need, row = world.running(evse, **wish)
    planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    curve = PlannedCurve.objects.get(need=need)
    total, readings = 0.0, [(NOW, 0.0)]
    for slot, power in enumerate(curve.power_w[:8]):
        total += power / 4
        readings.append((NOW + (slot + 1) * QUARTER, total))
    world.meter(row, *readings)
    receipt = costs.settle(transaction=row, now=NOW + 2 * HOUR)
    assert quoted.price == curve.expected_cost == receipt.total
    assert receipt.energy_wh == pytest.approx(0.3 * 40_000 / 0.92, abs=10)


def test_expected_cost_is_measured_so_far_and_planned_from_then_on(evse):
    need, row = world.running(evse)
    world.meter(row, (NOW, 0.0), (NOW + HOUR, 5_000.0))
    need.transaction = row
    expected = costs.expected_cost(need=need, starts=[NOW + HOUR], hours=[0.25], power_w=[8_000.0], now=NOW + HOUR)
    assert expected.energy == Decimal("2.40")


def test_energy_given_back_is_credited_at_the_tariffs_price():
    tariff = factories.tariff(export_price_per_kwh=Decimal("0.25"))
    point = factories.charge_point(tariff=tariff)
    cost = costs.cost_of(charge_point=point, slices=[EnergySlice(NOW, -2_000.0)], now=NOW)
    assert (cost.export_credit, cost.total) == (Decimal("0.50"), Decimal("-0.50"))


def test_a_private_point_without_a_tariff_pays_the_market():
    world.prices((NOW, 0.30))
    point = factories.charge_point(owner=factories.driver())
    point.tariff = None
    cost = costs.cost_of(charge_point=point, slices=[EnergySlice(NOW, 10_000.0)], now=NOW)
    assert cost.total == Decimal("3.00")


def test_a_session_without_energy_costs_the_fee_only(evse):
    _, row = world.running(evse)
    assert costs.session_cost(transaction=row, now=NOW + timedelta(minutes=1)).total == Decimal("0.50")
