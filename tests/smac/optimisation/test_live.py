"""A program that is kept alive gives the plan a new one would give."""

from dataclasses import replace

import pytest

from smac.optimisation.adapter import Program
from smac.optimisation.live import LivePlanner
from smac.optimisation.problem import Problem
from smac.optimisation.solve import prepare, solve
from tests.smac.optimisation.scenes import mixed, problem, vehicle


def news(scene: Problem, turn: int) -> Problem:
    """The same quarter of an hour with other numbers."""
    wave = [1 + 0.1 * ((slot * 7 + turn * 3) % 5) for slot in scene.slots]
    return replace(
        scene,
        slot_hours=(0.25 - 0.02 * turn, *scene.slot_hours[1:]),
        import_price=tuple(price * factor for price, factor in zip(scene.import_price, wave, strict=True)),
        demand_w=tuple(power * factor for power, factor in zip(scene.demand_w, wave, strict=True)),
        sessions=tuple(replace(car, energy_wh=car.energy_wh + 100 * turn) for car in scene.sessions),
        orders=tuple(replace(order, limit_w=(order.limit_w or 0) + 500 * turn) for order in scene.orders),
    )


@pytest.mark.parametrize("seed", range(10))
def test_new_numbers_give_the_plan_of_a_new_program(seed: int) -> None:
    planner, scene = LivePlanner(), mixed(seed)
    for turn in range(4):
        asked = news(scene, turn)
        assert planner.solve("site", asked) == solve(asked)


def test_only_numbers_are_rewritten() -> None:
    scene, program = mixed(1, modes=["cheap", "fast"]), Program()
    _, cost = prepare(scene, program)
    program.minimise(cost)
    program.solve()
    columns = list(program.columns)
    prepare(news(scene, 1), program)
    assert all(one is other for one, other in zip(columns, program.columns, strict=True))
    prepare(replace(scene, sessions=scene.sessions[:-1]), program)
    assert len(program.columns) < len(columns)


def test_vehicles_may_come_and_go() -> None:
    planner = LivePlanner()
    for cars in ((vehicle("a"),), (vehicle("a"), vehicle("b")), (vehicle("b", "fast"),), ()):
        scene = problem(sessions=cars)
        assert planner.solve("site", scene) == solve(scene)


def test_minimum_currents_do_not_stay_behind() -> None:
    planner = LivePlanner()
    for need in (4_000, 20_000, 6_000):
        scene = problem(sessions=(vehicle(mode="basic", need=need, min_charge_w=4_140.0),))
        assert planner.solve("site", scene).session("a").power_w == pytest.approx(
            solve(scene).session("a").power_w, abs=1
        )


def test_only_the_recent_ones_are_kept() -> None:
    planner = LivePlanner(kept=2)
    for key in "abcab":
        planner.solve(key, problem(sessions=(vehicle(),)))
    assert list(planner._programs) == ["a", "b"]


def test_few_are_kept_where_they_are_large() -> None:
    planner = LivePlanner(most_columns=40)
    for key in "abc":
        planner.solve(key, problem(8, sessions=(vehicle(until=8, need=30_000),)))
    assert list(planner._programs) == ["b", "c"]


def test_choices_stay_choices_when_numbers_change() -> None:
    planner = LivePlanner()
    scene = problem(2, import_price=(1.0, 1.5), export_price=(3.0, 0.0), sessions=(vehicle(until=2, need=10_000),))
    for _ in range(2):
        assert planner.solve("site", scene).session("a").power_w == pytest.approx((10_000, 0))
