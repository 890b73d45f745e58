"""TWINEV_GRD_1: add a new restriction."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page

from chargepoints.models import ChargePoint, ChargePointGroup
from smac.models import ChargingNeed, FlexOrder
from smac.services import limits
from tests import factories
from tests.browser import grid, steps, world
from tests.browser.visitors import DESKTOP, Visitors, accessible, expect

NORTH, SOUTH = "Steinheim Nord", "Steinheim Süd"


@pytest.fixture
def points(transactional_db: None) -> list[ChargePoint]:
    """Two in the north, one in the south, and one that is not the grid operator's."""
    operator = factories.operator("Steinheim Mobil")
    return [
        world.station("Markt", of=operator, identity="CP-N1", km_north=2),
        world.station("Bahnhof", of=operator, identity="CP-N2", km_north=1),
        world.station("Therme", of=operator, identity="CP-S1", km_north=-1),
        world.station("Fremd", of=operator, identity="CP-X"),
    ]


def test_twinev_grd_1_a_restriction_is_saved_and_stands_in_historical(
    points: list[ChargePoint], visitors: Visitors
) -> None:
    root = grid.group("Steinheim")
    grid.group(NORTH, *points[:2], parent=root)
    south = grid.group(SOUTH, points[2], parent=root)
    ChargePointGroup.objects.filter(pk=south.pk).update(capacity_w=40_000)
    dso = factories.grid_operator(root)
    page = visitors.page(dso, size=DESKTOP)
    grid.open_map(page, points=3)
    accessible(page)

    _loads_are_live_in_colour_and_words(page, points[2])
    _areas_are_taken_by_mouse_and_by_key(page)
    _search_leads_to_a_point_that_keys_select(page)
    _hidden_groups_stay_selected(page)
    _select_by_click_and_by_group(page)
    start = (grid.local_now() + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    end = start + timedelta(hours=3)
    grid.fill(page, limit_kw=5.5, starts_at=start, ends_at=end)
    page.locator("label[for=id_scope_1]").click()
    page.get_by_label("Use vehicle-to-grid where possible").check()
    page.get_by_label("Max. power to the grid").fill("3")
    page.get_by_label("Reason").fill("Transformer check")
    expect(page.locator("#preview .verdict")).to_be_visible()
    accessible(page)

    message = grid.save(page)
    expect(message).to_contain_text("5.5")
    accessible(page)
    message.get_by_role("button", name="Close").last.click()
    expect(message).to_be_hidden()

    page.get_by_role("link", name="Historical").click()
    order = FlexOrder.objects.get()
    line = page.locator("tbody tr")
    expect(line).to_have_count(1)
    for told in (dso.username, "CP-N1", "CP-S1", "5.5", "for all together", "3.0", "Transformer check"):
        expect(line).to_contain_text(told)
    expect(line).not_to_contain_text("CP-N2")
    expect(line.get_by_role("img", name="yes")).to_be_visible()
    moments = line.locator("td time").evaluate_all("times => times.map(time => Date.parse(time.dateTime) / 1000)")
    assert moments[1:3] == [round(start.timestamp()), round(end.timestamp())]
    expect(line).to_contain_text(order.get_status_display())
    assert order.status in (FlexOrder.Status.SUCCESS, FlexOrder.Status.UNFEASIBLE)
    accessible(page)
    _needs_much(points[1])
    _an_unfeasible_restriction_is_changed_with_one_click(page)
    _another_is_ordered_all_the_same(page, dso)
    _the_selection_outlasts_the_tab_but_not_the_login(page)


def _loads_are_live_in_colour_and_words(page: Page, point: ChargePoint) -> None:
    running = factories.transaction(point.evses.get(), power_w=45_000)
    page.locator("#grid-map").dispatch_event("changed")
    pin = page.locator("#grid-map .pin[aria-label*='CP-S1']")
    expect(pin.locator(".pin__note")).to_have_text("45.0\u00a0kW · 90%")
    expect(pin.locator(".load-ring--warning")).to_have_count(1)
    feeders, connections = page.locator("#feeder-loads li"), page.locator("#connection-loads li")
    expect(feeders).to_contain_text([re.compile(SOUTH + r"\s*113%.*40\.0\s+kW\s*Overloaded")])
    expect(connections.first).to_contain_text("Nearly full")
    expect(page.locator("#grid-map")).not_to_contain_text("CP-X")
    running.delete()


def _areas_are_taken_by_mouse_and_by_key(page: Page) -> None:
    chosen, none = page.locator("#chosen li"), page.get_by_role("button", name="Unselect all", exact=True)
    _drag(page, page.get_by_role("button", name="Select a rectangle"), "CP-N1", "CP-N2")
    expect(chosen).to_contain_text(["CP-N1", "CP-N2"])
    expect(page.locator("#chosen-sum")).to_contain_text(re.compile(r"Charge points\s*2.*Power possible\s*22\.0", re.S))
    page.keyboard.down("Control")
    _drag(page, page.get_by_role("button", name="Select an area"), "CP-N2", "CP-N2")
    page.keyboard.up("Control")
    expect(chosen).to_contain_text(["CP-N1"])
    none.click()
    page.keyboard.down("Shift")
    _drag(page, None, "CP-N2", "CP-S1")
    page.keyboard.up("Shift")
    expect(chosen).to_contain_text(["CP-N2", "CP-S1"])
    none.click()
    box = page.get_by_role("button", name="Select a rectangle")
    for key, found in (("Escape", 0), ("Enter", 3)):
        box.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#area-hint")).to_be_visible()
        page.keyboard.press(key)
        expect(chosen).to_have_count(found)
        expect(box).to_be_focused()
    none.click()


def _drag(page: Page, tool: Locator | None, first: str, last: str) -> None:
    """Around two points: by a rectangle, or by the corners of one as a line."""
    if tool:
        tool.click()
    begin, end = (page.locator(f"#grid-map .pin[aria-label*='{name}']").bounding_box() for name in (first, last))
    assert begin is not None
    assert end is not None
    left, top = begin["x"] - 20, begin["y"] - 10
    right, bottom = end["x"] + end["width"] + 20, end["y"] + end["height"] + 10
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom)):
        page.mouse.move(x, y, steps=2)
    if tool and "free" in (tool.get_attribute("data-select-area") or ""):
        page.mouse.move(left, bottom, steps=2)
    page.mouse.up()


