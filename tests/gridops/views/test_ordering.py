"""Giving an order."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from smac.models import ChargingNeed, FlexOrder
from smac.services import planning
from tests import factories
from tests.gridops.conftest import Area, form_data


def needs_much(area: Area) -> ChargingNeed:
    """A session that needs all that its charge point gives until tomorrow 12:30 in Berlin, when the order is past."""
    evse = area.points[0].evses.get()
    return ChargingNeed.objects.create(
        evse=evse,
        transaction=factories.transaction(evse, started_at=timezone.now()),
        status=ChargingNeed.Status.RUNNING,
        stated_at=timezone.now(),
        departure_at=timezone.now() + timedelta(hours=2),
        battery_capacity_wh=80_000,
        soc_percent=10,
        target_soc_percent=35,
        max_charge_w=11_000,
    )


def at_once(area: Area, **changes: Any) -> dict[str, Any]:
    """The form for a window that begins now and outlasts the session."""
    area.points[0].supply_point.location.time_zone = "UTC"
    area.points[0].supply_point.location.save()
    now = timezone.now()
    window = {"starts_at": now, "ends_at": now + timedelta(hours=3)}
    return form_data(area, **{name: f"{at:%Y-%m-%dT%H:%M}" for name, at in window.items()}, **changes)


def preview(console: Client, data: dict[str, Any]) -> str:
    return console.post(reverse("gridops:preview"), data).content.decode().replace("\u00a0", " ")


def save(console: Client, data: dict[str, Any]) -> Any:
    return console.post(reverse("gridops:create"), data)


def test_the_preview_says_that_nobody_is_touched_and_saves_nothing(area: Area, console: Client) -> None:
    assert "Feasible: nobody is charging there now." in preview(console, form_data(area))
    assert not FlexOrder.objects.exists()


def test_the_preview_tells_who_misses_what_and_offers_the_least_limit(area: Area, console: Client) -> None:
    needs_much(area)

    told = preview(console, at_once(area))

    assert "Not feasible below" in told
    assert "STM-1/1" in told
    assert "data-set-limit" in told


def test_the_preview_draws_the_power_with_and_without_the_limit(area: Area, console: Client) -> None:
    needs_much(area)
    planning.run(supply_point_id=area.points[0].supply_point_id, now=timezone.now())
    data = at_once(area)
    answer = console.post(reverse("gridops:preview_chart"), data)

    series = {each["kind"]: each["values"] for each in answer.context["chart"]["series"]}
    assert max(series["baseline"]) > 10
    assert max(series["plan"]) == pytest.approx(5.0, abs=0.01)
    assert series["limit"] == [10.0, 10.0]  # five for each of the two points
    assert reverse("gridops:preview_chart") in preview(console, data)


def test_nothing_is_drawn_of_a_foreign_point(area: Area, console: Client) -> None:
    answer = console.post(reverse("gridops:preview_chart"), form_data(area, charge_points=[area.foreign.pk]))

    assert "chart" not in answer.context
    assert not FlexOrder.objects.exists()


def test_the_least_limit_that_the_preview_offers_is_feasible(area: Area, console: Client) -> None:
    needs_much(area)
    limit = preview(console, at_once(area)).split('data-set-limit="')[1].split('"')[0]

    assert float(limit) > 5
    assert "Feasible: 1 session follows the limit" in preview(console, at_once(area, max_power_kw=limit))


def test_the_preview_says_what_is_missing(area: Area, console: Client) -> None:
    assert "Select at least one charge point" in preview(console, form_data(area, charge_points=[]))
    assert "The end must be after the start" in preview(console, form_data(area, ends_at="2020-01-01T10:00"))


def test_the_preview_says_when_the_floor_is_what_holds(area: Area, console: Client) -> None:
    assert "every point keeps 4.2 kW" in preview(console, form_data(area, max_power_kw="2"))


def test_saving_makes_the_order_with_these_points(area: Area, console: Client) -> None:
    answer = save(console, form_data(area, v2g="on", max_export_kw="3", mandatory="no"))

    assert answer.status_code == 200
    assert "The restriction is saved" in answer.content.decode()
    made = FlexOrder.objects.get()
    assert set(made.charge_points.all()) == set(area.points)
    assert (made.max_power_w, made.max_export_w, made.floor_w) == (5000, 3000, 4200)
    assert (made.ordered_by, made.mandatory, made.reason) == (area.dso, False, "Transformer at its limit")
    assert made.status == FlexOrder.Status.SUCCESS


def test_an_unfeasible_order_is_saved_and_answered_so(area: Area, console: Client) -> None:
    needs_much(area)

    answer = save(console, at_once(area))

    assert "Not feasible below" in answer.content.decode()
    assert FlexOrder.objects.get().status == FlexOrder.Status.UNFEASIBLE


def test_an_order_that_names_a_foreign_point_is_refused_whole(area: Area, console: Client) -> None:
    data = form_data(area, charge_points=[area.points[0].pk, area.foreign.pk])

    assert save(console, data).status_code == 422
    assert "ATH-1" not in preview(console, data)
    assert not FlexOrder.objects.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_power_kw": ""}, "Say how many kilowatts"),
        ({"ends_at": "2020-01-01T10:00"}, "The end must be after the start"),
        ({"charge_points": []}, "Select at least one charge point"),
    ],
)
def test_a_wrong_form_comes_back_with_its_errors(
    area: Area, console: Client, changes: dict[str, Any], message: str
) -> None:
    answer = save(console, form_data(area, **changes))

    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#order-fields"
    assert message in answer.content.decode()
    assert 'value="Transformer at its limit"' in answer.content.decode()
