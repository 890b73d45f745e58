"""TWINEV_GRD_1: add a new restriction."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page

from chargepoints.models import ChargePoint
from smac.models import FlexOrder
from tests import factories
from tests.browser import grid, world
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
    grid.group(SOUTH, points[2], parent=root)
    dso = factories.grid_operator(root)
    page = visitors.page(dso, size=DESKTOP)
    grid.open_map(page, points=3)
    accessible(page)

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
