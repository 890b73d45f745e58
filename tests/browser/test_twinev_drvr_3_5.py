"""TWINEV_DRVR_3_5: a charge session of a reserved charge point that is over as soon as possible."""

from datetime import datetime

import pytest
from django.utils import timezone

from chargepoints.domain.quarters import quarter_start
from chargepoints.models import ChargePoint
from smac.models import Series
from tests.browser import charging, steps, world
from tests.browser.curves import Curves, at
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, expect

WISH = charging.Wish(mode="fast", name="Fast", soc=40, target=60)
# The house needs most of what its connection bears; later it needs less, and the sun comes up. That it would be cheaper
# at the end is no reason to wait.
CONNECTION_W = 16_000
HOUSE_W = [10_000, 10_000, 9_000, 8_000]
HOUSE_LATER_W = 8_000
SUN_W = [0, 0, 0, 0]
SUN_LATER_W = 2_500
PRICES = [0.40] * 6
FULL_KW = 11.0
TIGHT, AFTERWARDS = range(1, 5), range(7, 8)


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    return world.station("Markt", price="0.10", follows_market=True, capacity_w=CONNECTION_W)


@pytest.fixture
def grid(station: ChargePoint) -> datetime:
    """The quarter with which the forecasts begin."""
    world.market_prices(PRICES, then=0.05)
    world.forecast(station, Series.Kind.DEMAND, HOUSE_W, then=HOUSE_LATER_W)
    world.forecast(station, Series.Kind.PRODUCTION, SUN_W, then=SUN_LATER_W)
    return quarter_start(timezone.now())


def test_twinev_drvr_3_5_a_fast_session_takes_all_that_the_connection_leaves_until_it_is_done(
    station: ChargePoint, grid: datetime, hardware: Hardware, visitors: Visitors
) -> None:
    [charger] = hardware.connect(station, meter_every_s=charging.METER_EVERY_S)
    page = visitors.page(world.driver_with_car())
    card = charging.begin(page, charger, station, WISH)
    charging.card_corresponds_to_the_form(page, card, station, WISH)
    expect(card.locator("#plan-reason")).to_contain_text("The grid connection gives no more")
    charging.open_curves(page, WISH)
    curves = Curves(page, steps.the_session(), grid)
    _plan_is_as_early_as_the_connection_allows(curves)
    charging.card_and_curve_follow_the_meter(card, charger, curves, [*TIGHT, *AFTERWARDS])


def _plan_is_as_early_as_the_connection_allows(curves: Curves) -> None:
    planned_kw, house_kw, sun_kw = curves.steps("plan"), curves.context("demand"), curves.context("production")
    room_kw = {quarter: CONNECTION_W / 1000 - house_kw[quarter] + sun_kw[quarter] for quarter in range(1, 8)}
    assert at(TIGHT, planned_kw) == pytest.approx(at(TIGHT, room_kw), abs=charging.NEAR_KW)
    assert sorted(at(TIGHT, planned_kw)) == at(TIGHT, planned_kw), "more flows as the house needs less"
    assert planned_kw[TIGHT[-1]] > planned_kw[TIGHT[0]]
    assert at(AFTERWARDS, planned_kw) == [0] * len(AFTERWARDS)
    begun = [quarter for quarter in range(1, 8) if planned_kw[quarter]]
    assert at(begun[:-1], planned_kw) == pytest.approx(at(begun[:-1], room_kw), abs=charging.NEAR_KW)
