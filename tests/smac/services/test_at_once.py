"""What a plan is measured by: full power from the start."""

from decimal import Decimal

import pytest

from smac.services import at_once, quotes
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


def test_a_quote_says_what_charging_at_once_would_cost_and_when_it_would_end():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    quote = asked(evse)
    assert (quote.price, quote.at_once.price) == (Decimal("2.00"), Decimal("4.00"))
    assert quote.at_once.ends_at == pytest.approx(NOW + HOUR * 10 / 11, abs=HOUR / 100)
    assert quote.as_json()["at_once_price"] == "4.00"


def test_grams_are_counted_against_charging_at_once():
    evse = factories.evse()
    co2 = world.series("co2", evse.charge_point.supply_point)
    for slot in range(96):
        world.value(co2, NOW + slot * world.QUARTER, 600 if slot < 4 else 200)
    quote = asked(evse, mode="green")
    assert quote.co2_g == pytest.approx(2_000, rel=0.01)
    assert quote.at_once.co2_g == pytest.approx(6_000, rel=0.01)


def test_without_the_grids_mix_no_grams_are_claimed():
    quote = asked(factories.evse())
    assert (quote.co2_g, quote.at_once.co2_g) == (None, None)
    assert quote.as_json()["co2_g"] is None


def test_charging_at_once_uses_its_part_of_the_own_surplus():
    assert at_once.fair_share(4_000, 6_000, 2_000) == 3_000
    assert at_once.fair_share(-500, 6_000, 2_000) == 0
    assert at_once.fair_share(4_000, 0, 0) == 0
