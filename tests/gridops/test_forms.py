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


def test_what_is_past_is_refused_with_the_time_at_the_place(area: Area) -> None:
    form = filled(area, starts_at="2026-11-23T12:44")

    assert form.errors["starts_at"] == ["The start must not be in the past: in Berlin it is 13:00."]
    assert filled(area, starts_at="2026-11-23T12:46").is_valid()
    long_past = filled(area, starts_at="2026-11-23T09:00", ends_at="2026-11-23T10:00")
    assert set(long_past.errors) == {"starts_at", "ends_at"}


def night(area: Area, **changes: Any) -> OrderForm:
    """Before the night in which clocks go back: from 25 to 26 October 2025 in Berlin."""
    usual = {"starts_at": "2025-10-26T01:00", "ends_at": "2025-10-26T06:00"}
    return OrderForm(form_data(area, **{**usual, **changes}), user=area.dso, now=datetime(2025, 10, 25, 12, tzinfo=UTC))


def test_a_time_that_clocks_skip_is_refused(area: Area) -> None:
    now = datetime(2025, 3, 29, 12, tzinfo=UTC)
    data = form_data(area, starts_at="2025-03-30T02:30", ends_at="2025-03-30T04:00")
    form = OrderForm(data, user=area.dso, now=now)

    assert form.errors == {"starts_at": ["This time does not exist on that day: clocks go forward."]}
    assert not form.twice
    mended = OrderForm({**data, "starts_at": "2025-03-30T01:30"}, user=area.dso, now=now)
    assert mended.is_valid()
    assert mended.order()["ends_at"] - mended.order()["starts_at"] == timedelta(minutes=90)


def test_a_time_that_comes_twice_has_to_be_chosen(area: Area) -> None:
    form = night(area, starts_at="2025-10-26T02:30")

    assert set(form.errors) == {"starts_at"}
    (asked,) = form.twice
    assert (asked.name, asked.offsets, asked.chosen) == ("starts_which", ("UTC+02:00", "UTC+01:00"), "")
    assert asked.question.startswith("Start: 02:30 comes twice on Oct. 26, 2025")


@pytest.mark.parametrize(("which", "hour"), [("0", 0), ("1", 1)])
def test_the_chosen_one_of_two_counts(area: Area, which: str, hour: int) -> None:
    form = night(area, starts_at="2025-10-26T02:30", starts_which=which)

    assert form.is_valid(), form.errors
    assert form.order()["starts_at"] == datetime(2025, 10, 26, hour, 30, tzinfo=UTC)
    assert [asked.chosen for asked in form.twice] == [which]


def test_an_order_from_the_first_to_the_second_hour_may_end_at_an_earlier_clock_time(area: Area) -> None:
    both = {"starts_at": "2025-10-26T02:30", "ends_at": "2025-10-26T02:15"}
    form = night(area, **both, starts_which="0", ends_which="1")

    assert form.is_valid(), form.errors
    assert form.order()["ends_at"] - form.order()["starts_at"] == timedelta(minutes=45)
    assert set(night(area, **both, starts_which="1", ends_which="0").errors) == {"ends_at"}


def test_a_choice_counts_only_where_a_time_comes_twice(area: Area) -> None:
    form = filled(area, starts_which="1")

    assert form.is_valid(), form.errors
    assert form.order()["starts_at"] == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    assert not form.twice


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
