"""Kilowatts and wall clocks in, watts and moments out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gridops.forms import OrderForm
from tests.factories import NOW
from tests.gridops.conftest import Area, form_data

START, END = "2026-11-23T18:00", "2026-11-23T20:00"


def filled(area: Area, **changes: Any) -> OrderForm:
    return OrderForm(form_data(area, **{"starts_at": START, "ends_at": END, **changes}), user=area.dso, now=NOW)


def test_the_window_is_told_in_the_time_of_the_place(area: Area) -> None:
    form = filled(area)

    assert form.is_valid(), form.errors
    assert form.order()["starts_at"] == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    assert form.order()["max_power_w"] == 5000
    assert form.order()["floor_w"] == 4200
    assert form.order()["mandatory"] is True


def test_a_chosen_zone_counts_more_than_the_first_place(area: Area) -> None:
    area.foreign.supply_point.location.time_zone = "Europe/Athens"
    area.foreign.supply_point.location.save()
    area.group.charge_points.add(area.foreign)

    form = filled(area, zone="Europe/Athens")

    assert form.is_valid(), form.errors
    assert form.order()["starts_at"] == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def test_the_form_offers_the_zone_with_most_points_and_its_next_quarter(area: Area) -> None:
    form = OrderForm(user=area.dso, now=NOW)

    assert [zone.name for zone in form.zones] == ["Europe/Berlin"]
    assert form["starts_at"].value() == "2026-11-23T13:15"
    assert form["ends_at"].value() == "2026-11-23T15:15"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("charge_points", {"charge_points": []}),
        ("max_power_kw", {"max_power_kw": ""}),
        ("max_power_kw", {"max_power_kw": "-1"}),
        ("starts_at", {"starts_at": "2026-11-23T09:00"}),
        ("starts_at", {"starts_at": "soon"}),
        ("ends_at", {"ends_at": START}),
        ("ends_at", {"ends_at": ""}),
        ("max_export_kw", {"v2g": "on", "max_export_kw": ""}),
        ("floor_kw", {"floor_kw": ""}),
        ("scope", {"scope": "some"}),
    ],
)
def test_a_wrong_field_is_told_at_the_field(area: Area, field: str, changes: dict[str, Any]) -> None:
    form = filled(area, **changes)

    assert not form.is_valid()
    assert set(form.errors) == {field}


def test_a_foreign_charge_point_is_no_choice(area: Area) -> None:
    form = filled(area, charge_points=[area.points[0].pk, area.foreign.pk])

    assert set(form.errors) == {"charge_points"}


def test_without_the_check_no_floor_is_kept_and_nothing_goes_to_the_grid(area: Area) -> None:
    data = form_data(area, starts_at=START, ends_at=END, max_export_kw="3")
    del data["keep_floor"]
    form = OrderForm(data, user=area.dso, now=NOW)

    assert form.is_valid(), form.errors
    assert form.order()["floor_w"] == 0
    assert form.order()["max_export_w"] == 0


def test_a_start_that_is_just_past_means_now(area: Area) -> None:
    assert filled(area, starts_at="2026-11-23T12:50").is_valid()
    late = OrderForm(
        form_data(area, starts_at="2026-11-23T12:50", ends_at=END), user=area.dso, now=NOW + timedelta(minutes=10)
    )
    assert set(late.errors) == {"starts_at"}
