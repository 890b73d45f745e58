"""Pages that keep themselves up to date, when the line to the server is slow or lost."""

from playwright.sync_api import Page, Route

from chargepoints.models import ChargePoint, Transaction
from tests import factories
from tests.browser import world
from tests.browser.hardware import Charger, Hardware
from tests.browser.visitors import DESKTOP, Visitors, expect
from tests.browser.waiting import until


def test_what_happens_before_a_page_listens_is_shown_all_the_same(hardware: Hardware, visitors: Visitors) -> None:
    operator = factories.operator("Steinheim Mobil")
    row = world.station("Markt", of=operator)
    [charger] = hardware.connect(row)
    page = visitors.page(factories.staff(operator), size=DESKTOP)
    held: list[Route] = []
    page.context.route("**/live.*js", lambda route: held.append(route))
    page.goto("/dashboard/transactions/", wait_until="commit")
    expect(page.locator("#rows")).to_be_visible()
    until(lambda: _pumped(page) and held, "the page asks for the script that listens")
    _charge(charger, row)
    expect(page.locator("[data-row]")).to_have_count(0)
    held[0].continue_()
    expect(page.locator("[data-row]")).to_contain_text(row.identity)


def _pumped(page: Page) -> bool:
    """Let Playwright hand over what the browser has told meanwhile."""
    page.evaluate("0")
    return True


def _charge(charger: Charger, row: ChargePoint) -> None:
    charger.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=40)
    assert charger.present(factories.id_token(factories.driver("ann")).token) == "Accepted"
    until(Transaction.objects.filter(charge_point=row).exists, "the server knows the transaction")


_WATCH = """
document.addEventListener("DOMContentLoaded", () => { window.isWhole = true; });
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...all) { super(...all); window.heardWhenWhole = window.isWhole === true; }
};
"""


def test_nothing_is_listened_to_before_every_part_of_the_page_can_hear_it(visitors: Visitors) -> None:
    page = visitors.page(factories.driver("ann"))
    page.add_init_script(_WATCH)
    page.goto("/charge/")
    page.wait_for_function("window.heardWhenWhole !== undefined")
    assert page.evaluate("window.heardWhenWhole")
