"""TWINEV_DSHB_2: the dashboard's commands, live."""

from playwright.sync_api import Page

from chargepoints.models import Command
from tests import factories
from tests.browser import grid, steps, world
from tests.browser.hardware import Hardware
from tests.browser.visitors import DESKTOP, Visitors, accessible, expect


def test_twinev_dshb_2_commands_of_drivers_and_grid_operators_appear_with_their_outcome(
    hardware: Hardware, visitors: Visitors
) -> None:
    operator = factories.operator("Steinheim Mobil")
    row = world.station("Markt", of=operator, identity="CP-MARKT")
    [charger] = hardware.connect(row)
    staff = visitors.page(factories.staff(operator), size=DESKTOP)
    staff.goto("/dashboard/commands/")
    staff.evaluate("window.neverReloaded = true")

    driver = visitors.page(world.driver_with_car())
    steps.reserve(driver, row)
    _is_shown(staff, Command.Kind.RESERVE_NOW, by="ann")
    steps.charge(driver, charger, soc=40, mode="fast", minutes=120)
    _is_shown(staff, Command.Kind.REMOTE_START, by="ann")
    steps.wait_for_plan(charger)
    _is_shown(staff, Command.Kind.SET_CHARGING_PROFILE)

    sent = Command.objects.filter(kind=Command.Kind.SET_CHARGING_PROFILE).count()
    dso = visitors.page(factories.grid_operator(grid.group("Steinheim", row)), size=DESKTOP)
    grid.restrict_all(dso, limit_kw=5)
    charger.wait_for(lambda one: one.limit_w() <= 5_000)
    profiles = staff.locator("[data-row]", has_text=str(Command.Kind.SET_CHARGING_PROFILE.label))
    expect(profiles.nth(sent)).to_be_visible()
    assert staff.evaluate("window.neverReloaded") is True
    accessible(staff)

    steps.settled(staff)
    profiles.first.get_by_role("link").click()
    expect(staff.locator("#drawer")).to_contain_text("CP-MARKT")
    accessible(staff)


def _is_shown(page: Page, kind: Command.Kind, by: str = "") -> None:
    line = page.locator("[data-row]", has_text=str(kind.label)).first
    expect(line).to_contain_text("CP-MARKT")
    expect(line).to_contain_text("Markt")
    expect(line).to_contain_text(by)
    expect(line).to_contain_text(str(Command.Status.ACCEPTED.label))
