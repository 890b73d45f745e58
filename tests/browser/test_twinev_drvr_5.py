"""TWINEV_DRVR_5: manual stop of a charge session."""

import pytest

from tests.browser import steps, world
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view, words

TEN_MINUTES_S = 600


@pytest.mark.parametrize("language", ["de"])
def test_twinev_drvr_5_the_driver_ends_the_charge_and_gets_the_real_figures(
    language: str, hardware: Hardware, visitors: Visitors
) -> None:
    say = words(language)
    row = world.station("Markt", price="0.30")
    [charger] = hardware.connect(row, version="2.0.1")
    page = visitors.page(world.driver_with_car(), language=language)
    steps.reserve(page, row, language)
    steps.charge(page, charger, soc=40, mode="fast", minutes=120, language=language)
    steps.wait_for_plan(charger)
    charger.pass_time(TEN_MINUTES_S)
    running = charger.machine.evse().session
    assert running is not None

    page.goto("/charge/")
    expect(page.locator("#session-card[data-look=charging]")).to_be_visible()
    page.get_by_role("button", name=say("End charge")).click()
    accessible(page)
    page.get_by_role("button", name=say("End now")).click()
    charger.wait_for(lambda one: one.evse().session is None)
    assert charger.machine.power_w() == 0
    steps.summary_is_real(page, language)
    accessible(page)
    in_view(page)

    charger.unplug()
    page.get_by_role("button", name=say("Pick up vehicle")).click()
    expect(page.locator("header .status-icon")).to_have_count(0)
