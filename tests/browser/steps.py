"""What drivers do again and again in these stories."""

import re
from typing import Any

from django.utils import translation
from playwright.sync_api import Locator, Page, Route

from chargepoints.models import ChargePoint, Transaction
from drivers.models import ChargeSession
from tests.browser import world
from tests.browser.hardware import Charger
from tests.browser.visitors import expect, painted, words
from tests.browser.waiting import until
from twinev.ui import formatting

_CARD = re.compile(r"/charge/\d+/$")


def search(page: Page, language: str = "en") -> Locator:
    """Search within 30 km; the pins of the ranked stations."""
    say = words(language)
    page.goto("/")
    page.get_by_label(say("Max. distance")).fill("30")
    page.get_by_role("button", name=say("Search")).click()
    expect(page.locator("[data-results]")).to_be_visible()
    return page.locator("#station-map .leaflet-marker-pane .pin:not(.pin--me)")


def reserve(page: Page, row: ChargePoint, language: str = "en") -> None:
    """From the ranked list to the accepted reservation, on the Charge screen."""
    say = words(language)
    search(page, language)
    page.locator(f"[data-open-station='{row.pk}']").click()
    page.locator(f"#station-{row.pk}").get_by_role("button", name=say("Reserve")).click()
    page.locator("#reserved").get_by_role("link", name=say("Accept")).click()
    page.wait_for_url(re.compile(r"/charge/"))


def fill_charge_form(page: Page, *, mode: str, soc: int, target: int, minutes: int, language: str = "en") -> None:
    say = words(language)
    page.locator(f"label[for=id_mode_{mode}]").click()
    page.get_by_label(say("Battery now")).fill(str(soc))
    page.get_by_label(say("Battery wanted")).fill(str(target))
    page.get_by_label(say("Charge time")).fill(str(minutes))


def charge(page: Page, charger: Charger, *, soc: int, target: int = 80, language: str = "en", **wish: Any) -> None:
    """Send the form, and plug the car in as soon as the charger was asked to start; ends at the orange card."""
    page.goto("/charge/")
    fill_charge_form(page, soc=soc, target=target, language=language, **wish)
    page.get_by_role("button", name=words(language)("Charge"), exact=True).click()
    charger.wait_for_remote_start()
    charger.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=soc)
    charger.wait_for(lambda one: one.evse().session)
    expect(page.locator("#session-card[data-look=charging]")).to_be_visible()


def open_details(page: Page) -> Locator:
    """Press the button of information next to the energy; the dialog."""
    settled(page)
    page.locator("#session-info").click()
    dialog = page.locator("dialog#dialog")
    expect(dialog).to_be_visible()
    return dialog


def open_details_while_the_card_refreshes(page: Page) -> Locator:
    """The same in the moment in which new figures of the card are on their way: they may not take the tap with them."""
    settled(page)
    held: list[Route] = []
    page.route(_CARD, lambda route: held.append(route), times=1)

    def refresh() -> list[Route]:
        """Again and again: a card that was just swapped in does not listen yet."""
        page.locator("#session-card").dispatch_event("changed")
        return held

    until(refresh, "the card asks for its figures")
    page.locator("#session-info").click()
    dialog = page.locator("dialog#dialog")
    expect(dialog).to_be_visible()
    held.pop().continue_()
    return dialog


def settled(page: Page) -> None:
    """What follows the server has caught up with it, and is alive: a link just swapped in would leave the page."""
    page.wait_for_load_state("networkidle")


def fact(card: Locator, name: str) -> Locator:
    """A figure on a card by its name."""
    return card.locator("dl > div").filter(has=card.page.locator("dt", has_text=name)).locator("dd").first


def shown_kwh(card: Locator, name: str = "Energy", *, language: str = "en") -> float:
    """The energy as the card says it, in kWh."""
    return kwh_in(fact(card, words(language)(name)))


def kwh_in(figure: Locator) -> float:
    """The number that a figure begins with."""
    return float(re.search(r"[\d.,]+", figure.inner_text())[0].replace(",", "."))  # type: ignore[index]


def the_session(driver: Any = None) -> ChargeSession:
    """The only one, or the only one of a driver."""
    mine = {} if driver is None else {"driver": driver}
    return ChargeSession.objects.select_related("need", "transaction", "evse").get(**mine)


def wait_for_plan(charger: Charger) -> None:
    """The optimiser has planned the session, and its profile is in the charger."""
    charger.wait_for(lambda one: any("TxProfile" in str(payload) for payload in one.received("SetChargingProfile")))


def summary_is_real(page: Page, language: str = "en", driver: Any = None) -> None:
    """The card is green and says what the charger metered and what it costs; at public points, until when to leave."""
    say = words(language)
    card = page.locator("#session-card[data-look=finished]")
    expect(card).to_be_visible()
    red, green, blue = painted(card, "border-top-color")
    assert green > red
    assert green > blue
    session = the_session(driver)
    row = session.transaction
    assert row is not None
    assert row.state == Transaction.State.ENDED
    assert row.energy_wh > 0
    assert row.ended_at is not None
    assert session.pick_up_by is not None
    with translation.override(language):
        energy = formatting.kilo(row.energy_wh, "kWh", 1)
        cost = formatting.money(row.cost_amount, row.cost_currency)
        duration = formatting.duration((row.ended_at - row.started_at).total_seconds())
    expect(fact(card, say("Energy"))).to_contain_text(energy)
    expect(fact(card, say("Cost"))).to_have_text(cost)
    expect(fact(card, say("Duration"))).to_have_text(duration)
    left = card.locator(".notice", has_text=say("Time to pick up your vehicle without a penalty:"))
    expect(left.locator("[data-until]")).to_have_text(re.compile(r"\d+"))
    expect(page.locator("header .status-icon")).to_have_class(re.compile("status-icon--finished"))
