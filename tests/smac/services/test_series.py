"""Curves without a gap, and what stands in."""

import pytest

from smac.services import series
from smac.services.series import DAY, Origin
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def point():
    return factories.supply_point()


def read(point, hours=1):
    found = series.readings(kinds=["demand"], supply_points=[point], start=NOW, end=NOW + hours * HOUR, known_at=NOW)
    return found[point.pk]["demand"]


def test_what_is_told_is_told(point):
    world.value(world.series("demand", point), NOW, 500, duration_s=3_600)
    assert [value for _, value in read(point).curve] == [500.0] * 4
    assert read(point).substitutes == {}


def test_a_gap_takes_yesterday_then_what_is_typical_then_the_last_value(point):
    demand = world.series("demand", point)
    world.value(demand, NOW, 500)
    world.value(demand, NOW + QUARTER - DAY, 600)
    for day, number in ((2, 700), (3, 900)):
        world.value(demand, NOW + 2 * QUARTER - day * DAY, number, known_at=NOW - 5 * DAY)
    reading = read(point)
    assert [value for _, value in reading.curve] == [500, 600, 800, 800]
    assert reading.origins == (Origin.TOLD, Origin.YESTERDAY, Origin.TYPICAL, Origin.LAST)
    assert reading.substitutes == {Origin.YESTERDAY: 1, Origin.TYPICAL: 1, Origin.LAST: 1}


def test_what_nobody_ever_told_is_nobodys(point):
    assert read(point).substitutes == {Origin.NOBODY: 4}
    world.value(world.series("demand", point), NOW - 8 * DAY, 500)
    assert read(point).substitutes == {Origin.NOBODY: 4}


def test_what_became_known_later_stands_in_for_nothing(point):
    world.value(world.series("demand", point), NOW - DAY, 600, duration_s=3_600, known_at=NOW + QUARTER)
    assert read(point).substitutes == {Origin.NOBODY: 4}


def test_what_is_no_number_is_a_gap(point):
    demand = world.series("demand", point)
    told = [(NOW, 500.0), (NOW + QUARTER, float("nan")), (NOW + 2 * QUARTER, float("inf"))]
    assert series.store_values(series=demand, values=told, known_at=NOW) == 1
    assert read(point).substitutes == {Origin.LAST: 3}


def test_many_curves_of_many_points_cost_three_queries(point, django_assert_num_queries):
    other = factories.supply_point()
    for kind in ("demand", "production"):
        world.value(world.series(kind, point), NOW, 500)
    with django_assert_num_queries(3):
        series.readings(
            kinds=["demand", "production"], supply_points=[point, other], start=NOW, end=NOW + HOUR, known_at=NOW
        )
