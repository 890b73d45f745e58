"""TWINEV_DRVR_3_2: a charge session of a reserved charge point that follows the sun."""

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

WISH = charging.Wish(mode="green", name="Green", soc=40, target=63)
# Sun at once, a cloud, and the sun again: less than is needed. What is missing comes from the grid at its cheapest. It
# would cost less to sell the sun and to take more from the grid then; green does not.
SUN_W = [6_000, 6_000, 0, 0, 9_000, 11_000, 11_000, 8_000]
HOUSE_W = 1_000
PRICES = [0.30, 0.30, 0.30, 0.05]
PRICE_BACK = 0.30
SUNNY, CLOUD, CHEAP = [1, 4, 5, 6, 7], 2, 3


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    return world.station("Markt", price="0.10", follows_market=True)


@pytest.fixture
def sun(station: ChargePoint) -> datetime:
    """The quarter with which the forecasts begin."""
    world.market_prices(PRICES, then=0.30)
    world.forecast(station, Series.Kind.EXPORT_PRICE, [], then=PRICE_BACK)
    world.forecast(station, Series.Kind.DEMAND, [], then=HOUSE_W)
    world.forecast(station, Series.Kind.PRODUCTION, SUN_W, then=0)
    return quarter_start(timezone.now())


def test_twinev_drvr_3_2_a_green_session_follows_the_sun(
    station: ChargePoint, sun: datetime, hardware: Hardware, visitors: Visitors
) -> None:
    [charger] = hardware.connect(station, meter_every_s=charging.METER_EVERY_S)
    page = visitors.page(world.driver_with_car())
    card = charging.begin(page, charger, station, WISH)
    charging.card_corresponds_to_the_form(page, card, station, WISH)
    expect(card.locator("#plan-reason")).to_contain_text("Follows the sun")
    charging.open_curves(page, WISH)
    curves = Curves(page, steps.the_session(), sun)
    _plan_takes_the_sun_first(curves)
    charging.card_and_curve_follow_the_meter(card, charger, curves, range(1, 8))


def _plan_takes_the_sun_first(curves: Curves) -> None:
    planned_kw, sun_kw, house_kw = curves.steps("plan"), curves.context("production"), curves.context("demand")
    assert at(range(1, 8), sun_kw) == [watts / 1000 for watts in SUN_W[1:]]
    surplus_kw = {quarter: sun_kw[quarter] - house_kw[quarter] for quarter in SUNNY}
    assert at(SUNNY, planned_kw) == pytest.approx(at(SUNNY, surplus_kw), abs=charging.NEAR_KW)
    assert planned_kw[CLOUD] == 0
    assert planned_kw[CHEAP] > 0
