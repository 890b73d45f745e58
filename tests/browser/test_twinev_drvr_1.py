"""TWINEV_DRVR_1: searching charge points in an area."""

import pytest
from playwright.sync_api import Locator, Page

from chargepoints.models import ChargePoint, Connector
from tests import factories
from tests.browser import world
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view, words

NEAR, MIDDLE, FAR = "Markt", "Bahnhof", "Therme"
MISFIT, TOO_FAR = "Autohof", "Paderborn"
MODES = ("basic", "green", "fast", "cheap")


@pytest.fixture
def stations(hardware: Hardware) -> list[ChargePoint]:
    """Three that fit, of which each is the best at something; one with another plug, and one too far away."""
    operator = factories.operator("Steinheim Mobil")
    rows = [
        world.station(NEAR, of=operator, price="0.45", max_power_w=3_700),
        world.station(MIDDLE, of=operator, km_north=2, price="0.60", max_power_w=22_000),
        world.station(FAR, of=operator, km_north=6, price="0.15", max_power_w=7_400),
        world.station(MISFIT, of=operator, km_north=1, price="0.05", standard=Connector.Standard.CHADEMO),
        world.station(TOO_FAR, of=operator, km_north=40, price="0.01", max_power_w=22_000),
    ]
    world.production(rows[2], 30_000)
    hardware.connect(*rows)
    return rows


@pytest.mark.parametrize("language", ["en", "de"])
def test_twinev_drvr_1_stations_are_ranked_for_the_car_and_recoloured_by_mode(
    language: str, stations: list[ChargePoint], visitors: Visitors
) -> None:
    say = words(language)
    page = visitors.page(world.driver_with_car(), language=language)
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#station-map .pin")).to_have_count(len(stations))
    accessible(page)

    page.get_by_label(say("Max. distance")).fill("30")
    page.get_by_role("button", name=say("Search")).click()
    pins = page.locator("#station-map .leaflet-marker-pane .pin:not(.pin--me)")
    expect(pins).to_have_count(3)
    expect(page.locator("#station-map")).to_be_visible()
    assert len(set(_colours(pins))) >= 2
    _only_fitting_ones_are_marked(page)
    accessible(page)
    in_view(page)

    by_mode = {mode: _colours_in(page, pins, mode) for mode in MODES}
    assert len({tuple(colours.items()) for colours in by_mode.values()}) >= 3
    assert by_mode["cheap"][FAR] == by_mode["green"][FAR] == by_mode["fast"][MIDDLE] == 4
    assert by_mode["cheap"][MIDDLE] == by_mode["fast"][NEAR] == 0

    _touch(page, FAR)
    _facts_are_shown(page, stations[2], say("Green share"), say("To charge"), say("Battery on arrival"))
    accessible(page)


def _only_fitting_ones_are_marked(page: Page) -> None:
    names = page.locator("[data-station]").evaluate_all("rows => rows.map(row => row.dataset.name)")
    assert sorted(names) == sorted([NEAR, MIDDLE, FAR])


def _colours(pins: Locator) -> list[str]:
    """What each pin is painted with, worst to best, by its class."""
    return pins.evaluate_all("pins => pins.map(pin => [...pin.classList].find(name => name.startsWith('pin--rank-')))")


def _colours_in(page: Page, pins: Locator, mode: str) -> dict[str, int]:
    """Choose a mode; the colour of each station on the map, 0 the worst to 4 the best."""
    page.locator(f"label[for=result-mode-{mode}]").click()
    wanted = page.locator("[data-station]").evaluate_all(
        "(rows, mode) => rows.map(row => Number(row.getAttribute(`data-colour-${mode}`))).sort()", mode
    )
    shown = "pins => pins.map(pin => [pin.getAttribute('aria-label'), Number(pin.className.match(/rank-([0-4])/)[1])])"
    colours = {label.split(". ", 1)[1]: colour for label, colour in pins.evaluate_all(shown)}
    assert sorted(colours.values()) == wanted
    return colours


def _touch(page: Page, name: str) -> None:
    page.locator(f".leaflet-marker-pane .pin[aria-label$='. {name}']").click()


def _facts_are_shown(page: Page, row: ChargePoint, *facts: str) -> None:
    detail = page.locator(f"#station-{row.pk}")
    expect(detail).to_be_visible()
    expect(detail.get_by_role("heading", name=FAR)).to_be_visible()
    for fact in facts:
        expect(detail.locator("dt:visible", has_text=fact)).to_have_count(1)
    expect(detail).to_contain_text(row.identity)
    expect(detail.locator(".reason:visible")).to_have_count(1)
    expect(detail.locator(".big-number:visible")).to_contain_text("€")
