"""An order that cannot be kept: changed with one click, or ordered all the same."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from smac.models import ChargingNeed, FlexOrder, FlexOrderAcceptance
from smac.services import limits
from tests import factories
from tests.gridops.conftest import Area, browser


@pytest.fixture
def tight(area: Area) -> FlexOrder:
    """Five kilowatts for two hours, for somebody who needs about ten."""
    evse, now = area.points[0].evses.get(), timezone.now()
    ChargingNeed.objects.create(
        evse=evse,
        transaction=factories.transaction(evse, started_at=now),
        status=ChargingNeed.Status.RUNNING,
        stated_at=now,
        departure_at=now + timedelta(hours=2),
        battery_capacity_wh=80_000,
        soc_percent=10,
        target_soc_percent=33,
        max_charge_w=11_000,
    )
    window = {"starts_at": now, "ends_at": now + timedelta(hours=3), "now": now}
    return limits.create_order(
        ordered_by=area.dso, charge_points=area.points, scope="each", max_power_w=5_000, reason="Transformer", **window
    )


def ask(client: Client, name: str, row: FlexOrder, *, htmx: bool = True, **data: Any) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse(f"gridops:{name}", args=[row.pk]), data, headers=headers)


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u00a0", " "))


def details(client: Client, row: FlexOrder) -> str:
    return text(client.get(reverse("gridops:order", args=[row.pk]), headers={"HX-Request": "true"}))


def test_the_details_offer_the_least_limit_and_to_order_it_all_the_same(tight: FlexOrder, console: Client) -> None:
    shown = details(console, tight)
    least_w = limits.least_limit_w(tight)

    assert least_w is not None
    assert f"Change it to {least_w / 1000:.1f} kW" in shown
    assert "Order it all the same" in shown


def test_one_click_changes_the_order_and_shows_the_new_one(tight: FlexOrder, console: Client) -> None:
    least_w = limits.least_limit_w(tight)
    answer = ask(console, "change", tight, limit_w=least_w, shown_in="drawer")

    changed = FlexOrder.objects.get(replaces=tight)
    assert (changed.max_power_w, changed.status, changed.reason) == (least_w, FlexOrder.Status.SUCCESS, "Transformer")
    assert "In the place of the restriction to 5.0 kW" in text(answer)
    told = json.loads(answer["HX-Trigger"])
    assert told["orders-changed"]
    assert told["notice"]["level"] == "success"
    old = details(console, tight)
    assert f"Changed to {changed.max_power_w / 1000:.1f} kW" in old
    assert "Withdrawn" in old
    assert "Changed: another restriction took its place" in old
    assert "Order it all the same" not in old


def test_from_the_answer_after_saving_the_next_answer_comes_in_its_place(tight: FlexOrder, console: Client) -> None:
    answer = ask(console, "change", tight, limit_w=limits.least_limit_w(tight), shown_in="dialog")

    shown = text(answer)
    assert "The restriction was changed" in shown
    assert "It takes the place of the one of 5.0 kW" in shown
    assert "Feasible: 1 session follows the limit" in shown
    assert "<h2>" in shown
    assert "Each charge point" not in shown


def test_without_scripts_the_new_orders_page_follows(tight: FlexOrder, console: Client) -> None:
    answer = ask(console, "change", tight, htmx=False, limit_w=limits.least_limit_w(tight))
    changed = FlexOrder.objects.get(replaces=tight)
    assert (answer.status_code, answer["Location"]) == (302, reverse("gridops:order", args=[changed.pk]))


@pytest.mark.parametrize("limit_w", ["", "6000", "many"])
def test_a_limit_that_was_not_shown_last_changes_nothing(tight: FlexOrder, console: Client, limit_w: str) -> None:
    answer = ask(console, "change", tight, limit_w=limit_w, shown_in="dialog")

    assert "judged anew meanwhile" in text(answer)
    assert "Nothing was changed" in text(answer)
    assert FlexOrder.objects.count() == 1


def test_of_two_clicks_the_second_is_told_that_it_came_too_late(tight: FlexOrder, console: Client) -> None:
    least_w = limits.least_limit_w(tight)
    ask(console, "change", tight, limit_w=least_w, shown_in="dialog")
    answer = ask(console, "change", tight, limit_w=least_w, shown_in="drawer")

    assert FlexOrder.objects.count() == 2
    assert "already ended, or was changed or withdrawn" in json.loads(answer["HX-Trigger"])["notice"]["text"]


def test_whoever_orders_all_the_same_stands_by_name_in_answer_details_and_table(
    area: Area, tight: FlexOrder, console: Client
) -> None:
    answer = ask(console, "accept", tight, seen=limits.misses_digest(tight), shown_in="dialog")

    assert "Ordered all the same" in text(answer)
    assert "STM-1/1" in text(answer)
    kept = FlexOrderAcceptance.objects.get()
    assert (kept.accepted_by, kept.missed) == (area.dso, tight.verdict["missed"])
    shown = details(console, tight)
    assert f"Ordered all the same: {area.dso} accepted who misses what." in shown
    assert "Order it all the same" not in shown
    assert f"Ordered all the same by {area.dso}" in text(console.get(reverse("gridops:historical")))


def test_nothing_is_accepted_that_was_not_shown(tight: FlexOrder, console: Client) -> None:
    for seen in ({}, {"seen": "0123456789abcdef"}):
        assert "judged anew meanwhile" in text(ask(console, "accept", tight, shown_in="dialog", **seen))
    assert not FlexOrderAcceptance.objects.exists()


def test_who_sees_only_some_of_the_points_reads_the_acceptance_without_the_others(
    area: Area, tight: FlexOrder, console: Client
) -> None:
    tight.charge_points.add(area.foreign)
    limits.accept_misses(order=tight, accepted_by=area.dso, now=timezone.now())
    shown = details(browser(area.other_dso), tight)

    assert "accepted who misses what" in shown
    assert "STM-1/1" not in shown
    assert "STM-1/1" in details(console, tight)


@pytest.mark.parametrize("name", ["change", "accept"])
def test_strangers_mend_nothing(area: Area, tight: FlexOrder, name: str) -> None:
    sent = {"limit_w": limits.least_limit_w(tight), "seen": limits.misses_digest(tight)}
    assert ask(browser(), name, tight, **sent).status_code in (302, 401)
    assert ask(browser(area.other_dso), name, tight, **sent).status_code == 404
    assert ask(browser(factories.driver()), name, tight, **sent).status_code == 403
    tight.charge_points.add(area.foreign)
    assert ask(browser(area.other_dso), name, tight, **sent).status_code == 403
    assert ask(browser(area.dso), name, tight, **sent).status_code == 403
    assert browser(area.dso).get(reverse(f"gridops:{name}", args=[tight.pk])).status_code == 405

    assert FlexOrder.objects.count() == 1
    assert not FlexOrderAcceptance.objects.exists()
