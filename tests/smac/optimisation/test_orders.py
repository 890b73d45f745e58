"""Which orders are bounds, and which are rows that may be exceeded."""

from dataclasses import replace

import pytest

from smac.optimisation.model import build
from smac.optimisation.orders import HardOrders, granted_w, is_hard
from smac.optimisation.problem import Order, Scope
from tests.smac.optimisation.scenes import giving, problem, vehicle

EACH = Order("order", 1, 3, 5_000, ("a", "b"))


@pytest.mark.parametrize(
    ("change", "hard"),
    [
        ({}, True),
        ({"limit_w": 0}, True),
        ({"limit_w": -2_000}, False),
        ({"limit_w": -2_000, "floor_w": 1_000}, True),
        ({"scope": Scope.TOGETHER}, False),
        ({"mandatory": False}, False),
        ({"session_keys": ()}, False),
    ],
)
def test_only_what_a_pause_keeps_is_hard(change: dict[str, object], hard: bool) -> None:
    assert is_hard(replace(EACH, **change)) is hard  # type: ignore[arg-type]


def test_the_tightest_of_several_orders_bounds_a_vehicle() -> None:
    later = Order("later", 2, 4, 3_000, ("a",), export_limit_w=1_000)
    bounds = HardOrders(problem(orders=(EACH, later)))
    assert bounds.of("a") == ({1: 5_000, 2: 3_000, 3: 3_000}, {2: 1_000, 3: 1_000})
    assert bounds.of("b") == ({1: 5_000, 2: 5_000}, {})
    assert bounds.of("c") == ({}, {})


def test_a_floor_lifts_a_limit_and_none_lifts_nothing() -> None:
    assert granted_w(replace(EACH, floor_w=6_000)) == 6_000
    assert granted_w(replace(EACH, limit_w=-5_000)) == -5_000


def test_bounds_cost_no_rows_and_a_judged_order_has_them() -> None:
    cars = (vehicle("a"), giving("b", energy_wh=30_000))
    scene = problem(sessions=cars)
    free, bound = build(scene), build(replace(scene, orders=(EACH,)))
    assert len(bound.program.rows) == len(free.program.rows)
    assert bound.excesses == []
    judged = build(replace(scene, orders=(EACH,)), soft_orders=("order",))
    assert [excess.slot for excess in judged.excesses] == [1, 1, 2, 2]
