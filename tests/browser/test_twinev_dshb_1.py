"""TWINEV_DSHB_1: the dashboard's transactions, live."""

import re

from tests import factories
from tests.browser import steps, world
from tests.browser.hardware import Hardware
from tests.browser.visitors import DESKTOP, Visitors, accessible, expect, in_view

TEN_MINUTES_S = 600


def test_twinev_dshb_1_the_table_follows_a_session_without_a_reload(hardware: Hardware, visitors: Visitors) -> None:
    operator, other = factories.operator("Steinheim Mobil"), factories.operator("Attiki Charge")
    row, foreign = world.station("Markt", of=operator), world.station("Piräus", of=other)
    charger, foreign_charger = hardware.connect(row, foreign)
    ann = factories.driver("ann")
    card, other_card = factories.id_token(ann), factories.id_token(factories.driver("bob"))
    page = visitors.page(factories.staff(operator), size=DESKTOP)
    page.goto("/dashboard/transactions/")
    expect(page.locator("[data-row]")).to_have_count(0)
    page.evaluate("window.neverReloaded = true")
    accessible(page)

    for machine, token in ((foreign_charger, other_card), (charger, card)):
        machine.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=40)
        assert machine.present(token.token) == "Accepted"
    line = page.locator("[data-row]")
    expect(line).to_have_count(1)
    expect(line).to_contain_text(row.identity)
    expect(line).to_contain_text("Markt")
    expect(line).to_contain_text("ann")
    expect(line.locator(".pill")).to_have_class(re.compile("pill--charging"))
    expect(page.locator("#figures .figure", has_text="Sessions running")).to_contain_text("1")

    charger.pass_time(TEN_MINUTES_S)
    metered_kwh = charger.machine.evse().meter.import_wh / 1000
    assert metered_kwh > 0.1
    expect(line.locator("td").nth(6)).to_contain_text(f"{metered_kwh:.2f}"[:-1])

    assert charger.present(card.token) == "Accepted"
    expect(line.locator(".pill")).to_have_class(re.compile("pill--finished"))
    expect(line.locator("td").nth(9)).to_contain_text("€")
    assert page.evaluate("window.neverReloaded") is True
    accessible(page)
    in_view(page)

    steps.settled(page)
    line.get_by_role("link").click()
    drawer = page.locator("#drawer")
    expect(drawer.locator("canvas")).to_be_visible()
    expect(drawer).to_contain_text("StartTransaction")
    accessible(page)
