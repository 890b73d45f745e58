"""Three drivers wait for one charger: each has the turn in the order of coming, and whoever gives it up makes room."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from chargepoints.models import ChargePoint, Reservation
from drivers.models import QueueEntry
from tests import factories
from tests.browser import steps, world
from tests.browser.hardware import Charger, Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view
from tests.browser.waiting import until

State = QueueEntry.State


@pytest.fixture
def busy(hardware: Hardware) -> tuple[ChargePoint, Charger]:
    """The only station around, with somebody's car at it."""
    row = world.station("Markt", of=factories.operator("Steinheim Mobil"))
    [charger] = hardware.connect(row)
    guest = factories.driver("guest")
    factories.id_token(guest, "CARD0001")
    charger.plug_in(capacity_wh=world.CAPACITY_WH, soc_percent=50)
    charger.present("CARD0001")
    until(lambda: row.transactions.filter(state="active").exists(), "the guest charges")
    return row, charger


def test_three_drivers_wait_and_each_has_the_turn_in_order(
    busy: tuple[ChargePoint, Charger], visitors: Visitors
) -> None:
    row, charger = busy
    ann, bob, eve = (visitors.page(world.driver_with_car(name)) for name in ("ann", "bob", "eve"))
    _finds_it_in_use(ann)
    for place, page in enumerate((ann, bob, eve), start=1):
        page.goto(f"/?station={row.pk}")
        page.get_by_role("button", name="Join the queue").click()
        expect(page.locator(f"[data-place='{place}']")).to_be_visible()
    accessible(eve)
    in_view(eve)

    charger.unplug()
    # Nobody reloads: the turn comes by itself, and those behind move up.
    expect(ann.locator("[data-turn]")).to_be_visible()
    expect(eve.locator("[data-place='2']")).to_be_visible()
    accessible(ann)
    in_view(ann)
    ann.get_by_role("button", name="Leave it to the next").click()
    expect(bob.locator("[data-turn]")).to_be_visible()
    bob.get_by_role("button", name="I am coming").click()
    bob.wait_for_url(re.compile(r"/charge/"))
    expect(bob.locator("#reservation")).to_contain_text(row.identity)
    expect(eve.locator("[data-place='1']")).to_be_visible()
    _states_are(ann=State.LEFT, bob=State.TAKEN, eve=State.WAITING)
    assert Reservation.objects.get(status=Reservation.Status.ACTIVE).driver.username == "bob"


def _finds_it_in_use(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Show stations in use, too").check()
    page.get_by_role("button", name="Search").click()
    expect(page.locator("[data-busy]")).to_contain_text("Markt")
    expect(page.locator("#station-map .pin--offline")).to_have_count(1)
    accessible(page)
    steps.settled(page)


def _states_are(**wanted: str) -> None:
    def states() -> dict[str, Any]:
        return dict(QueueEntry.objects.values_list("driver__username", "state"))

    until(lambda: states() == wanted, f"the queue is {wanted}")
