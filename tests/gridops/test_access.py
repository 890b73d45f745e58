"""Who gets in, and what they see of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from gridops import access, live
from tests import factories
from tests.gridops.conftest import Area, browser, order

PAGES = ["status", "points", "search", "news", "historical"]
ORDER_PAGES = ["order", "power", "flexibility", "withdraw"]
STRANGERS: dict[str, Callable[[], Any]] = {
    "driver": factories.driver,
    "staff": lambda: factories.staff(factories.operator()),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_anonymous_is_sent_to_the_login(area: Area, name: str) -> None:
    answer = browser().get(reverse(f"gridops:{name}"))

    assert answer.status_code == 302
    assert reverse("identity:login") in answer["Location"]


@pytest.mark.parametrize("name", ["preview", "preview_chart", "create"])
def test_the_anonymous_cannot_order(area: Area, name: str) -> None:
    assert browser().post(reverse(f"gridops:{name}")).status_code == 302


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_refused_every_page(area: Area, name: str, who: str) -> None:
    assert browser(STRANGERS[who]()).get(reverse(f"gridops:{name}")).status_code == 403


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("name", ["preview", "preview_chart", "create"])
def test_a_stranger_cannot_order(area: Area, name: str, who: str) -> None:
    assert browser(STRANGERS[who]()).post(reverse(f"gridops:{name}")).status_code == 403


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("name", ORDER_PAGES)
def test_a_stranger_sees_nothing_of_an_order(area: Area, name: str, who: str) -> None:
    address = reverse(f"gridops:{name}", args=[order(area).pk])

    assert browser(STRANGERS[who]()).get(address).status_code == 403
    assert browser().get(address).status_code == 302


@pytest.mark.parametrize("name", ORDER_PAGES)
def test_another_grid_operator_finds_no_order_of_foreign_groups(area: Area, name: str) -> None:
    address = reverse(f"gridops:{name}", args=[order(area).pk])

    assert browser(area.other_dso).get(address).status_code == 404


def test_a_group_gives_its_whole_branch_and_nothing_else(area: Area) -> None:
    assert set(access.charge_points_of(area.dso)) == set(area.points)
    assert list(access.charge_points_of(factories.driver())) == []


def test_only_who_holds_all_charge_points_may_withdraw(area: Area) -> None:
    shared = order(area, *area.points, area.foreign)

    assert not access.may_withdraw(area.dso, shared)
    assert access.may_withdraw(area.dso, order(area))


def test_only_grid_operators_hear_of_orders(area: Area) -> None:
    assert live.may_hear(area.dso, "orders")
    assert not live.may_hear(area.dso, "operator.1.commands")
    assert not live.may_hear(factories.driver(), "orders")
