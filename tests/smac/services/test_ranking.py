"""Estimates for many charge points."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from smac.optimisation.problem import Mode
from smac.services import planning, quotes
from smac.services.ranking import Ask, quick_rank
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


def ask(evse, **values):
    usual = {"energy_wh": 10_000.0, "power_w": 11_000.0, "arrives_at": NOW, "departs_at": NOW + 2 * HOUR}
    return Ask.at(evse, **{**usual, **values})


def test_each_mode_has_its_own_price_end_and_green_share():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    co2 = world.series("co2", evse.charge_point.supply_point)
    for slot in range(96):
        world.value(co2, NOW + slot * world.QUARTER, 300 if slot < 4 else 600)
    modes = quick_rank(asks=[ask(evse)], now=NOW)[evse.pk]
    assert modes[Mode.CHEAP].price == Decimal("2.00")
    assert modes[Mode.FAST].price == Decimal("4.00")
    assert modes[Mode.FAST].charge_s == pytest.approx(10 / 11 * 3600, abs=1)
    assert modes[Mode.GREEN].green_share == pytest.approx(0.6)
    assert modes[Mode.CHEAP].green_share == pytest.approx(0.2)
    assert modes[Mode.BASIC].price == Decimal("3.00")
    assert modes[Mode.BASIC].ends_at == NOW + 2 * HOUR


def test_the_estimate_of_an_empty_station_is_the_quote():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    estimate = quick_rank(asks=[ask(evse)], now=NOW)[evse.pk][Mode.CHEAP]
    quoted = quotes.quote(
        evse=evse,
        mode="cheap",
        battery_capacity_wh=40_000,
        soc_percent=20.0,
        target_soc_percent=43.0,
        departure_at=NOW + 2 * HOUR,
        max_charge_w=11_000,
        now=NOW,
    )
    assert estimate.price == quoted.price


def test_a_supply_point_that_is_in_use_gives_what_its_plan_leaves():
    point = factories.supply_point(contracted_capacity_w=15_000)
    world.running(factories.evse(at=point), mode="fast", target_soc_percent=70)
    planning.run(supply_point_id=point.pk, now=NOW)
    free = factories.evse(at=point)
    found = quick_rank(asks=[ask(free, departs_at=NOW + HOUR)], now=NOW, modes=[Mode.FAST])[free.pk]
    assert found[Mode.FAST].unmet_wh == pytest.approx(6_000, abs=50)


def test_who_arrives_later_is_charged_later():
    evse = factories.evse()
    later = NOW + timedelta(minutes=20)
    found = quick_rank(asks=[ask(evse, arrives_at=later, departs_at=None)], now=NOW)[evse.pk][Mode.FAST]
    assert (
        found.ends_at == later + timedelta(seconds=round(10 / 11 * 3600, 3))
        or abs((found.ends_at - later).total_seconds() - 10 / 11 * 3600) < 1
    )
    assert found.charge_s == pytest.approx(10 / 11 * 3600, abs=1)


def test_forty_stations_take_as_many_queries_as_one():
    from chargepoints.models import Evse

    for _ in range(4):
        factories.evse()
    rows = list(Evse.objects.select_related("charge_point__supply_point", "charge_point__tariff"))
    world.prices((NOW, 0.30))
    with CaptureQueriesContext(connection) as one:
        quick_rank(asks=[ask(rows[0])], now=NOW)
    with CaptureQueriesContext(connection) as all_of_them:
        quick_rank(asks=[ask(row) for row in rows], now=NOW)
    assert len(all_of_them) == len(one) <= 10
