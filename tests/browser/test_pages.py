"""Every main page of every role, in all languages: it comes, it fits the screen, and it leaves nobody out."""

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

from chargepoints.models import ChargePoint
from tests import factories
from tests.browser import grid, world
from tests.browser.visitors import DESKTOP, PHONE, Visitors, accessible, expect, in_view

LANGUAGES = [code for code, _name in settings.LANGUAGES]
PAGES = {
    "stranger": ["/", "/terms/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"],
    "driver": [
        "/",
        "/charge/",
        "/charge/history/",
        "/bookings/",
        "/vehicles/",
        "/vehicles/add/",
        "/vehicles/shared/",
        "/me/",
        "/terms/",
    ],
    "grid operator": ["/grid/", "/grid/historical/"],
    "staff": [
        "/dashboard/transactions/",
        "/dashboard/commands/",
        "/dashboard/locations/",
        "/dashboard/checks/",
        "/dashboard/cards/",
        "/dashboard/cards/add/",
        "/dashboard/refused/",
        "/dashboard/charge-points/register/",
    ],
}


@pytest.fixture
def points(transactional_db: None) -> list[ChargePoint]:
    operator = factories.operator("Steinheim Mobil")
    return [world.station("Markt", of=operator), world.station("Bahnhof", of=operator, km_north=1)]


@pytest.fixture
def people(points: list[ChargePoint]) -> dict[str, Any]:
    operator = points[0].supply_point.location.operator
    assert operator is not None
    return {
        "stranger": None,
        "driver": world.driver_with_car(),
        "grid operator": factories.grid_operator(grid.group("Steinheim", *points)),
        "staff": factories.staff(operator),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_main_page_comes_without_an_error_and_asks_nobody_but_this_machine_and_the_map_tiles(
    language: str, people: dict[str, Any], visitors: Visitors
) -> None:
    for role, person in people.items():
        page = visitors.page(person, language=language, size=PHONE if role in ("stranger", "driver") else DESKTOP)
        for address in PAGES[role]:
            _comes_whole(page, address, language)
    tiles = [address for address in visitors.addresses if address.startswith(settings.TILE_ORIGIN)]
    assert tiles
    assert not visitors.troubles, "\n".join(visitors.troubles)


def _comes_whole(page: Page, address: str, language: str) -> None:
    answer = page.goto(address, wait_until="load" if language == "en" else "domcontentloaded")
    assert answer is not None
    assert answer.status == 200, address
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("main h1").first).to_be_attached()
    in_view(page)
    if language == "en":
        accessible(page)


def test_the_watch_notices_scripts_that_fail_and_pages_that_ask_others(visitors: Visitors) -> None:
    page = visitors.page()
    page.goto("/terms/")
    page.evaluate("setTimeout(() => { throw new Error('broken') })")
    page.evaluate("fetch('https://elsewhere.example/').catch(() => 0)")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    expect(page.locator("main")).to_be_visible()
    seen = "\n".join(visitors.troubles)
    visitors.troubles.clear()
    assert "broken" in seen
    assert "Content Security Policy" in seen
    assert "connect-src" in seen
