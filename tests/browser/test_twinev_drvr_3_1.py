"""TWINEV_DRVR_3_1: a charge session of a reserved charge point that follows what the grid asks for."""

from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.models import ChargePoint
from smac.models import FlexOrder, Series
from smac.services import limits
from tests import factories
from tests.browser import charging, steps, world
from tests.browser.curves import Curves, at
from tests.browser.hardware import Charger, Hardware
from tests.browser.visitors import Visitors, expect, in_view, words
from tests.browser.waiting import beside

WISH = charging.Wish(mode="basic", name="Basic", soc=40, target=58)
# The neighbourhood draws 30 of the 50 kW that the connection bears, later 20; in between the grid can spare nothing.
# So it is two thirds of the later power that flows first, and nothing meanwhile.
BUSY_W, QUIET_W = 30_000, 20_000
BUSY, ORDERED, QUIET = range(1, 4), range(4, 6), range(6, 8)
BUSY_FROM_QUIET = 20 / 30
FIVE_MINUTES_S = 300


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    return world.station("Markt")


@pytest.fixture
def grid(station: ChargePoint) -> datetime:
    """The quarter with which the forecast begins; the order of the grid operator is known."""
    now = timezone.now()
    first = quarter_start(now)
    world.forecast(station, Series.Kind.DEMAND, [BUSY_W] * ORDERED.start, then=QUIET_W)
    beside(
        limits.create_order,
        ordered_by=factories.grid_operator(),
        charge_points=[station],
        scope=FlexOrder.Scope.EACH,
        max_power_w=0,
        starts_at=first + QUARTER * ORDERED.start,
        ends_at=first + QUARTER * ORDERED.stop,
        now=now,
    )
    return first


def test_twinev_drvr_3_1_a_basic_session_follows_the_grid(
    station: ChargePoint, grid: datetime, hardware: Hardware, visitors: Visitors
) -> None:
    [charger] = hardware.connect(station, version="2.0.1", meter_every_s=charging.METER_EVERY_S)
    page = visitors.page(world.driver_with_car())
    card = charging.begin(page, charger, station, WISH)
    charging.card_corresponds_to_the_form(page, card, station, WISH)
    expect(card.locator("#plan-reason")).to_contain_text("Grid limit of 0 kW")
    charging.open_curves(page, WISH, refreshing=True)
    curves = Curves(page, steps.the_session(), grid)
    _plan_follows_the_grid(curves)
    charging.card_and_curve_follow_the_meter(card, charger, curves, [*BUSY, *ORDERED, *QUIET])


def _plan_follows_the_grid(curves: Curves) -> None:
    planned_kw, demand_kw = curves.steps("plan"), curves.context("demand")
    assert at([*BUSY, *QUIET], demand_kw) == [BUSY_W / 1000] * len(BUSY) + [QUIET_W / 1000] * len(QUIET)
    assert at(ORDERED, curves.steps("limit")) == [0] * len(ORDERED)
    assert at(ORDERED, planned_kw) == [0] * len(ORDERED)
    assert len(set(at(BUSY, planned_kw))) == len(set(at(QUIET, planned_kw))) == 1
    quiet_kw = planned_kw[QUIET.start]
    assert at(BUSY, planned_kw) == pytest.approx([quiet_kw * BUSY_FROM_QUIET] * len(BUSY), rel=0.01)


def test_twinev_drvr_3_1_the_journey_from_search_to_pick_up_is_the_same_in_each_language(
    hardware: Hardware, visitors: Visitors
) -> None:
    languages = [code for code, _name in settings.LANGUAGES]
    assert sorted(languages) == ["de", "el", "en", "es"]
    rows = [world.station(f"Markt {language}") for language in languages]
    chargers = hardware.connect(*rows)
    for language, row, charger in zip(languages, rows, chargers, strict=True):
        person = world.driver_with_car(f"driver-{language}")
        page = visitors.page(person, language=language)
        _from_search_to_charge(page, charger, row, language)
        _from_end_to_pick_up(page, charger, person, language)


def _from_search_to_charge(page: Page, charger: Charger, row: ChargePoint, language: str) -> None:
    steps.reserve(page, row, language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#reservation")).to_contain_text(row.identity)
    steps.charge(page, charger, soc=WISH.soc, target=WISH.target, mode="basic", minutes=120, language=language)
    steps.wait_for_plan(charger)
    charger.pass_time(FIVE_MINUTES_S)
    in_view(page)


def _from_end_to_pick_up(page: Page, charger: Charger, person: Any, language: str) -> None:
    say = words(language)
    page.get_by_role("button", name=say("End charge")).click()
    page.get_by_role("button", name=say("End now")).click()
    charger.wait_for(lambda one: one.evse().session is None)
    steps.summary_is_real(page, language, person)
    in_view(page)
    charger.unplug()
    page.get_by_role("button", name=say("Pick up vehicle")).click()
    expect(page.locator("header .status-icon")).to_have_count(0)
    expect(page.locator("#session-card[data-look=closed]")).to_be_visible()
