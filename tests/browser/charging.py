"""From the reservation to the orange card, and what has to hold then: the postconditions of TWINEV_DRVR_3_1 to 3_5."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page

from chargepoints.models import ChargePoint
from drivers.models import ChargeSession
from tests.browser import steps, world
from tests.browser.curves import Curves
from tests.browser.hardware import Charger
from tests.browser.visitors import accessible, expect, in_view, painted
from tests.browser.waiting import until

MINUTES = 120
METER_EVERY_S = 600
# By which the meter is ahead of the last value that it told, at 11 kW.
LESS_THAN_A_SAMPLE_KWH = 1.9
# The card rounds.
ROUNDING_KWH = 0.06
# A plan that differs by less than 250 W is not sent again.
NEAR_KW = 0.3


@dataclass(frozen=True)
class Wish:
    """What the driver fills in; ``name`` is the mode as the driver reads it. V2G with a floor where one is given."""

    mode: str
    name: str
    soc: int
    target: int
    floor: int | None = None


def begin(page: Page, charger: Charger, row: ChargePoint, wish: Wish, *, max_discharge_w: float = 0) -> Locator:
    """Reserve, fill in the form, press "Charge" and plug in; the orange card of the charge that has begun."""
    steps.reserve(page, row)
    steps.fill_charge_form(page, mode=wish.mode, soc=wish.soc, target=wish.target, minutes=MINUTES)
    if wish.floor is not None:
        page.get_by_label("My battery may give energy back").check()
        page.get_by_label("Never below").fill(str(wish.floor))
    expect(page.locator("#quote-price")).to_contain_text("€")
    accessible(page)

    page.get_by_role("button", name="Charge", exact=True).click()
    expect(page.locator("#session-card[data-look=starting]")).to_be_visible()
    expect(page.locator("#charge-form")).to_have_count(0)
    charger.wait_for_remote_start()
    charger.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=wish.soc, max_discharge_w=max_discharge_w)
    charger.wait_for(lambda one: one.evse().session)
    card = page.locator("#session-card[data-look=charging]")
    expect(card).to_be_visible()
    expect(page.locator("#charge-form")).to_have_count(0)
    steps.wait_for_plan(charger)
    return card


def card_corresponds_to_the_form(page: Page, card: Locator, row: ChargePoint, wish: Wish) -> None:
    session = steps.the_session()
    _is_kept(session, wish)
    expect(card.get_by_role("heading", name="Markt")).to_be_visible()
    expect(card).to_contain_text(row.identity)
    expect(card).to_contain_text("Renault Zoe")
    expect(card.locator(".pill", has_text=wish.name)).to_be_visible()
    expect(card.locator(".ring__target")).to_contain_text(str(wish.target))
    expect(card.locator(".ring__figure")).to_contain_text(str(wish.soc))
    left = card.locator("[data-until]")
    expect(left).to_have_attribute("data-until", re.compile(session.planned_end_at.strftime("%Y-%m-%dT%H:%M:%S")))
    expect(page.locator("header .status-icon--charging")).to_contain_text(str(wish.soc))
    red, green, blue = painted(card, "border-top-color")
    assert red > green > blue, "the card is orange"
    in_view(page)


def _is_kept(session: ChargeSession, wish: Wish) -> None:
    need = session.need
    assert session.transaction is not None
    assert (need.mode, need.soc_percent, need.target_soc_percent) == (wish.mode, wish.soc, wish.target)
    assert need.v2g_allowed == (wish.floor is not None)
    if wish.floor is not None:
        assert need.floor_soc_percent == wish.floor
    stay = (session.planned_end_at - session.requested_at).total_seconds()
    assert stay == pytest.approx(MINUTES * 60, abs=1)


def open_curves(page: Page, wish: Wish, *, refreshing: bool = False) -> Locator:
    """The button of information next to the energy; the dialog with its two charts drawn."""
    dialog = steps.open_details_while_the_card_refreshes(page) if refreshing else steps.open_details(page)
    expect(dialog.locator("[data-chart] .chart__plot")).to_have_count(2)
    expect(dialog.locator("canvas").first).to_be_visible()
    expect(steps.fact(dialog, "Battery")).to_have_text(re.compile(rf"{wish.soc}.*{wish.target}"))
    return dialog


def card_and_curve_follow_the_meter(
    card: Locator, charger: Charger, curves: Curves, quarters: Iterable[int], *, gives_back: bool = False
) -> None:
    """The charger's time passes until the last of these quarters; in each of them its meter told what was planned.

    New values change the card at once, and each minute whatever happens; nobody reloads the page.
    """
    expect(card).to_have_attribute("hx-trigger", re.compile("every 60s"))
    wanted, planned_kw = list(quarters), curves.steps("plan")
    charger.wait_for(lambda one: one.power_w() < -1_000 if gives_back else one.power_w() > 1_000)
    charger.pass_time(curves.seconds_until(wanted[-1], charger.machine.clock.now()))
    told = until(lambda: _told(curves.again().measured_kw(), wanted), "the meter told of every quarter")
    differences_kw = {quarter: abs(told[quarter] - planned_kw[quarter]) for quarter in wanted}
    assert max(differences_kw.values()) < NEAR_KW, f"told {told}, planned {planned_kw}"
    _card_says_what_was_metered(card, charger, gives_back=gives_back)


def _card_says_what_was_metered(card: Locator, charger: Charger, *, gives_back: bool) -> None:
    meter = charger.machine.evse().meter
    metered_kwh = (meter.export_wh if gives_back else meter.import_wh) / 1000
    figure = steps.fact(card, "Given back" if gives_back else "Energy")
    expect(figure).to_be_visible()
    until(
        lambda: steps.kwh_in(figure) == pytest.approx(_told_kwh(gives_back), abs=ROUNDING_KWH),
        "the card says what the meter told",
    )
    assert metered_kwh - LESS_THAN_A_SAMPLE_KWH < steps.kwh_in(figure) < metered_kwh + ROUNDING_KWH
    expect(steps.fact(card, "Cost so far")).not_to_have_text(re.compile(r"^0[.,]00|–"))


def _told_kwh(gives_back: bool) -> float:
    row = steps.the_session().transaction
    assert row is not None
    return (row.export_wh if gives_back else row.energy_wh) / 1000


def _told(measured_kw: dict[int, float], quarters: list[int]) -> dict[int, float]:
    return measured_kw if set(quarters) <= set(measured_kw) else {}
