"""What is a driver's own: a charger at home from the form to the first sign of life, and the data to take and erase."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from chargepoints.models import ChargePoint
from chargepoints.virtual import EvseSpec, VirtualChargePoint
from tests import factories
from tests.browser import world
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view
from tests.browser.waiting import PATIENCE_S
from tests.servers import Stack


@pytest.fixture
def ann(transactional_db: None) -> Any:
    return world.driver_with_car("ann", plate="HX-AN 1")


def test_a_charger_at_home_is_added_by_keyboard_pointed_here_and_shown_as_connected(
    ann: Any, visitors: Visitors, hardware: Hardware, live_stack: Stack
) -> None:
    page = visitors.page(ann)
    page.goto("/me/charge-points/")
    page.get_by_role("link", name="Add a charge point").click()
    page.get_by_label("Identifier").fill("WALLBOX-7")
    page.get_by_label("Street and number").fill("Lindenweg 5")
    page.get_by_label("Postal code").fill("32839")
    page.get_by_label("City").fill("Steinheim")
    expect(page.locator("#id_latitude")).to_have_value("")
    page.locator("#place-map").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#id_latitude")).not_to_have_value("")
    page.get_by_label("OCPP version").select_option("2.0.1")
    accessible(page)
    in_view(page)
    page.get_by_role("button", name="Add and show the password").press("Enter")

    secret = page.locator("#secret").inner_text()
    expect(page.locator("main")).to_contain_text(f"{live_stack.ocpp_url}/WALLBOX-7")
    accessible(page)
    in_view(page)
    page.get_by_role("link", name="Done: is it connected?").click()
    expect(page.locator("main")).to_contain_text("It has never connected.")
    machine = hardware.do(_start(live_stack, secret))
    try:
        hardware.do(machine.await_online(PATIENCE_S))
        expect(page.locator("main")).to_contain_text("Connected.")
        accessible(page)
        point = ChargePoint.objects.get(identity="WALLBOX-7")
        assert point.location.owner == ann
        assert point.ocpp_version == "2.0.1"
    finally:
        hardware.do(machine.stop())


async def _start(stack: Stack, secret: str) -> VirtualChargePoint:
    machine = VirtualChargePoint(
        "WALLBOX-7", stack.ocpp_url, "2.0.1", secret, [EvseSpec(number=1, max_power_w=11_000, max_discharge_w=0)]
    )
    await machine.start()
    return machine


def test_a_driver_takes_all_data_along_and_then_erases_it(ann: Any, visitors: Visitors, tmp_path: Path) -> None:
    page = visitors.page(ann)
    page.goto("/me/data/")
    accessible(page)
    in_view(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download my data").click()
    download.value.save_as(tmp_path / "mine.json")
    data = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert data["account"]["username"] == "ann"
    assert [one["plate"] for one in data["vehicles"]] == ["HX-AN 1"]

    page.get_by_role("link", name="Erase my account and data").click()
    accessible(page)
    page.get_by_label("Your password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Delete my account for good").click()
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert not get_user_model().objects.filter(username="ann").exists()
    page.goto("/vehicles/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
