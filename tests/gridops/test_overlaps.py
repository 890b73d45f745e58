"""Two operators order overlapping windows: both are kept, the tighter one binds, and the list says which."""

from typing import Any

import pytest

from gridops import history, overlaps
from gridops.overlaps import Binds, Overlap
from smac.models import FlexOrder
from tests import factories
from tests.factories import NOW, minutes
from tests.gridops.conftest import Area, order


def made(area: Area, *points: Any, start: float = 0, end: float = 60, **values: Any) -> FlexOrder:
    return order(area, *points, starts_at=NOW + minutes(start), ends_at=NOW + minutes(end), **values)


def of(area: Area, found: FlexOrder) -> list[Overlap]:
    [row] = overlaps.added(area.dso, history.rows(area.dso, [found], NOW))
    return row.overlaps


def test_the_tighter_of_two_operators_limits_binds_where_both_hold(area: Area) -> None:
    colleague = factories.grid_operator(area.group)
    mine = made(area, max_power_w=7_000)
    theirs = made(area, area.points[0], start=30, end=90, max_power_w=5_000, by=colleague)

    [seen] = of(area, mine)
    assert (seen.order, seen.binds, seen.points) == (theirs, Binds.OTHER, 1)
    assert (seen.starts_at, seen.ends_at) == (NOW + minutes(30), NOW + minutes(60))
    assert [one.binds for one in of(area, theirs)] == [Binds.THIS]


@pytest.mark.parametrize(
    ("this", "other", "binds"),
    [
        ({"max_power_w": 5_000}, {"max_power_w": 5_000}, Binds.SAME),
        ({"max_power_w": 2_000, "floor_w": 4_200}, {"max_power_w": 4_000}, Binds.OTHER),
        ({"max_power_w": 5_000}, {"max_power_w": 4_000, "scope": "together"}, Binds.OTHER),
        ({"max_power_w": 5_000}, {"max_power_w": 10_000, "scope": "together"}, Binds.THIS),
        ({"max_power_w": 5_000}, {"max_power_w": 8_000, "scope": "together"}, Binds.BOTH),
        ({"max_power_w": 8_000, "scope": "together"}, {"max_power_w": 4_000}, Binds.OTHER),
        ({"max_power_w": 8_000, "scope": "together"}, {"max_power_w": 9_000, "scope": "together"}, Binds.THIS),
        ({"max_power_w": 8_000, "scope": "supply"}, {"max_power_w": 1_000}, Binds.BOTH),
        ({"max_power_w": 0, "wanted_export_w": 3_000}, {"max_power_w": 0}, Binds.THIS),
    ],
)
def test_which_of_two_limits_is_the_tighter_one(
    area: Area, this: dict[str, Any], other: dict[str, Any], binds: Binds
) -> None:
    found = made(area, **this)
    made(area, **other)

    assert [one.binds for one in of(area, found)] == [binds]


def test_neighbours_in_time_or_place_do_not_overlap(area: Area) -> None:
    found = made(area, area.points[0])
    made(area, area.points[0], start=60, end=90)
    made(area, area.points[1])
    made(area, start=-30, end=30, withdrawn_at=NOW - minutes(1))

    assert of(area, found) == []


def test_until_it_was_withdrawn_an_order_held(area: Area) -> None:
    found = made(area)
    made(area, start=-30, end=60, withdrawn_at=NOW + minutes(10))

    assert [one.ends_at for one in of(area, found)] == [NOW + minutes(10)]


def test_what_meets_on_foreign_points_alone_is_not_told(area: Area) -> None:
    shared = made(area, area.points[0], area.foreign)
    made(area, area.foreign, by=area.other_dso)

    assert of(area, shared) == []