def _search_leads_to_a_point_that_keys_select(page: Page) -> None:
    box = page.get_by_label("Search charge points")
    box.fill("bahn")
    expect(page.locator("#suggestions li")).to_have_count(1)
    accessible(page)
    page.keyboard.press("Enter")
    pin = page.locator("#grid-map .pin[aria-label*='CP-N2']")
    expect(pin).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#chosen li")).to_contain_text(["CP-N2"])
    expect(pin).to_be_focused()
    page.get_by_role("button", name="Show the whole area").click()


def _hidden_groups_stay_selected(page: Page) -> None:
    pins, chosen = page.locator("#grid-map .leaflet-marker-pane .pin"), page.locator("#chosen li")
    page.get_by_role("button", name="Show or hide groups").click()
    dialog = page.get_by_role("dialog", name="Show or hide groups")
    dialog.get_by_label(NORTH).uncheck()
    dialog.get_by_role("button", name="Done").click()
    expect(pins).to_have_count(1)
    expect(chosen).to_contain_text(["CP-N2"])
    page.reload()
    expect(chosen).to_contain_text(["CP-N2"])
    expect(pins).to_have_count(1)
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("button", name="Show the whole area").click()
    expect(pins).to_have_count(3)
    chosen.get_by_role("button", name="Unselect: CP-N2").click()
    expect(chosen).to_have_count(0)


def _needs_much(point: ChargePoint) -> None:
    """A car that needs about ten of its eleven kilowatts all the time until it leaves in two hours."""
    evse, now = point.evses.get(), timezone.now()
    ChargingNeed.objects.create(
        evse=evse,
        transaction=factories.transaction(evse, started_at=now),
        status=ChargingNeed.Status.RUNNING,
        stated_at=now,
        departure_at=now + timedelta(hours=2),
        battery_capacity_wh=80_000,
        soc_percent=10,
        target_soc_percent=33,
        max_charge_w=11_000,
    )


