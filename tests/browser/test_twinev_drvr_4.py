"""TWINEV_DRVR_4: a charge session of a private charge point."""

import re

from tests.browser import steps, world
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view

SOC, TARGET = 30, 60
FIVE_MINUTES_S = 300


def test_twinev_drvr_4_the_own_charge_point_is_used_without_a_reservation(
    hardware: Hardware, visitors: Visitors
) -> None:
    ann = world.driver_with_car()
    row = world.station("At home", owner=ann)
    [charger] = hardware.connect(row, version="2.0.1")
    page = visitors.page(ann)
    page.goto("/")
    expect(page.locator("#station-map")).to_be_visible()
    expect(page.locator("#station-map .pin:not(.pin--me)")).to_have_count(0)

    page.goto("/charge/")
    page.get_by_label("Vehicle", exact=True).select_option(index=0)
    page.get_by_label("Charge point", exact=True).select_option(label=f"At home · {row.identity}")
    accessible(page)
    steps.fill_charge_form(page, mode="fast", soc=SOC, target=TARGET, minutes=120)
    page.get_by_role("button", name="Charge", exact=True).click()
    charger.wait_for_remote_start()
    charger.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=SOC)
    card = page.locator("#session-card[data-look=charging]")
    expect(card).to_be_visible()
    expect(page.locator("#charge-form")).to_have_count(0)
    for told in ("At home", row.identity, "Renault Zoe", "Fast", f"{TARGET}%"):
        expect(card).to_contain_text(told)
    steps.wait_for_plan(charger)
    charger.pass_time(FIVE_MINUTES_S)
    expect(card.locator(".ring__figure")).to_have_text(re.compile(f"{SOC + 1}|{SOC + 2}"))
    dialog = steps.open_details(page)
    expect(dialog.locator("canvas").first).to_be_visible()
    accessible(page)
    in_view(page)
