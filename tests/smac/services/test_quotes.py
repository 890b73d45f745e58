"""The promise before the start."""

from decimal import Decimal

import pytest

from smac.models import ChargingNeed, PlanRun
from smac.services import quotes
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


def asked(evse, **values):
    usual = {
        "mode": "cheap",
        "battery_capacity_wh": 40_000,
        "soc_percent": 20.0,
        "target_soc_percent": 43.0,  # 10 kWh from the grid
        "departure_at": NOW + 2 * HOUR,
        "max_charge_w": 11_000,
        "now": NOW,
    }
    return quotes.quote(evse=evse, **{**usual, **values})


def test_a_quote_tells_price_end_battery_and_reason_and_stores_nothing():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    quote = asked(evse)
    assert quote.price == Decimal("2.00")
    assert quote.energy_wh == pytest.approx(10_000, abs=5)
    assert (quote.soc_end, quote.unmet_wh) == (43.0, 0)
    assert quote.starts_at == NOW + HOUR
    assert NOW + HOUR < quote.ends_at <= NOW + 2 * HOUR
    assert quote.reason["code"] == "cheap_slots"
    assert quote.reason["waits"] is True
    assert len(quote.curve) == len(quote.soc_percent) == len(quote.price_per_kwh) == 8
    assert quote.as_json()["price"] == "2.00"
    assert ChargingNeed.objects.count() == PlanRun.objects.count() == 0


def test_modes_have_different_prices():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    prices = {mode: asked(evse, mode=mode).price for mode in ("fast", "basic", "cheap")}
    assert prices["fast"] > prices["basic"] > prices["cheap"]


def test_what_cannot_be_reached_is_said():
    quote = asked(factories.evse(), target_soc_percent=100.0, departure_at=NOW + HOUR)
    assert quote.unmet_wh == pytest.approx(32_000 - 11_000 * 0.92, abs=10)
    assert quote.reason["code"] == "unreachable"
    assert quote.soc_end < 50


def test_own_sun_is_green_and_the_grid_as_green_as_its_mix():
    evse = factories.evse()
    point = evse.charge_point.supply_point
    production, co2 = world.series("production", point), world.series("co2", point)
    for slot in range(96):
        at = NOW + slot * world.QUARTER
        world.value(production, at, 11_000 if slot < 4 else 0)
        world.value(co2, at, 375)
    assert asked(evse, mode="fast").green_share == pytest.approx(1.0)
    late = asked(evse, mode="fast", target_soc_percent=66.0)  # 20 kWh: an hour of sun and 9 kWh of the grid
    assert late.green_share == pytest.approx((11 + 9 * 0.5) / 20, abs=0.01)
    assert late.co2_g == pytest.approx(9 * 375, rel=0.01)


def test_the_cars_that_are_there_are_counted_and_the_drivers_own_announcement_is_not():
    point = factories.supply_point(contracted_capacity_w=11_000)
    here, there, driver = factories.evse(at=point), factories.evse(at=point), factories.driver()
    fast = {"mode": "fast", "departure_at": NOW + HOUR, "target_soc_percent": 43.0}
    world.state(there, driver, **fast)
    assert asked(here, driver=driver, **fast).unmet_wh == 0
    world.running(there, **fast)
    assert asked(here, driver=driver, **fast).unmet_wh > 4_000
