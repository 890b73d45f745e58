"""A session begins with a charge card while the charger's line is cut: the app takes it up when it is told of it."""

import re

from tests import factories
from tests.browser import steps, world
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view

TEN_MINUTES_S = 600


def test_what_a_card_began_offline_is_shown_and_then_told_what_to_reach(hardware: Hardware, visitors: Visitors) -> None:
    ann = world.driver_with_car()
    card = factories.id_token(ann, "CARDOFANN")
    [charger] = hardware.connect(world.station("Market"))
    page = visitors.page(ann)
    page.goto("/charge/")
    expect(page.locator("#session-card")).to_have_count(0)

    assert charger.present(card.token) == "Accepted"
    charger.machine.drop_link(stay_down=True)
    charger.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=30)
    charger.wait_for(lambda one: one.evse().session)
    page.goto("/charge/")
    expect(page.locator("main")).to_contain_text("Nothing to charge at yet")
    charger.machine.restore_link()
    charger.pass_time(TEN_MINUTES_S)
    expect(page.locator("#started-by-card")).to_contain_text("charge card")
    expect(page.locator("#session-card")).to_have_attribute("data-look", "charging")
    accessible(page)

    page.get_by_role("link", name="Say what you need").click()
    page.locator("label[for=change_mode_fast]").click()
    page.get_by_label("Battery now").fill("32")
    page.get_by_label("Battery wanted").fill("70")
    expect(page.locator("#change-price")).to_have_text(re.compile(r"€\d"))
    accessible(page)
    in_view(page)
    page.get_by_role("button", name="Confirm the change").click()
    expect(page.locator("#session-card")).to_contain_text("wanted 70%")
    expect(page.locator("#session-card")).to_contain_text("Fast")
    session = steps.the_session(ann)
    assert (session.started_by_card, session.need.mode, session.need.target_soc_percent) == (True, "fast", 70)
