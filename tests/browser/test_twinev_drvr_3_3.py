"""TWINEV_DRVR_3_3: a charge session of a reserved charge point that follows the sun, and gives energy back (V2G)."""

from datetime import datetime

import pytest
from django.utils import timezone

from chargepoints.domain.quarters import quarter_start
from chargepoints.models import ChargePoint
from smac.models import Series
from tests.browser import charging, steps, world
from tests.browser.curves import Curves, at
from tests.browser.hardware import Charger, Hardware
from tests.browser.visitors import Visitors, accessible, expect
from tests.browser.waiting import until

FLOOR = 45
WISH = charging.Wish(mode="green", name="Green", soc=60, target=62, floor=FLOOR)
# Dark, and energy is wanted: what is given back feeds the house first and then the grid. Then there is more sun than
# the car can take.
HOUSE_W = 2_000
SUN_W = [0, 0, 0, 1_000]
SUN_LATER_W = 13_000
PRICES = [0.40, 0.40, 0.30]
PRICES_BACK = [0.35, 0.35]
GIVES_BACK_W = 8_000
DEAR, DARK, SUNNY = 1, range(1, 4), range(4, 8)
# Later the car may want less than can be told to it.
SURE = range(1, 5)
A_LITTLE_KWH = 0.1


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    return world.station("Markt", price="0.10", follows_market=True, max_discharge_w=10_000)


@pytest.fixture
def sun(station: ChargePoint) -> datetime:
    """The quarter with which the forecasts begin."""
    world.market_prices(PRICES, then=0.30)
    world.forecast(station, Series.Kind.EXPORT_PRICE, PRICES_BACK, then=0.02)
    world.forecast(station, Series.Kind.DEMAND, [], then=HOUSE_W)
    world.forecast(station, Series.Kind.PRODUCTION, SUN_W, then=SUN_LATER_W)
    return quarter_start(timezone.now())


def test_twinev_drvr_3_3_a_green_session_gives_energy_back_and_charges_from_the_sun(
    station: ChargePoint, sun: datetime, hardware: Hardware, visitors: Visitors
) -> None:
    [charger] = hardware.connect(station, version="2.0.1", meter_every_s=charging.METER_EVERY_S)
    page = visitors.page(world.driver_with_car(v2g=True, max_discharge_w=GIVES_BACK_W))
    card = charging.begin(page, charger, station, WISH, max_discharge_w=GIVES_BACK_W)
    charging.card_corresponds_to_the_form(page, card, station, WISH)
    expect(card.locator("#plan-reason")).to_contain_text("Gives energy back")
    _charger_obeys_a_negative_limit(charger)

    dialog = charging.open_curves(page, WISH)
    expect(steps.fact(dialog, "Never below")).to_have_text(f"{FLOOR}%")
    curves = Curves(page, steps.the_session(), sun)
    _plan_gives_back_in_the_dark_and_charges_from_the_sun(curves)
    charging.card_and_curve_follow_the_meter(card, charger, curves, SURE, gives_back=True)
    _meter_proves_it(charger, curves)
    accessible(page)


def _charger_obeys_a_negative_limit(charger: Charger) -> None:
    machine = charger.machine
    assert any("-8000" in str(profile) for profile in machine.received("SetChargingProfile"))
    charger.wait_for(lambda one: one.limit_w() == one.power_w() == -GIVES_BACK_W)


def _plan_gives_back_in_the_dark_and_charges_from_the_sun(curves: Curves) -> None:
    planned_kw, sun_kw, house_kw = curves.steps("plan"), curves.context("production"), curves.context("demand")
    assert [sun_kw[DEAR], sun_kw[SUNNY.start], house_kw[DEAR]] == [0, SUN_LATER_W / 1000, HOUSE_W / 1000]
    assert planned_kw[DEAR] == -GIVES_BACK_W / 1000 < -house_kw[DEAR]
    assert max(at(DARK, planned_kw)) < 0 < planned_kw[SUNNY.start]
    for quarter in SUNNY:
        assert 0 <= planned_kw[quarter] <= sun_kw[quarter] - house_kw[quarter]
    assert min(curves.steps("soc").values()) >= FLOOR


def _meter_proves_it(charger: Charger, curves: Curves) -> None:
    """What flowed back by the plan, the charger's register has risen by; and the transaction with it."""
    register_kwh = charger.machine.evse().meter.export_wh / 1000
    assert register_kwh >= -sum(at(DARK, curves.steps("plan"))) / 4 - A_LITTLE_KWH
    until(
        lambda: _given_back_kwh() == pytest.approx(register_kwh, abs=A_LITTLE_KWH),
        f"the transaction says that {register_kwh:.2f} kWh were given back",
    )


def _given_back_kwh() -> float:
    row = steps.the_session().transaction
    assert row is not None
    return row.export_wh / 1000
