"""Which orders are listed, in what order, page by page."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chargepoints.models import ChargePointGroup
from gridops import listing
from gridops.listing import KeyPage, Sort
from smac.models import FlexOrder
from tests import factories
from tests.factories import NOW, minutes
from tests.gridops.conftest import Area, order


def found(area: Area, **filters: Any) -> set[int]:
    now = timezone.now()
    return set(listing.Filters(filters, user=area.dso).orders(now).values_list("pk", flat=True))


def test_by_who_ordered(area: Area) -> None:
    colleague = factories.grid_operator(area.group)
    mine, theirs = order(area), order(area, by=colleague)

    assert found(area, by=area.dso.pk) == {mine.pk}
    assert found(area, by=colleague.pk) == {theirs.pk}


def test_by_group_and_its_branch(area: Area) -> None:
    other = factories.charge_point()
    branch = ChargePointGroup.objects.create(name="Feeder 2", parent=area.group)
    branch.charge_points.add(other)
    first, second = order(area), order(area, other)

    assert found(area, group=branch.pk) == {second.pk}
    assert found(area, group=area.group.pk) == {first.pk, second.pk}


def test_a_foreign_group_filters_nothing_and_is_not_offered(area: Area) -> None:
    shared = order(area, area.points[0], area.foreign)
    foreign = ChargePointGroup.objects.get(name="Athens")
    offered = listing.Filters({}, user=area.dso).fields["group"]

    assert found(area, group=foreign.pk) == {shared.pk}
    assert foreign not in offered.queryset  # type: ignore[attr-defined]


def test_by_charge_point_among_the_own_ones_alone(area: Area) -> None:
    first, shared = order(area, area.points[0]), order(area, area.points[1], area.foreign)

    assert found(area, point="stm-1") == {first.pk}
    assert found(area, point="STM") == {first.pk, shared.pk}
    assert found(area, point="ATH") == set()


def test_by_days_as_they_are_counted_at_the_place(area: Area) -> None:
    late = order(area, starts_at=NOW + minutes(10 * 60), ends_at=NOW + minutes(10 * 60 + 30))  # 23:00 in Berlin
    night = order(area, starts_at=NOW + minutes(11 * 60 + 15), ends_at=NOW + minutes(12 * 60))  # 00:15 on the next day

    assert found(area, since="2026-11-24") == {night.pk}
    assert found(area, until="2026-11-23") == {late.pk}
    assert found(area, since="2026-11-23", until="2026-11-24") == {late.pk, night.pk}
    assert found(area, since="yesterday") == {late.pk, night.pk}


def test_only_people_whose_orders_one_sees_are_offered(area: Area) -> None:
    order(area, area.foreign, by=area.other_dso)
    order(area)
    offered = listing.Filters({}, user=area.dso).fields["by"]

    assert list(offered.queryset) == [area.dso]  # type: ignore[attr-defined]


# --- pages ------------------------------------------------------------------------------------------------------------


def walk(area: Area, sort: str, size: int = 2) -> list[int]:
    """All keys from the first page to the last one."""
    keys, after = [], ""
    while True:
        page = pages(area, sort, after=after, size=size)
        keys += [row.pk for row in page.rows]
        if page.after is None:
            return keys
        after = str(page.after)


def pages(area: Area, sort: str, **keys: Any) -> KeyPage:
    return listing.page(area.dso, listing.visible(area.dso), Sort.of(sort), **keys)


@pytest.mark.parametrize("sort", [*listing.SORTS, *(f"-{name}" for name in listing.SORTS)])
def test_every_order_stands_on_one_page_in_the_order_asked_for(area: Area, sort: str) -> None:
    colleague = factories.grid_operator(area.group)
    for number in range(7):
        values = {"max_power_w": 1_000 * (number % 3), "v2g": number % 2 == 0, "max_export_w": number // 3}
        window = {"starts_at": NOW + minutes(number % 4), "ends_at": NOW + minutes(60 + number % 5)}
        order(area, by=[area.dso, colleague][number % 2], created_at=NOW + minutes(number // 2), **values, **window)
    field = listing.SORTS[sort.removeprefix("-")]
    sign = "-" if sort.startswith("-") else ""
    wanted = list(FlexOrder.objects.order_by(f"{sign}{field}", f"{sign}pk").values_list("pk", flat=True))

    assert walk(area, sort) == wanted


def test_one_goes_back_the_way_one_came(area: Area) -> None:
    made = [order(area, created_at=NOW + minutes(index)).pk for index in range(5)][::-1]

    first = pages(area, "", size=2)
    second = pages(area, "", size=2, after=str(first.after))
    third = pages(area, "", size=2, after=str(second.after))
    back = pages(area, "", size=2, before=str(third.before))

    assert [row.pk for row in third.rows] == made[4:]
    assert [row.pk for row in back.rows] == made[2:4]
    assert (back.before, back.after) == (made[2], made[3])
    assert [row.pk for row in pages(area, "", size=2, before=str(back.before)).rows] == made[:2]
    assert (first.before, third.after) == (None, None)


def test_an_order_that_comes_meanwhile_moves_nothing(area: Area) -> None:
    made = [order(area, created_at=NOW + minutes(index)).pk for index in range(4)][::-1]
    first = pages(area, "", size=2)
    order(area, created_at=NOW + minutes(10))

    assert [row.pk for row in pages(area, "", size=2, after=str(first.after)).rows] == made[2:]


@pytest.mark.parametrize("key", ["nonsense", "-1", "999999", "9" * 40, "٣"])
def test_an_unknown_key_begins_at_the_beginning(area: Area, key: str) -> None:
    made = order(area)

    assert [row.pk for row in pages(area, "", after=key).rows] == [made.pk]
    assert [row.pk for row in pages(area, "", before=key).rows] == [made.pk]


def test_the_key_of_a_foreign_order_tells_nothing(area: Area) -> None:
    made = order(area, max_power_w=5_000)
    foreign = order(area, area.foreign, by=area.other_dso, max_power_w=4_000)

    assert [row.pk for row in pages(area, "power", after=str(foreign.pk)).rows] == [made.pk]
    assert [row.pk for row in pages(area, "-power", after=str(foreign.pk)).rows] == [made.pk]


def test_all_of_them_come_piece_by_piece(area: Area) -> None:
    made = {order(area, created_at=NOW + timedelta(hours=index)).pk for index in range(5)}
    pieces = list(listing.every(area.dso, listing.visible(area.dso), Sort(), size=2))

    assert [len(piece) for piece in pieces] == [2, 2, 1]
    assert {row.pk for piece in pieces for row in piece} == made
