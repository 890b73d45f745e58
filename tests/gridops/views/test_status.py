"""The Status tab."""

from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePoint, ChargePointGroup, Connector, Transaction
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


def test_the_map_holds_the_points_of_the_user_alone(area: Area, console: Client) -> None:
    answer = console.get(reverse("gridops:points"))

    assert answer.json()["points"]["identity"] == ["STM-1", "STM-2"]
    assert area.foreign.identity not in answer.content.decode()
    assert area.foreign.supply_point.name not in answer.content.decode()
    assert "Athens" not in answer.content.decode()


def test_a_map_that_has_not_changed_is_not_sent_again(area: Area, console: Client) -> None:
    first = console.get(reverse("gridops:points"))
    assert "no-cache" in first["Cache-Control"]
    assert "private" in first["Cache-Control"]

    again = console.get(reverse("gridops:points"), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")

    ChargePoint.objects.filter(pk=area.points[0].pk).update(latitude=52)
    moved = console.get(reverse("gridops:points"), headers={"If-None-Match": first["ETag"]})
    assert moved.status_code == 200


def test_the_news_tell_what_is_drawn_and_then_only_what_changed(area: Area, console: Client) -> None:
    running = factories.transaction(area.points[0].evses.get(), power_w=7_400)
    factories.transaction(area.foreign.evses.get(), power_w=9_000)

    first = console.get(reverse("gridops:news")).json()
    assert (first["id"], first["state"], first["power"]) == ([area.points[0].pk], "f", [74])

    same = console.get(reverse("gridops:news"), {"since": first["version"]}).json()
    assert (same["version"], same["since"], same["id"]) == (first["version"], first["version"], [])

    Transaction.objects.filter(pk=running.pk).update(power_w=0)
    Connector.objects.filter(evse__charge_point=area.points[1]).update(status=Connector.Status.CHARGING)
    changed = console.get(reverse("gridops:news"), {"since": first["version"]}).json()
    assert dict(zip(changed["id"], zip(changed["state"], changed["power"], strict=True), strict=True)) == {
        area.points[0].pk: ("f", 0),
        area.points[1].pk: ("c", 0),
    }


def test_the_search_finds_own_points_only(area: Area, console: Client) -> None:
    def found(text: str) -> str:
        return console.get(reverse("gridops:search"), {"q": text}).content.decode()

    assert "STM-1" in found("stm")
    assert "ATH-1" not in found("ath")
    assert "STM-1" in found(area.points[0].supply_point.location.name)


def test_what_was_told_to_another_person_is_no_ground_to_tell_less(area: Area, console: Client) -> None:
    factories.transaction(area.points[0].evses.get(), power_w=7_400)
    told = console.get(reverse("gridops:news")).json()["version"]

    answer = browser(area.other_dso).get(reverse("gridops:news"), {"since": told}).json()

    assert answer["since"] == ""


def test_a_point_that_left_the_branch_is_not_told_of_any_more(area: Area, console: Client) -> None:
    factories.transaction(area.points[0].evses.get(), power_w=7_400)
    first = console.get(reverse("gridops:news")).json()
    area.points[0].groups.clear()

    answer = console.get(reverse("gridops:news"), {"since": first["version"]}).json()

    assert answer["id"] == []
    assert answer["layout"] != first["layout"]  # which makes the page ask for the map anew
    assert console.get(reverse("gridops:points")).json()["version"] == answer["layout"]


def test_an_operator_without_groups_is_told_so(db: None) -> None:
    ChargePointGroup.objects.create(name="Steinheim")
    page = browser(factories.grid_operator()).get(reverse("gridops:status")).content.decode()

    assert "No group is assigned to you" in page
    assert "Steinheim" not in page
