"""The Status tab."""

from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePointGroup
from tests import factories
from tests.gridops.conftest import Area, browser


def test_the_page_shows_map_tools_and_form(console: Client) -> None:
    page = console.get(reverse("gridops:status")).content.decode()

    assert reverse("gridops:points") in page
    for name in (
        "max_power_kw",
        "scope",
        "v2g",
        "max_export_kw",
        "starts_at",
        "ends_at",
        "floor_kw",
        "mandatory",
        "reason",
    ):
        assert f'name="{name}"' in page
    assert "Feeder 1" in page
    assert "Athens" not in page


def test_the_map_holds_the_points_of_the_user_with_their_power(area: Area, console: Client) -> None:
    factories.transaction(area.points[0].evses.get(), power_w=7_400)

    features = console.get(reverse("gridops:points")).json()["features"]

    found = {feature["properties"]["identity"]: feature["properties"] for feature in features}
    assert set(found) == {"STM-1", "STM-2"}
    assert found["STM-1"]["power_w"] == 7_400
    assert found["STM-2"]["load"] == 7_400 / 50_000  # they hang on one connection
    assert features[0]["geometry"]["coordinates"] == [9.09, 51.87]


def test_the_search_finds_own_points_only(area: Area, console: Client) -> None:
    def found(text: str) -> str:
        return console.get(reverse("gridops:search"), {"q": text}).content.decode()

    assert "STM-1" in found("stm")
    assert "ATH-1" not in found("ath")
    assert "STM-1" in found(area.points[0].supply_point.location.name)


def test_the_load_of_the_connections_counts_what_is_drawn(area: Area, console: Client) -> None:
    factories.transaction(area.points[0].evses.get(), power_w=45_000)

    page = console.get(reverse("gridops:loads")).content.decode()

    assert "45.0\u00a0kW" in page
    assert "meter-bar--warning" in page
    assert area.foreign.supply_point.name not in page


def test_an_operator_without_groups_is_told_so(db: None) -> None:
    ChargePointGroup.objects.create(name="Steinheim")
    page = browser(factories.grid_operator()).get(reverse("gridops:status")).content.decode()

    assert "No group is assigned to you" in page
    assert "Steinheim" not in page
