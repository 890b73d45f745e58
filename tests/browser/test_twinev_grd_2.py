"""TWINEV_GRD_2: check a restriction's effect."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page

from chargepoints.domain.metering import ENERGY_IMPORT
from chargepoints.models import MeterValue
from smac.models import FlexOrder
from tests import factories
from tests.browser import grid, steps, world
from tests.browser.hardware import Charger, Hardware
from tests.browser.visitors import DESKTOP, Visitors, accessible, expect

LIMIT_KW = 5.0


def test_twinev_grd_2_the_charts_show_the_limit_and_the_plan_keeps_it(hardware: Hardware, visitors: Visitors) -> None:
    row = world.station("Markt", identity="CP-MARKT")
    [charger] = hardware.connect(row)
    driver = visitors.page(world.driver_with_car())
    steps.reserve(driver, row)
    steps.charge(driver, charger, soc=20, target=70, mode="fast", minutes=240)
    charger.wait_for(lambda one: one.power_w() > 10_000)

    page = visitors.page(factories.grid_operator(grid.group("Steinheim", row)), size=DESKTOP)
    grid.restrict_all(page, limit_kw=LIMIT_KW)
    charger.wait_for(lambda one: one.power_w() <= LIMIT_KW * 1000)
    _the_meter_keeps_it(charger)
    page.get_by_role("link", name="Historical").click()
    order = FlexOrder.objects.get()
    assert order.status == FlexOrder.Status.SUCCESS
    page.wait_for_url("**/historical/")
    steps.settled(page)
    page.locator(f"tr[data-order='{order.pk}']").get_by_role("link", name="Charts and details").click()
    drawer = page.locator("dialog#drawer")
    expect(drawer).to_be_visible()
    expect(drawer.get_by_role("heading", name="Charge profile")).to_be_visible()
    expect(drawer.get_by_role("heading", name="Flexibility")).to_be_visible()
    expect(drawer.locator("[data-chart] canvas")).to_have_count(2)
    _limit_is_drawn_and_kept(page, order)
    accessible(page)


def _the_meter_keeps_it(charger: Charger) -> None:
    """As the meter tells the server from then on: no reading is above the limit, and it is used."""
    before = set(MeterValue.objects.values_list("pk", flat=True))
    charger.pass_time(300)
    readings = MeterValue.objects.filter(measurand=ENERGY_IMPORT).exclude(pk__in=before).order_by("at")
    register = list(readings.values_list("at", "value"))
    powers = [
        (later_wh - wh) / ((later - at).total_seconds() / 3600)
        for (at, wh), (later, later_wh) in pairwise(register)
        if later - at >= timedelta(seconds=30)
    ]
    assert len(powers) >= 3
    assert max(powers) <= LIMIT_KW * 1000 * 1.01
    assert min(powers) > 4_000


def _limit_is_drawn_and_kept(page: Page, order: FlexOrder) -> None:
    legend = page.locator("#drawer .chart__legend").first
    expect(legend).to_contain_text("Limit")
    expect(legend).to_contain_text("Plan")
    curves = _curves(page, f"/grid/orders/{order.pk}/power.json")
    start, end = order.starts_at.timestamp(), order.ends_at.timestamp()
    assert curves["limit"] == [(start, LIMIT_KW), (end, LIMIT_KW)]
    later = (order.created_at + timedelta(minutes=15)).timestamp()
    within = [kw for at, kw in curves["plan"] if later <= at < end]
    assert within
    assert max(within) <= LIMIT_KW + 0.01
    assert max(within) > 4
    after = [kw for at, kw in curves["plan"] if at >= end]
    assert max(after) > LIMIT_KW
    assert {"plan", "flex_up", "flex_down"} <= set(_curves(page, f"/grid/orders/{order.pk}/flexibility.json"))


def _curves(page: Page, address: str) -> dict[str, list[tuple[float, float]]]:
    """(epoch seconds, kW) of each curve, by its kind."""
    chart: Any = page.request.get(address).json()
    return {series["kind"]: list(zip(series["times"], series["values"], strict=True)) for series in chart["series"]}
