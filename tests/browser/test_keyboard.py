"""The whole way of a driver by keyboard alone: every step is reached by Tab, can be seen where it is, and works."""

import re

from playwright.sync_api import Locator, Page

from tests.browser import steps, world
from tests.browser.hardware import Hardware
from tests.browser.visitors import DESKTOP, Visitors, expect

# From one end of a page to the other.
_MOST_STOPS = 60
# A radio button is drawn by its label.
_LOOKS_OTHERWISE_WITH_FOCUS = """element => {
    const drawn = [element, ...(element.labels || [])];
    const look = () => drawn.map((one) => getComputedStyle(one)).map((style) => style.outline + style.boxShadow).join();
    const focused = look();
    element.blur();
    const left = look();
    element.focus({focusVisible: true});
    return focused !== left;
}"""


def test_a_driver_searches_reserves_charges_and_picks_up_without_a_mouse(
    hardware: Hardware, visitors: Visitors
) -> None:
    row = world.station("Markt")
    [charger] = hardware.connect(row)
    page = visitors.page(world.driver_with_car(), size=DESKTOP)
    page.goto("/")
    _press(page, page.get_by_role("button", name="Search", exact=True))
    _press(page, page.locator(f"[data-open-station='{row.pk}']"))
    _press(page, page.locator(f"#station-{row.pk}").get_by_role("button", name="Reserve"))
    _press(page, page.locator("#reserved").get_by_role("link", name="Accept"))
    page.wait_for_url(re.compile(r"/charge/"))

    _to(page, page.locator("[name=mode]:checked"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#id_mode_green")).to_be_checked()
    _to(page, page.get_by_label("Battery wanted"))
    page.keyboard.press("Home")
    page.keyboard.press("End")
    _press(page, page.get_by_role("button", name="Charge", exact=True))
    charger.wait_for_remote_start()
    charger.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=40)
    card = page.locator("#session-card[data-look=charging]")
    expect(card).to_be_visible()
    steps.wait_for_plan(charger)
    assert steps.the_session().need.mode == "green"
    assert steps.the_session().need.target_soc_percent == 100

    _press(page, page.get_by_role("button", name="End charge"))
    _press(page, page.get_by_role("button", name="End now"))
    charger.wait_for(lambda one: one.evse().session is None)
    expect(page.locator("[data-look=finished]")).to_be_visible()
    charger.unplug()
    _press(page, page.get_by_role("button", name="Pick up vehicle"))
    expect(page.locator("#session-card[data-look=closed]")).to_be_visible()


def _press(page: Page, wanted: Locator) -> None:
    _to(page, wanted)
    page.keyboard.press("Enter")


def _to(page: Page, wanted: Locator) -> None:
    """By Tab, as far as it takes. Figures that are swapped in meanwhile may not throw the focus away."""
    expect(wanted).to_be_visible()
    steps.settled(page)
    for _stop in range(_MOST_STOPS):
        if wanted.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()
    assert wanted.evaluate(_LOOKS_OTHERWISE_WITH_FOCUS), f"nobody sees that {wanted} has the focus"
