"""A battery of which nobody says what it holds."""

from datetime import timedelta

import pytest

from chargepoints.models import Transaction
from smac.models import ChargingNeed
from smac.services import guessing, needs
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def driver():
    """One whose car of 40 kWh was charged from 20 to 50 % until NOW."""
    person = factories.driver()
    need, row = world.running(factories.evse(), driver=person, soc_percent=20.0)
    Transaction.objects.filter(pk=row.pk).update(state="ended", energy_wh=12_000 / 0.92)
    needs.close(transaction=row, now=NOW)
    assert ChargingNeed.objects.get(pk=need.pk).status == "closed"
    return person


def guess(driver, later, capacity_wh=40_000):
    return guessing.guess(driver_id=driver.pk, capacity_wh=capacity_wh, now=NOW + later)


def test_a_car_that_was_just_charged_holds_what_it_was_charged_to(driver):
    found = guess(driver, timedelta(0))
    assert (found.soc_percent, found.origin, found.uncertainty_percent) == (50.0, "last", 5.0)


def test_each_day_takes_its_ways_and_makes_the_guess_less_sure(driver):
    found = guess(driver, DAY)
    assert (found.soc_percent, found.uncertainty_percent) == (32.5, 15.0)


def test_nobody_is_thought_to_arrive_emptier_than_last_time(driver):
    found = guess(driver, 10 * DAY)
    assert (found.soc_percent, found.uncertainty_percent) == (20.0, 25.0)


def test_another_battery_another_driver_or_long_ago_say_nothing(driver):
    typical = (25.0, "typical", 25.0)
    for found in (
        guess(driver, timedelta(0), capacity_wh=77_000),
        guess(driver, 61 * DAY),
        guess(factories.driver(), timedelta(0)),
        guessing.guess(driver_id=None, now=NOW),
    ):
        assert (found.soc_percent, found.origin, found.uncertainty_percent) == typical


def test_a_guess_is_never_made_from_a_guess(driver):
    ChargingNeed.objects.update(soc_origin="typical")
    assert guess(driver, timedelta(0)).origin == "typical"
    Transaction.objects.update(soc_percent=48.0)
    assert guess(driver, timedelta(0)).origin == "last"
    ChargingNeed.objects.update(is_assumed=True)
    assert guess(driver, timedelta(0)).origin == "typical"
