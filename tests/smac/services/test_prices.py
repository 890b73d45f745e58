"""Prices and forecasts over time."""

from decimal import Decimal

import pytest

from smac.models import PlanningState, SeriesValue
from smac.services import forecasts, prices
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


def test_the_price_of_a_moment_is_that_of_its_quarter():
    point = factories.supply_point()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    assert prices.price_at(supply_point=point, at=NOW + HOUR - QUARTER / 3, known_at=NOW) == Decimal("0.3")
    assert prices.price_at(supply_point=point, at=NOW + HOUR, known_at=NOW) == Decimal("0.1")


def test_a_price_that_nobody_knows_is_assumed():
    assert prices.price_at(supply_point=factories.supply_point(), at=NOW, known_at=NOW) == Decimal("0.3")


def test_another_zones_prices_do_not_count():
    point = factories.supply_point(price_zone="GR")
    world.prices((NOW, 0.55))
    assert prices.curve(supply_point=point, start=NOW, end=NOW + HOUR, known_at=NOW) == [
        (NOW + quarter * QUARTER, None) for quarter in range(4)
    ]


def test_values_that_come_again_count_once_and_newer_ones_replace_them():
    point = factories.supply_point()
    series = world.series("demand", point)
    values = [(NOW + slot * QUARTER, 500.0) for slot in range(4)]
    assert forecasts.store_values(series=series, values=values, known_at=NOW) == 4
    forecasts.store_values(series=series, values=values, known_at=NOW)
    assert SeriesValue.objects.count() == 4
    forecasts.store_values(series=series, values=[(NOW, 900.0)], known_at=NOW + QUARTER)
    read = {
        known: forecasts.curve(supply_point=point, kind="demand", start=NOW, end=NOW + QUARTER, known_at=known)
        for known in (NOW, NOW + QUARTER)
    }
    assert read == {NOW: [(NOW, 500.0)], NOW + QUARTER: [(NOW, 900.0)]}


def test_new_values_ask_for_a_plan_where_they_matter():
    busy, idle, elsewhere = factories.evse(), factories.evse(), factories.evse()
    world.running(busy)
    PlanningState.objects.all().delete()
    zone = world.prices((NOW, 0.30))
    prices.store_values(series=zone, values=[(NOW, 0.2)], known_at=NOW)
    own = world.series("demand", elsewhere.charge_point.supply_point)
    forecasts.store_values(series=own, values=[(NOW, 100.0)], known_at=NOW)
    asked = PlanningState.objects.filter(requested_at__isnull=False).values_list("supply_point_id", "reason")
    assert dict(asked) == {
        busy.charge_point.supply_point_id: "new import_price",
        elsewhere.charge_point.supply_point_id: "new demand",
    }
    assert idle.charge_point.supply_point_id not in dict(asked)
