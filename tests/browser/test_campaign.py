"""An offer from the console's form to a driver's yes, which the console shows without a reload."""

from datetime import timedelta

from playwright.sync_api import Page

from smac.models import Campaign, Participation
from tests import factories
from tests.browser import grid, world
from tests.browser.visitors import DESKTOP, Visitors, accessible, expect, in_view


def test_an_offer_reaches_a_driver_and_the_answer_reaches_the_console(
    transactional_db: None, visitors: Visitors
) -> None:
    ann = world.driver_with_car("ann")
    home = factories.charge_point(owner=ann, identity="HOME-7")
    console = visitors.page(factories.grid_operator(grid.group("Hagedorn", home)), size=DESKTOP)
    _announce(console)
    offer = Campaign.objects.get()
    expect(console.locator("#uptake .big-number").first).to_have_text("0")
    accessible(console)

    phone = visitors.page(ann)
    phone.goto("/charge/")
    phone.locator(f"#offer-{offer.pk}").click()
    expect(phone.locator("#offer-estimate")).to_contain_text("You are not charging in this area now.")
    accessible(phone)
    in_view(phone)
    phone.get_by_role("button", name="Take part").click()
    expect(phone.locator("#offer")).to_contain_text("You take part")
    expect(console.locator("#uptake .big-number").first).to_have_text("1")
    phone.get_by_role("button", name="Leave the offer").click()
    expect(phone.locator("#offer")).to_contain_text("You do not take part")
    expect(console.locator("#uptake")).to_contain_text("1 said no")
    assert Participation.objects.get().state == Participation.State.OUT


def _announce(page: Page) -> None:
    page.goto("/grid/campaigns/")
    page.get_by_role("link", name="New offer").first.click()
    page.get_by_label("Hagedorn").check()
    page.get_by_label("Change of all together").fill("5")
    page.get_by_label("Incentive for each kWh moved").fill("0.25")
    page.get_by_label("Budget").fill("20")
    start = (grid.local_now() + timedelta(hours=2)).replace(minute=0)
    page.get_by_label("Start", exact=True).fill(start.strftime(grid.MOMENT))
    page.get_by_label("End", exact=True).fill((start + timedelta(hours=2)).strftime(grid.MOMENT))
    expect(page.locator("#campaign-preview")).to_contain_text("1 driver would be told now.")
    accessible(page)
    page.get_by_role("button", name="Announce the offer").click()
    page.wait_for_url("**/grid/campaigns/*/")
