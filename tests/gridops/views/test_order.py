"""One order: details, charts, withdrawal."""

import json
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargepoints.models import ChargePoint
from smac.models import FlexOrder, PlanRun
from tests import factories
from tests.gridops.conftest import Area, browser, order


def test_the_drawer_holds_a_chart_for_all_and_for_each_point(area: Area, console: Client) -> None:
    found = order(area)
    shown = console.get(reverse("gridops:order", args=[found.pk]), headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in shown
    assert reverse("gridops:power", args=[found.pk]) in shown
    assert reverse("gridops:flexibility", args=[found.pk]) in shown
    for point in area.points:
        assert reverse("gridops:power_of", args=[found.pk, point.pk]) in shown


def test_the_details_are_a_page_of_their_own_as_well(area: Area, console: Client) -> None:
    assert "<html" in console.get(reverse("gridops:order", args=[order(area).pk])).content.decode()


def test_a_local_battery_has_a_chart_where_there_is_one(area: Area, console: Client) -> None:
    found = order(area)
    supply_point = area.points[0].supply_point
    address = reverse("gridops:storage", args=[found.pk, supply_point.pk])
    assert address not in console.get(reverse("gridops:order", args=[found.pk])).content.decode()

    supply_point.storage_capacity_wh = 60_000
    supply_point.save()

    assert address in console.get(reverse("gridops:order", args=[found.pk])).content.decode()
    assert console.get(address).status_code == 200


def test_the_chart_of_a_point_holds_the_limit(area: Area, console: Client) -> None:
    found = order(area)
    chart = console.get(reverse("gridops:power_of", args=[found.pk, area.points[0].pk])).json()

    limit = next(series for series in chart["series"] if series["kind"] == "limit")
    assert limit["values"] == [5.0, 5.0]
    assert limit["times"] == [round(found.starts_at.timestamp()), round(found.ends_at.timestamp())]


def test_charts_of_foreign_points_are_not_found(area: Area, console: Client) -> None:
    shared = order(area, area.points[0], area.foreign)
    foreign_supply = area.foreign.supply_point_id

    assert console.get(reverse("gridops:power_of", args=[shared.pk, area.foreign.pk])).status_code == 404
    assert console.get(reverse("gridops:storage", args=[shared.pk, foreign_supply])).status_code == 404
    chart = console.get(reverse("gridops:power", args=[shared.pk])).json()
    assert next(series["values"] for series in chart["series"] if series["kind"] == "limit") == [5.0, 5.0]


def kinds(console: Client, found: FlexOrder) -> set[str]:
    chart = console.get(reverse("gridops:flexibility", args=[found.pk])).json()
    return {series["kind"] for series in chart["series"]}


def test_the_limit_stands_in_the_flexibility_where_it_holds_for_all_that_is_drawn(area: Area, console: Client) -> None:
    assert "limit" in kinds(console, order(area))
    assert "limit" not in kinds(console, order(area, area.points[0]))


def test_the_flexibility_of_a_connection_that_foreign_points_share_is_not_told(area: Area, console: Client) -> None:
    run = PlanRun.objects.create(
        supply_point=area.points[0].supply_point,
        made_at=timezone.now() - timedelta(minutes=30),
        status="optimal",
        slot_starts=[(timezone.now() - timedelta(minutes=30)).isoformat()],
        series={"vehicles": [1000.0], "flexibility_up": [500.0], "flexibility_down": [500.0]},
    )
    assert "flex_up" in kinds(console, order(area))
    ChargePoint.objects.filter(pk=area.foreign.pk).update(supply_point=run.supply_point)

    found = order(area)
    assert kinds(console, found) == set()
    drawer = console.get(reverse("gridops:order", args=[found.pk])).content.decode()
    assert "Without connections that charge points outside of your groups share." in drawer


def test_of_many_charge_points_a_few_curves_are_drawn_at_once(area: Area, console: Client) -> None:
    supply = area.points[0].supply_point
    crowd = [factories.charge_point(at=supply, identity=f"CP-{number}") for number in range(6)]
    area.group.charge_points.add(*crowd)
    shown = console.get(reverse("gridops:order", args=[order(area, *crowd).pk])).content.decode()

    assert shown.count("/power/") == 4
    assert "The curve of every other charge point opens from its name in the proof." in shown


def test_charts_refuse_strangers(area: Area) -> None:
    found = order(area)
    for address in (
        reverse("gridops:power_of", args=[found.pk, area.points[0].pk]),
        reverse("gridops:storage", args=[found.pk, area.points[0].supply_point_id]),
    ):
        assert browser().get(address).status_code == 302
        assert browser(area.other_dso).get(address).status_code == 404


def test_withdrawing_asks_first(area: Area, console: Client) -> None:
    found = order(area)
    shown = console.get(reverse("gridops:withdraw", args=[found.pk])).content.decode()

    assert "Withdraw this restriction?" in shown
    found.refresh_from_db()
    assert found.withdrawn_at is None


def test_a_withdrawn_order_is_told_and_the_table_fetches_itself(area: Area, console: Client) -> None:
    found = order(area)
    answer = console.post(reverse("gridops:withdraw", args=[found.pk]))

    found.refresh_from_db()
    assert found.withdrawn_at is not None
    assert answer.status_code == 204
    told = json.loads(answer["HX-Trigger"])
    assert told["dialog-close"]
    assert told["orders-changed"]
    assert told["notice"]["level"] == "success"


def test_what_has_ended_stays(area: Area, console: Client) -> None:
    now = timezone.now()
    found = order(area, starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=2))
    answer = console.post(reverse("gridops:withdraw", args=[found.pk]))

    found.refresh_from_db()
    assert found.withdrawn_at is None
    assert json.loads(answer["HX-Trigger"])["notice"]["level"] == "warning"


def test_an_order_on_foreign_points_too_cannot_be_withdrawn(area: Area, console: Client) -> None:
    shared = order(area, *area.points, area.foreign)

    assert console.post(reverse("gridops:withdraw", args=[shared.pk])).status_code == 403
    shared.refresh_from_db()
    assert shared.withdrawn_at is None


def test_other_grid_operators_cannot_withdraw(area: Area) -> None:
    found = order(area)

    assert browser(area.other_dso).post(reverse("gridops:withdraw", args=[found.pk])).status_code == 404
    found.refresh_from_db()
    assert found.withdrawn_at is None
