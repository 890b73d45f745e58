"""Offers of the grid operator, as drivers hear of them."""

from typing import Any

import pytest
from django.utils import translation

from drivers.models import Notice, TermsAcceptance
from drivers.services import notices, offers
from smac.models import Campaign, Participation
from smac.services.campaigns import announcing, answering, preferences, settling
from tests import factories
from tests.smac.services.campaigns.conftest import END, START, campaign, metered, session
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
LATER = END + settling.GRACE


def offered(**values: Any) -> tuple[Any, Any, Campaign]:
    """A driver who charges, the transaction, and an offer there."""
    need, running = session(**values)
    return need.driver, running, campaign(need.evse.charge_point)


def test_whom_it_concerns_is_told_once_and_a_stranger_never() -> None:
    driver, _, offer = offered()
    stranger = factories.driver()
    assert offers.sweep(now=NOW) == 1
    assert offers.sweep(now=NOW) == 0
    notice = notices.of(driver).get()
    assert (notice.kind, notice.path) == (Kind.OFFER, f"/offers/{offer.pk}/")
    assert notices.text_of(notice) == "Charge less from 14:00 to 15:00. It earns 0.50\u00a0EUR per kWh."
    with translation.override("de"):
        assert "0,50" in notices.text_of(notice)
    assert not notices.of(stranger).exists()
    assert offers.one(stranger, offer.pk, now=NOW) is None


def test_whoever_comes_later_is_told_then() -> None:
    evse, driver = factories.evse(), factories.driver()
    campaign(evse.charge_point)
    assert offers.sweep(now=NOW) == 0
    session(evse=evse, driver=driver)
    assert offers.sweep(now=NOW) == 1


def test_whoever_always_takes_part_is_in_and_told_so() -> None:
    driver, _, offer = offered()
    preferences.choose(driver=driver, choice="always", now=NOW)
    offers.sweep(now=NOW)
    row = Participation.objects.get()
    assert (row.driver, row.by_preference, row.promised_wh) == (driver, True, 5_000)
    notice = notices.of(driver).get()
    assert notice.kind == Kind.OFFER_JOINED
    assert "you can leave it at any time" in notices.text_of(notice)
    answering.opt_out(campaign=offer, driver=driver, now=NOW)
    offers.sweep(now=NOW)
    row.refresh_from_db()
    assert row.state == Participation.State.OUT  # an own answer stands over the standing one


def test_whoever_wants_none_is_left_in_peace() -> None:
    driver, _, _offer = offered()
    preferences.choose(driver=driver, choice="never", now=NOW)
    assert offers.sweep(now=NOW) == 0
    assert not Notice.objects.exists()
    assert offers.on_card(driver, now=NOW) == []


def test_whoever_has_not_agreed_to_the_terms_is_not_told() -> None:
    driver, _, _offer = offered()
    TermsAcceptance.objects.filter(driver=driver).update(withdrawn_at=NOW)
    assert offers.sweep(now=NOW) == 0


def test_the_end_tells_what_it_earned() -> None:
    driver, running, offer = offered()
    answering.opt_in(campaign=offer, driver=driver, now=NOW)
    metered(running, 0, 0, 0, 0, 6_000, 6_000, 6_000, 6_000)
    settling.settle_due(now=LATER)
    assert offers.sweep(now=LATER) == 1
    assert offers.sweep(now=LATER) == 0
    assert notices.text_of(notices.of(driver).get(kind=Kind.OFFER_OVER)) == "It earned you 2.50\u00a0EUR."


def test_a_withdrawal_is_told_to_those_who_said_yes() -> None:
    driver, _, offer = offered()
    answering.opt_in(campaign=offer, driver=driver, now=NOW)
    announcing.withdraw(campaign=offer, now=NOW)
    assert offers.sweep(now=NOW) == 1
    assert "withdrawn" in notices.text_of(notices.of(driver).get())


def test_the_card_shows_what_waits_for_an_answer_and_what_holds() -> None:
    driver, _, offer = offered()
    assert [one.campaign for one in offers.on_card(driver, now=NOW)] == [offer]
    answering.opt_in(campaign=offer, driver=driver, now=NOW)
    assert [one.is_joined for one in offers.on_card(driver, now=START)] == [True]
    answering.opt_out(campaign=offer, driver=driver, now=START)
    assert offers.on_card(driver, now=START) == []
    assert [one.takes_part for one in offers.of_driver(driver, now=LATER)] == [False]


def test_an_offer_without_an_answer_leaves_the_card_when_nobody_can_join() -> None:
    driver, _, _offer = offered()
    assert offers.on_card(driver, now=END - factories.minutes(14)) == []
