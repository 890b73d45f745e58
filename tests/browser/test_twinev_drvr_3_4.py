"""TWINEV_DRVR_3_4: a charge session of a reserved charge point at minimal cost."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.models import ChargePoint
from drivers.models import ChargeSession
from tests.browser import steps, world
from tests.browser.hardware import Charger, Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view, painted
from tests.browser.waiting import until

# A little now, then dear, then the cheap hour. The cheap hour takes 11 kWh of the 13.6 that are needed, so charging
# begins at once, pauses, and goes on at the step.
PRICES = [0.15, 0.18, 0.20, 0.40, 0.05, 0.05, 0.05, 0.05]
DEAR_SLOT, CHEAP_SLOTS = 3, range(4, 8)
DEAR = 0.40
SOC, TARGET, MINUTES = 40, 65, 120
FULL_KW = 11.0
FIVE_MINUTES_S = 300
# By which the meter is ahead of the last value that it told.
A_FEW_SECONDS_KWH = 0.1


@pytest.fixture
def market(transactional_db: None) -> datetime:
    """The quarter with which the prices begin."""
    world.market_prices(PRICES, then=DEAR)
    return quarter_start(timezone.now())


def test_twinev_drvr_3_4_a_cheap_session_charges_in_the_cheapest_quarters(
    market: datetime, hardware: Hardware, visitors: Visitors
) -> None:
    row = world.station("Markt", price="0.10", follows_market=True)
    [charger] = hardware.connect(row)
    page = visitors.page(world.driver_with_car())
    steps.reserve(page, row)
    steps.fill_charge_form(page, mode="cheap", soc=SOC, target=TARGET, minutes=MINUTES)
    expect(page.locator("#quote-price")).to_contain_text("€")
    accessible(page)

    page.get_by_role("button", name="Charge", exact=True).click()
    expect(page.locator("#session-card[data-look=starting]")).to_be_visible()
    expect(page.locator("#charge-form")).to_have_count(0)
    accessible(page)
    charger.wait_for_remote_start()
    charger.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=SOC)
    card = page.locator("#session-card[data-look=charging]")
    expect(card).to_be_visible()
    charger.wait_for(lambda one: one.evse().session)
    steps.wait_for_plan(charger)

    _card_corresponds_to_the_form(page, card, row, "Cheap")
    _is_orange(card)
    _card_follows_the_meter(card, charger)
    accessible(page)
    in_view(page)

    dialog = steps.open_details(page)
    expect(dialog.locator("canvas").first).to_be_visible()
    expect(dialog.locator("[data-chart] .chart__plot")).to_have_count(2)
    expect(steps.fact(dialog, "Battery")).to_have_text(re.compile(rf"{SOC}.*{TARGET}"))
    accessible(page)
    _energy_goes_into_the_cheapest_slots(page, steps.the_session(), market)


def _card_corresponds_to_the_form(page: Page, card: Locator, row: ChargePoint, mode: str) -> None:
    session = steps.the_session()
    assert session.transaction is not None
    assert (session.need.mode, session.need.soc_percent, session.need.target_soc_percent) == ("cheap", SOC, TARGET)
    stay = (session.planned_end_at - session.requested_at).total_seconds()
    assert stay == pytest.approx(MINUTES * 60, abs=1)
    expect(card.get_by_role("heading", name="Markt")).to_be_visible()
    expect(card).to_contain_text(row.identity)
    expect(card).to_contain_text("Renault Zoe")
    expect(card.locator(".pill", has_text=mode)).to_be_visible()
    expect(card.locator(".ring__target")).to_contain_text(str(TARGET))
    expect(card.locator(".ring__figure")).to_contain_text(str(SOC))
    left = card.locator("[data-until]")
    expect(left).to_have_attribute("data-until", re.compile(session.planned_end_at.strftime("%Y-%m-%dT%H:%M:%S")))
    expect(page.locator("header .status-icon--charging")).to_contain_text(str(SOC))


def _is_orange(card: Locator) -> None:
    red, green, blue = painted(card, "border-top-color")
    assert red > green > blue


def _card_follows_the_meter(card: Locator, charger: Charger) -> None:
    """New meter values change the figures at once, and each minute whatever happens; nobody reloads the page."""
    expect(card).to_have_attribute("hx-trigger", re.compile("every 60s"))
    before = steps.shown_kwh(card)
    charger.wait_for(lambda one: one.power_w() > 1_000)
    charger.pass_time(FIVE_MINUTES_S)
    expect(card.locator(".ring__figure")).to_have_text(re.compile(f"{SOC + 1}|{SOC + 2}"))
    metered_kwh = charger.machine.evse().meter.import_wh / 1000
    until(
        lambda: before < steps.shown_kwh(card) == pytest.approx(metered_kwh, abs=A_FEW_SECONDS_KWH),
        f"the card says {metered_kwh:.2f} kWh",
    )
    expect(steps.fact(card, "Cost so far")).not_to_have_text(re.compile(r"0[.,]00|–"))


def _energy_goes_into_the_cheapest_slots(page: Page, session: ChargeSession, market: datetime) -> None:
    chart: Any = page.request.get(f"/charge/{session.pk}/chart.json").json()
    plan = next(series for series in chart["series"] if series["kind"] == "plan")
    planned_kw = dict(zip(plan["times"], plan["values"], strict=True))
    at = [round((market + QUARTER * slot).timestamp()) for slot in range(9)]
    assert [planned_kw[at[slot]] for slot in CHEAP_SLOTS] == pytest.approx([FULL_KW] * 4, abs=0.1)
    assert planned_kw[at[DEAR_SLOT]] == pytest.approx(0, abs=0.1)
    assert planned_kw.get(at[8], 0) == pytest.approx(0, abs=0.1)
    assert {series["kind"] for series in chart["series"]} >= {"plan", "measured", "soc"}
    context: Any = page.request.get(f"/charge/{session.pk}/chart.json?part=context").json()
    price = next(series for series in context["series"] if series["kind"] == "price")
    told = dict(zip(price["times"], price["values"], strict=True))
    assert told[at[DEAR_SLOT]] > told[at[CHEAP_SLOTS[0]]]
