"""Whom an offer concerns."""

from decimal import Decimal
from typing import Any

import pytest

from chargepoints.models import ChargePoint
from smac.services import planning
from smac.services.campaigns import preferences, reaching
from smac.services.campaigns.reaching import Reach, Why
from tests import factories
from tests.smac.services.campaigns.conftest import END, START, campaign, session
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db
WINDOW: dict[str, Any] = {"starts_at": START, "ends_at": END, "now": NOW}


def reach(*points: ChargePoint, **values: Any) -> Reach:
    usual = {"wanted_w": 5_000, "incentive_per_kwh": Decimal("0.50"), "budget": Decimal("2.00")}
    return reaching.reach(charge_points=points, **{**WINDOW, **usual, **values})


def test_who_charges_lives_or_often_charges_there_is_concerned_and_nobody_else() -> None:
    need, _ = session()
    home, stranger = factories.driver(), factories.driver()
    point = factories.charge_point(owner=home)
    usual, once = factories.driver(), factories.driver()
    for number in range(3):
        factories.transaction(need.evse, usual, started_at=NOW - factories.minutes(5_000 + number), state="ended")
    factories.transaction(need.evse, once, started_at=NOW - factories.minutes(5_000), state="ended")
    found = reaching.drivers_of(charge_point_ids=[need.evse.charge_point_id, point.pk], **WINDOW)
    assert found == {need.driver_id: Why.SESSION, home.pk: Why.HOME, usual.pk: Why.USUAL}
    offer = campaign(need.evse.charge_point, point)
    for driver in (need.driver, home, usual):
        assert list(reaching.of_driver(driver, now=NOW)) == [offer]
    for driver in (once, stranger):
        assert not reaching.of_driver(driver, now=NOW).exists()


def test_who_leaves_before_the_window_is_not_concerned() -> None:
    need, _ = session(hours=1.2, target=30.0)
    assert reaching.drivers_of(charge_point_ids=[need.evse.charge_point_id], **WINDOW) == {}


def test_an_offer_that_is_over_concerns_only_who_answered() -> None:
    need, _ = session()
    campaign(need.evse.charge_point)
    assert reaching.of_driver(need.driver, now=NOW).exists()
    assert not reaching.of_driver(need.driver, now=END).exists()


def test_a_preview_counts_and_says_what_the_budget_pays() -> None:
    need, _ = session()
    planning.run(supply_point_id=need.evse.charge_point.supply_point_id, now=NOW)
    found = reach(need.evse.charge_point)
    assert (found.charge_points, found.drivers, found.told, found.sessions) == (1, 1, 1, 1)
    assert found.planned_w == pytest.approx(11_000, abs=1)
    assert (found.wanted_wh, found.paid_wh, found.pays_all) == (5_000, 4_000, False)
    assert reach(need.evse.charge_point, budget=Decimal("2.50")).pays_all


def test_who_wants_to_hear_of_none_is_not_told() -> None:
    need, _ = session()
    preferences.choose(driver=need.driver, choice="never", now=NOW)
    found = reach(need.evse.charge_point)
    assert (found.drivers, found.told) == (1, 0)


def test_a_choice_is_kept_until_the_next_one() -> None:
    driver = factories.driver()
    assert preferences.of_one(driver) == "ask"
    for choice in ("always", "never", "ask"):
        preferences.choose(driver=driver, choice=choice, now=NOW)
        assert preferences.of_one(driver) == choice
    with pytest.raises(ValueError, match="sometimes"):
        preferences.choose(driver=driver, choice="sometimes", now=NOW)
