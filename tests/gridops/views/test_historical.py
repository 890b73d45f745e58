"""The Historical tab."""

import csv
from datetime import timedelta
from io import StringIO

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gridops.views import historical
from tests import factories
from tests.gridops.conftest import Area, browser, order


def page(console: Client, **filters: str) -> str:
    return console.get(reverse("gridops:historical"), filters).content.decode()


def row_of(pk: int) -> str:
    return f'data-order="{pk}"'


def test_an_order_stands_there_as_it_was_given(area: Area, console: Client) -> None:
    order(area, max_power_w=7_400, v2g=True, max_export_w=3_000, reason="Evening peak")
    shown = page(console)

    for text in (str(area.dso), "STM-1", "STM-2", "7.4\u00a0kW", "3.0\u00a0kW", "Evening peak", "Success", "Active"):
        assert text in shown


def test_an_unfeasible_order_says_why(area: Area, console: Client) -> None:
    verdict = {"feasible": False, "certain": True, "least_limit_w": 7000.0, "hit": [], "missed": [{"missed_wh": 2000}]}
    order(area, status="unfeasible", verdict=verdict)

    assert "Not feasible below 7\u00a0kW: 1 session would miss 2\u00a0kWh." in page(console)


def test_orders_of_foreign_groups_are_not_shown(area: Area, console: Client) -> None:
    foreign = order(area, area.foreign, by=area.other_dso)

    assert row_of(foreign.pk) not in page(console)
    assert row_of(foreign.pk) in page(browser(area.other_dso))


def test_of_a_shared_order_the_foreign_points_are_only_counted(area: Area, console: Client) -> None:
    order(area, area.points[0], area.foreign)
    shown = page(console)

    assert "ATH-1" not in shown
    assert "1 outside your groups" in shown
    assert "withdraw-" not in shown


def test_filters_in_the_address_choose(area: Area, console: Client) -> None:
    now = timezone.now()
    active = order(area)
    upcoming = order(area, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2), status="unfeasible")
    ended = order(area, starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=2))
    withdrawn = order(area, withdrawn_at=now)
    everything = {active.pk, upcoming.pk, ended.pk, withdrawn.pk}

    def found(**filters: str) -> set[int]:
        return {pk for pk in everything if row_of(pk) in page(console, **filters)}

    assert found() == everything
    assert found(time="active") == {active.pk}
    assert found(time="upcoming") == {upcoming.pk}
    assert found(time="ended") == {ended.pk}
    assert found(time="withdrawn") == {withdrawn.pk}
    assert found(status="unfeasible") == {upcoming.pk}
    assert found(status="success", time="upcoming") == set()
    assert found(time="nonsense") == everything


def test_what_is_over_cannot_be_withdrawn(area: Area, console: Client) -> None:
    now = timezone.now()
    ended = order(area, starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=2))
    active = order(area)
    shown = page(console)

    assert f"withdraw-{active.pk}" in shown
    assert f"withdraw-{ended.pk}" not in shown


def test_the_table_has_pages(area: Area, console: Client) -> None:
    made = [order(area, created_at=timezone.now() - timedelta(hours=index)) for index in range(historical.PER_PAGE + 1)]

    assert row_of(made[0].pk) in page(console)
    assert row_of(made[-1].pk) not in page(console)
    assert row_of(made[-1].pk) in page(console, after=str(made[-2].pk))


def test_htmx_gets_the_table_alone(area: Area, console: Client) -> None:
    order(area)
    answer = console.get(reverse("gridops:historical"), headers={"HX-Request": "true"})

    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]


def test_the_list_is_sorted_by_a_click_on_a_head(area: Area, console: Client) -> None:
    low, high = order(area, max_power_w=1_000), order(area, max_power_w=9_000)
    up, down = page(console, sort="power"), page(console, sort="-power")

    assert up.index(row_of(low.pk)) < up.index(row_of(high.pk))
    assert down.index(row_of(high.pk)) < down.index(row_of(low.pk))
    assert 'aria-sort="descending"' in down
    assert "?sort=power" in down


def test_filters_and_order_stay_while_one_turns_pages(area: Area, console: Client) -> None:
    for _ in range(historical.PER_PAGE + 1):
        order(area)
    shown = page(console, status="success", sort="-start")

    assert "status=success&amp;sort=-start&amp;after=" in shown


def test_an_overlap_is_told_in_the_list_and_in_the_drawer(area: Area, console: Client) -> None:
    colleague = factories.grid_operator(area.group)
    mine = order(area, max_power_w=7_000)
    order(area, max_power_w=5_000, by=colleague)

    assert "Overlaps 5.0\u00a0kW: that one is tighter and binds" in page(console)
    assert "Overlaps 7.0\u00a0kW: this one is tighter and binds" in page(console)
    drawer = console.get(reverse("gridops:order", args=[mine.pk])).content.decode()
    assert "The other one is tighter: it binds." in drawer
    assert f"ordered by {colleague}" in drawer


def test_the_list_as_a_file_is_filtered_and_holds_no_foreign_point(area: Area, console: Client) -> None:
    kept = order(area, area.points[0], area.foreign, reason="=cmd|calc", status="unfeasible")
    order(area)
    answer = console.get(reverse("gridops:historical_csv"), {"status": "unfeasible"})
    [row] = csv.DictReader(StringIO(answer.content.decode()))

    assert (row["order"], row["charge_points"], row["charge_points_of_others"]) == (str(kept.pk), "STM-1", "1")
    assert row["reason"] == "'=cmd|calc"
    assert row["starts_at"].endswith("Z")
    assert "ATH-1" not in answer.content.decode()


def test_the_file_holds_every_page(area: Area, console: Client) -> None:
    for _ in range(historical.PER_PAGE + 2):
        order(area)
    lines = console.get(reverse("gridops:historical_csv")).content.decode().splitlines()

    assert len(lines) == historical.PER_PAGE + 3


def test_the_list_asks_no_more_queries_for_more_orders(area: Area, console: Client) -> None:
    counts = []
    for more in (1, 10):
        for _ in range(more):
            order(area)
        with CaptureQueriesContext(connection) as queries:
            page(console)
        counts.append(len(queries))

    assert counts[0] == counts[1]
