"""TWINEV_DRVR_3_4: a charge session of a reserved charge point at minimal cost."""

from datetime import datetime

import pytest
from django.utils import timezone

from chargepoints.domain.quarters import quarter_start
from tests.browser import charging, steps, world
from tests.browser.curves import Curves, at
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, accessible

# A little now, then dear, then the cheap hour. The cheap hour takes 11 kWh of the 13.6 that are needed, so charging
# begins at once, pauses, and goes on at the step.
PRICES = [0.15, 0.18, 0.20, 0.40, 0.05, 0.05, 0.05, 0.05]
DEAR_SLOT, CHEAP_SLOTS = 3, range(4, 8)
DEAR = 0.40
WISH = charging.Wish(mode="cheap", name="Cheap", soc=40, target=65)
FULL_KW = 11.0


@pytest.fixture
def market(transactional_db: None) -> datetime:
    """The quarter with which the prices begin."""
    world.market_prices(PRICES, then=DEAR)
    return quarter_start(timezone.now())


def test_twinev_drvr_3_4_a_cheap_session_charges_in_the_cheapest_quarters(
    market: datetime, hardware: Hardware, visitors: Visitors
) -> None:
    row = world.station("Markt", price="0.10", follows_market=True)
    [charger] = hardware.connect(row, meter_every_s=charging.METER_EVERY_S)
    page = visitors.page(world.driver_with_car())
    card = charging.begin(page, charger, row, WISH)
    charging.card_corresponds_to_the_form(page, card, row, WISH)
    accessible(page)
    charging.open_curves(page, WISH)
    accessible(page)
    curves = Curves(page, steps.the_session(), market)
    _energy_goes_into_the_cheapest_slots(curves)
    charging.card_and_curve_follow_the_meter(card, charger, curves, [DEAR_SLOT, *CHEAP_SLOTS])


def _energy_goes_into_the_cheapest_slots(curves: Curves) -> None:
    planned_kw, price = curves.steps("plan"), curves.context("price")
    assert at(CHEAP_SLOTS, planned_kw) == pytest.approx([FULL_KW] * 4, abs=charging.NEAR_KW)
    assert planned_kw[DEAR_SLOT] == pytest.approx(0, abs=charging.NEAR_KW)
    assert planned_kw.get(CHEAP_SLOTS.stop, 0) == pytest.approx(0, abs=charging.NEAR_KW)
    assert max(at(CHEAP_SLOTS, price)) < min(price[slot] for slot in price if slot not in CHEAP_SLOTS)
