"""How green the energy was that the meter counted."""

from decimal import Decimal

import pytest

from smac.services import footprints
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


def charged(evse, *readings):
    return world.meter(factories.transaction(evse), (NOW, 0), *readings)


def of(row, max_charge_w=10_000):
    return footprints.of_transaction(transaction=row, max_charge_w=max_charge_w, now=NOW + 3 * HOUR)


def mix(point, *grams):
    co2 = world.series("co2", point)
    for hour, value in enumerate(grams):
        for slot in range(4):
            world.value(co2, NOW + hour * HOUR + slot * QUARTER, value)


def test_the_measured_energy_counts_at_the_mix_of_its_quarter():
    evse = factories.evse()
    mix(evse.charge_point.supply_point, 600, 150)
    found = of(charged(evse, (NOW + HOUR, 0), (NOW + 2 * HOUR, 10_000)))
    assert found.co2_g == pytest.approx(1_500)
    assert found.at_once_co2_g == pytest.approx(6_000)
    assert found.green_share == pytest.approx(0.8)


def test_charging_at_once_has_the_price_of_its_own_quarters():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    row = charged(evse, (NOW + HOUR, 0), (NOW + 2 * HOUR, 10_000))
    assert of(row).at_once_price == Decimal("4.00")


def test_own_sun_is_shared_with_the_others_at_the_connection():
    point = factories.supply_point()
    evse, other = factories.evse(at=point), factories.evse(at=point)
    mix(point, 600)
    production = world.series("production", point)
    for slot in range(4):
        world.value(production, NOW + slot * QUARTER, 8_000)
    row = charged(evse, (NOW + HOUR, 8_000))
    assert (of(row).green_share, of(row).co2_g) == (1.0, 0.0)
    charged(other, (NOW + HOUR, 8_000))
    assert of(row).co2_g == pytest.approx(4 * 600)


def test_without_the_grids_mix_no_grams_are_claimed():
    found = of(charged(factories.evse(), (NOW + HOUR, 5_000)))
    assert (found.co2_g, found.at_once_co2_g) == (None, None)


def test_where_nothing_was_drawn_there_is_nothing_to_tell():
    assert of(charged(factories.evse())) is None


def test_a_meter_whose_clock_is_behind_is_counted_all_the_same():
    evse = factories.evse()
    mix(evse.charge_point.supply_point, 600)
    row = world.meter(factories.transaction(evse, started_at=NOW + HOUR), (NOW, 0), (NOW + HOUR / 2, 4_000))
    assert of(row).co2_g == pytest.approx(2_400)
