"""Giving an order."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from smac.models import ChargingNeed, FlexOrder, Series
from smac.services import foreseeing, judging, planning
from smac.slots import SLOT, floor
from tests import factories
from tests.gridops.conftest import Area, form_data, order
from tests.smac import world


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

    series = {each["kind"]: each["values"] for each in answer.context["drawn"].chart["series"]}
    assert max(series["baseline"]) > 10
    assert max(series["plan"]) == pytest.approx(5.0, abs=0.01)
    assert series["limit"] == [10.0, 10.0]  # five for each of the two points
    assert reverse("gridops:preview_chart") in preview(console, data)


def test_nothing_is_drawn_of_a_foreign_point(area: Area, console: Client) -> None:
    answer = console.post(reverse("gridops:preview_chart"), form_data(area, charge_points=[area.foreign.pk]))

    assert "drawn" not in answer.context
    assert not FlexOrder.objects.exists()


def test_with_the_curves_come_energy_cost_and_co2_and_who_bears_it(area: Area, console: Client) -> None:
    need, now = needs_much(area), timezone.now()
    point = area.points[0].supply_point
    for kind, value in (("import_price", 0.25), ("co2", 400.0)):
        series = Series.objects.create(kind=kind, supply_point=point)
        for quarter in range(110):
            world.value(series, floor(now) + quarter * SLOT, value, known_at=now - timedelta(days=1))
    planning.run(supply_point_id=point.pk, now=now)
    data = at_once(area)
    assert 'id="preview-effect" class="preview-effect" aria-busy="true"' in preview(console, data)
    answer = console.post(reverse("gridops:preview_chart"), data)
    told = answer.content.decode().replace("\u00a0", " ")

    less_wh = needs_in_window_wh(need) - 10_000  # five kilowatts for the two hours, to the minute
    energy_wh = answer.context["drawn"].effect.energy_wh
    assert energy_wh == pytest.approx(-less_wh, abs=200)
    effect = told.split('id="preview-effect"')[1]
    assert 'hx-swap-oob="true"' in effect
    assert f"{energy_wh / 1000:.1f} kWh" in effect
    assert "Borne by drivers, by their tariffs:" in effect
    assert "-€" in effect
    assert "kg" in effect


def needs_in_window_wh(need: ChargingNeed) -> float:
    """What a session draws until it leaves in two hours."""
    return need.battery_capacity_wh * (need.target_soc_percent - need.soc_percent) / 100 / need.charge_efficiency


def test_an_optimiser_that_fails_is_told_and_the_order_can_be_saved_all_the_same(
    area: Area, console: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_much(area)
    for module, name in ((judging, "judge_together"), (foreseeing, "solve_together")):
        monkeypatch.setattr(module, name, lambda *_arguments, **_more: 1 / 0)
    told = preview(console, at_once(area))
    assert "The optimiser failed" in told
    assert "data-ask-again" in told
    curves = console.post(reverse("gridops:preview_chart"), at_once(area)).content.decode()
    assert "curves, cost and CO₂ are not known" in curves

    answer = save(console, at_once(area)).content.decode()
    assert "The optimiser has not answered. The limit holds all the same" in answer
    assert "Pending" in answer
    made = FlexOrder.objects.get()
    assert made.status == FlexOrder.Status.PENDING
    details = console.get(reverse("gridops:order", args=[made.pk])).content.decode()
    assert "The optimiser has not answered yet." in details


def test_an_optimiser_that_is_late_gives_an_estimate_and_no_limit(
    area: Area, console: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_much(area)
    monkeypatch.setattr(judging, "TIME_LIMIT_S", 0.0)
    monkeypatch.setattr(judging, "_LEAST_S", 0.0)
    told = preview(console, at_once(area))

    assert "This is an estimate: the optimiser did not answer in time." in told
    assert "the least feasible limit is not known" in told
    assert "data-ask-again" in told
    assert "data-set-limit" not in told


def test_the_preview_shows_what_else_holds_at_the_same_time_and_which_binds(area: Area, console: Client) -> None:
    now = timezone.now()
    order(area, max_power_w=3_000, starts_at=now, ends_at=now + timedelta(hours=1))
    order(area, area.points[0], max_power_w=9_000, starts_at=now + timedelta(hours=5), ends_at=now + timedelta(hours=6))
    told = preview(console, at_once(area))

    assert "Other restrictions at the same time" in told
    assert "3.0 kW" in told
    assert "The other one is tighter: it binds." in told
    assert "9.0 kW" not in told


def test_what_others_ordered_on_foreign_points_is_not_shown_beside_it(area: Area, console: Client) -> None:
    order(area, area.foreign, by=area.other_dso, max_power_w=3_000)
    assert "Other restrictions" not in preview(console, at_once(area))


def test_a_time_that_comes_twice_is_asked_back_in_the_preview(area: Area, console: Client) -> None:
    year = timezone.now().year + 1
    day = next(day for day in range(31, 24, -1) if date(year, 10, day).weekday() == 6)
    night = {"starts_at": f"{year}-10-{day}T02:30", "ends_at": f"{year}-10-{day}T06:00"}
    told = preview(console, form_data(area, **night))
    assert "This time comes twice" in told
    assert "The second, an hour later, UTC+01:00" in told
    chosen = preview(console, form_data(area, **night, starts_which="1"))
    assert "Feasible" in chosen
    assert 'value="1" id="starts_which_1" checked' in chosen


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