def _an_unfeasible_restriction_is_changed_with_one_click(page: Page) -> None:
    page.get_by_role("link", name="Status 2 selected").click()
    expect(page.locator("#chosen li")).to_have_count(2)
    page.get_by_role("button", name="Unselect all", exact=True).click()
    page.locator("#grid-map .pin[aria-label*='CP-N2']").click()
    _fill_from_now(page, limit_kw=5)
    expect(page.locator("#preview .verdict")).to_contain_text("Not feasible below")
    expect(page.locator("#preview")).to_have_attribute("aria-busy", "false")
    message = grid.save(page)
    expect(message).to_contain_text("Unfeasible")
    expect(message).to_contain_text("CP-N2")
    accessible(page)
    first = FlexOrder.objects.latest("pk")
    message.get_by_role("button", name="Change it to").click()
    changed = page.get_by_role("dialog", name="The restriction was changed")
    expect(changed).to_contain_text("Feasible: 1 session follows the limit")
    accessible(page)
    second = FlexOrder.objects.latest("pk")
    assert (second.replaces, second.max_power_w) == (first, limits.least_limit_w(first))
    assert second.status == FlexOrder.Status.SUCCESS
    first.refresh_from_db()
    assert first.withdrawn_at == second.starts_at
    changed.get_by_role("button", name="Close").last.click()


def _another_is_ordered_all_the_same(page: Page, dso: Any) -> None:
    _fill_from_now(page, limit_kw=4)
    expect(page.locator("#preview")).to_contain_text("Other restrictions at the same time")
    expect(page.locator("#preview")).to_contain_text("This one is tighter: it binds.")
    grid.save(page).get_by_role("link", name="See it in Historical").click()
    order = FlexOrder.objects.latest("pk")
    page.wait_for_url("**/historical/")
    steps.settled(page)
    page.locator(f"tr[data-order='{order.pk}']").get_by_role("link", name="Charts and details").click()
    drawer = page.locator("dialog#drawer")
    drawer.get_by_role("button", name="Order it all the same").click()
    expect(drawer).to_contain_text(f"{dso} accepted who misses what.")
    accessible(page)
    page.keyboard.press("Escape")
    expect(page.locator(f"tr[data-order='{order.pk}']")).to_contain_text(f"Ordered all the same by {dso}")
    kept = order.acceptances.get()
    assert (kept.accepted_by, kept.missed) == (dso, order.verdict["missed"])


def _fill_from_now(page: Page, limit_kw: float) -> None:
    now = grid.local_now()
    grid.fill(page, limit_kw=limit_kw, starts_at=now, ends_at=now + timedelta(hours=2))


def _the_selection_outlasts_the_tab_but_not_the_login(page: Page) -> None:
    expect(page.locator("[data-selected-at-tab]")).to_have_text(re.compile(r"1\s+selected"))
    assert page.evaluate("Object.keys(sessionStorage).some((key) => key.startsWith('twinev.grid'))")
    page.locator("form[action='/accounts/logout/'] button").dispatch_event("click")
    page.wait_for_url(lambda url: "/grid" not in url)
    assert not page.evaluate("Object.keys(sessionStorage).some((key) => key.startsWith('twinev.grid'))")


def _select_by_click_and_by_group(page: Page) -> None:
    page.locator("#grid-map .pin[aria-label*='CP-N1']").click()
    expect(page.locator("#grid-map .pin.is-selected")).to_have_count(1)
    page.get_by_role("button", name="Select by group").click()
    dialog = page.get_by_role("dialog", name="Select by group")
    dialog.get_by_label(SOUTH).check()
    accessible(page)
    dialog.get_by_role("button", name="Done").click()
    expect(page.locator("#chosen li")).to_have_count(2)
    expect(page.locator("#chosen li")).to_contain_text(["CP-N1", "CP-S1"])
    page.get_by_role("button", name="Show the whole area").click()
    expect(page.locator("#grid-map .pin.is-selected")).to_have_count(2)
