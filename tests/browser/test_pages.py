"""Every main page of every role, in all languages: it comes, it fits the screen, and it leaves nobody out."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page

from chargepoints.models import ChargePoint
from tests import factories
from tests.browser import charge_states, grid, pictures, states, world
from tests.browser.visitors import (
    DESKTOP,
    PHONE,
    Visitors,
    accessible,
    alone,
    expect,
    in_view,
    painted,
    violations,
)

_A_THUMB_PX = 44
# A field that is drawn by its label is touched there; links within a sentence are as high as its line.
_TOO_SMALL = """(least) => {
    const fields = "input:not([type=hidden]), select, .segmented > label";
    const wanted = `button, a.button, a.icon-button, a.list-card, .bottombar a, summary, ${fields}`;
    const touched = (one) => (one.matches("[type=checkbox], [type=radio]") ? one.labels[0] || one : one);
    return [...document.querySelectorAll(wanted)].map(touched).flatMap((one) => {
        const { width, height } = one.getBoundingClientRect();
        const isThere = one.checkVisibility({ visibilityProperty: true }) && width > 1;
        if (!isThere || (width >= least && height >= least)) return [];
        const size = `${width.toFixed(0)} x ${height.toFixed(0)} px`;
        return [`${one.tagName} "${one.textContent.trim().slice(0, 30)}" ${one.className}: ${size}`];
    });
}"""
# Also those who ask for no motion see a change of colours a frame later.
_COLOURS_ARE_THERE = "Promise.allSettled(document.getAnimations().map((one) => one.finished)).then(() => true)"
# Of 255: what is darker is a dark page.
_DARK = 60

LANGUAGES = [code for code, _name in settings.LANGUAGES]
PAGES = {
    "stranger": ["/", "/stations/", "/terms/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"],
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
            # Drivers' pages are looked at in each of their states below.
            if language == "en" and role not in ("stranger", "driver"):
                accessible(page)
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


def test_every_state_of_the_drivers_pages_leaves_nobody_out_by_day_and_by_night(
    live_server: Any, transactional_db: None, new_context: Any
) -> None:
    cast = states.Cast()
    found: list[str] = []
    for person, walk in ((None, states.of_strangers), (cast.ann, states.of_a_new_driver), (cast.ann, _of_a_driver)):
        page = alone(new_context, live_server.url, person)
        for name in walk(page, cast):
            found += [f"{name}: {wrong}" for wrong in _wrong(page)]
            pictures.keep(page, name)
        page.context.close()
    assert not found, "\n".join(found)


def _of_a_driver(page: Page, cast: states.Cast) -> states.Seen:
    yield from states.of_own_things(page, cast)
    car = cast.ann.vehicles.get()
    for part in (
        charge_states.of_the_way,
        charge_states.of_the_form,
        charge_states.of_a_queue,
        charge_states.of_a_charge,
    ):
        yield from part(page, cast, car)


def _wrong(page: Page) -> Iterator[str]:
    """What axe finds, what does not fit, and what a thumb misses; in the dark only colours differ."""
    page.wait_for_load_state("load")
    in_view(page)
    yield from page.evaluate(_TOO_SMALL, _A_THUMB_PX)
    if found := violations(page):
        yield found
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.evaluate(_COLOURS_ARE_THERE)
    red, green, blue = painted(page.locator("body"), "background-color")
    if max(red, green, blue) > _DARK:
        yield f"not dark: {red} {green} {blue}"
    if found := violations(page, runOnly={"type": "rule", "values": ["color-contrast"]}):
        yield f"in the dark: {found}"
    page.emulate_media(color_scheme="light")


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
