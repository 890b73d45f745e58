"""TWINEV_DRVR_2: reservation of a public charge point."""

import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page

from chargepoints.models import ChargePoint, Reservation
from tests import factories
from tests.browser import steps, world
from tests.browser.hardware import Charger, Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view, painted, words


@pytest.fixture
def stations(hardware: Hardware) -> list[tuple[ChargePoint, Charger]]:
    operator = factories.operator("Steinheim Mobil")
    dear = world.station("Bahnhof", of=operator, km_north=1, price="0.60")
    best = world.station("Markt", of=operator, price="0.20")
    return list(zip([dear, best], hardware.connect(dear, best), strict=True))


def test_twinev_drvr_2_the_greenest_station_is_reserved_and_stands_on_the_charge_screen(
    stations: list[tuple[ChargePoint, Charger]], visitors: Visitors
) -> None:
    best, charger = stations[1]
    page = visitors.page(world.driver_with_car())
    pins = steps.search(page)
    expect(pins).to_have_count(2)
    expect(page.locator("#driver-status .status-icon")).to_have_count(0)

    page.locator("#station-map .pin.pin--rank-4").click()
    page.locator(f"#station-{best.pk}").get_by_role("button", name="Reserve").click()
    reservation = _dialog_names_charger_and_limit(page, best)
    accessible(page)

    page.get_by_role("dialog").get_by_role("link", name="Accept").click()
    page.wait_for_url(re.compile(r"/charge/"))
    expect(page.get_by_role("link", name="Charge", exact=True)).to_have_attribute("aria-current", "page")
    _blue_icon_is_in_the_top_bar(page)
    _charge_screen_shows(page, best, reservation)
    charger.wait_for(lambda one: one.status() == "Reserved")
    accessible(page)
    in_view(page)


def test_twinev_drvr_2_whoever_is_too_late_gets_the_other_free_station_offered(
    stations: list[tuple[ChargePoint, Charger]], visitors: Visitors
) -> None:
    (other, _), (best, _) = stations
    early, late = (visitors.page(world.driver_with_car(name)) for name in ("ann", "bob"))
    steps.search(late)
    steps.reserve(early, best)
    late.locator(f"[data-open-station='{best.pk}']").click()
    late.locator(f"#station-{best.pk}").get_by_role("button", name="Reserve").click()
    refusal = late.get_by_role("dialog")
    expect(refusal.get_by_role("heading", name="Not reserved")).to_be_visible()
    accessible(late)
    refusal.get_by_role("button", name=other.identity).click()
    expect(late.locator("#reserved")).to_contain_text(other.identity)
    assert Reservation.objects.filter(status=Reservation.Status.ACTIVE).count() == 2
    # The browser itself notes an answer that is a refusal (409).
    visitors.troubles[:] = [trouble for trouble in visitors.troubles if "409" not in trouble]


def _dialog_names_charger_and_limit(page: Page, row: ChargePoint) -> Reservation:
    dialog = page.get_by_role("dialog", name=words("en")("Reserved for you"))
    expect(dialog).to_be_visible()
    reservation = Reservation.objects.get()
    until = reservation.expires_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M")
    expect(steps.fact(dialog, "Charger")).to_have_text(row.identity)
    expect(steps.fact(dialog, "Station")).to_contain_text("Markt")
    expect(steps.fact(dialog, "Plug in until")).to_contain_text(until)
    expect(dialog.get_by_role("link", name="Guide me there")).to_be_visible()
    return reservation


def _blue_icon_is_in_the_top_bar(page: Page) -> None:
    icon = page.locator("header .status-icon")
    expect(icon).to_have_class(re.compile("status-icon--reserved"))
    expect(icon.get_by_role("img", name="Reserved")).to_be_visible()
    red, green, blue = painted(icon, "background-color")
    assert blue > red
    assert blue > green


def _charge_screen_shows(page: Page, row: ChargePoint, reservation: Reservation) -> None:
    card = page.locator("#reservation")
    expect(card.get_by_role("heading", name="Markt")).to_be_visible()
    expect(steps.fact(card, "Charger")).to_have_text(row.identity)
    moment = card.locator("dd time")
    expect(moment).to_have_attribute("datetime", reservation.expires_at.strftime("%Y-%m-%dT%H:%M:%S+00:00"))
    expect(steps.fact(card, "Vehicle")).to_contain_text("Renault Zoe")
    expect(page.locator("#charge-form")).to_be_visible()
