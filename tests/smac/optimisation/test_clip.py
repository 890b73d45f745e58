"""Impossible input is bent and noted; there is a plan for it all the same."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smac.optimisation.clip import clip
from smac.optimisation.plan import Note, NoteCode, Status
from smac.optimisation.problem import Mode, Order, Problem, Storage, Target
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import giving, problem, vehicle

CAR = vehicle()


def test_a_possible_problem_is_left_alone() -> None:
    scene = problem(sessions=(CAR, giving("b", energy_wh=9_000)), orders=(Order("order", 0, 2, 5_000, ("a",)),))
    assert clip(scene) == (scene, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"first_slot": -2}, NoteCode.WINDOW_CLIPPED),
        ({"last_slot": 9}, NoteCode.WINDOW_CLIPPED),
        ({"first_slot": 4}, NoteCode.WINDOW_EMPTY),
        ({"first_slot": 3, "last_slot": 1}, NoteCode.WINDOW_EMPTY),
        ({"energy_wh": 200_000.0}, NoteCode.ENERGY_CLIPPED),
        ({"energy_wh": math.nan}, NoteCode.ENERGY_CLIPPED),
        ({"targets": (Target(4, 150_000.0),)}, NoteCode.TARGET_CLIPPED),
        ({"targets": (Target(12, 5_000.0),)}, NoteCode.TARGET_CLIPPED),
        ({"max_charge_w": -5.0}, NoteCode.POWER_CLIPPED),
        ({"min_charge_w": 99_000.0}, NoteCode.POWER_CLIPPED),
        ({"charge_efficiency": 0.0}, NoteCode.EFFICIENCY_CLIPPED),
        ({"v2g": True, "max_discharge_w": 5_000.0, "floor_wh": 9_000.0}, NoteCode.BELOW_FLOOR),
    ],
)
def test_an_impossible_vehicle_is_bent_and_noted(change: dict[str, Any], code: NoteCode) -> None:
    plan = solve(problem(sessions=(replace(CAR, **change), vehicle("other", "fast"))))
    assert Note(code, "a") in plan.notes
    assert plan.status is Status.OPTIMAL
    assert plan.session("other").power_w == (10_000, 10_000, 0, 0)


def test_below_its_floor_a_vehicle_charges_but_gives_nothing() -> None:
    car = giving(energy_wh=5_000, floor_wh=10_000, need=15_000)
    plan = solve(problem(import_price=(1, 9, 1, 9), export_price=(0, 8, 0, 8), sessions=(car,)))
    assert min(plan.session("a").power_w) == 0
    assert plan.unmet_wh == 0


def test_where_the_house_alone_is_over_the_limit_vehicles_pause_there() -> None:
    plan = solve(problem(demand_w=(12_000.0, 0.0, 0.0, 0.0), max_import_w=(10_000.0,) * 4, sessions=(CAR,)))
    assert plan.notes == (Note(NoteCode.DEMAND_OVER_LIMIT),)
    assert plan.session("a").power_w[0] == 0
    assert plan.unmet_wh == 0


def test_series_are_filled_up_and_holes_closed() -> None:
    plan = solve(problem(import_price=(1.0,), demand_w=(math.nan, 0.0, 0.0, -5.0), sessions=(CAR,)))
    assert {note.subject for note in plan.notes} == {"import_price", "demand_w"}
    assert plan.unmet_wh == 0


def test_an_unlimited_supply_point_is_no_mistake() -> None:
    plan = solve(problem(max_import_w=(math.inf,) * 4, max_export_w=(math.inf,) * 4, sessions=(CAR,)))
    assert plan.notes == ()
    assert plan.unmet_wh == 0


def test_an_order_whose_vehicles_have_all_left_does_not_fall_on_the_whole_supply_point() -> None:
    plan = solve(problem(sessions=(vehicle(mode="fast"),), orders=(Order("order", 0, 4, 0, ("gone",)),)))
    assert Note(NoteCode.ORDER_UNKNOWN_SESSION, "order") in plan.notes
    assert plan.session("a").power_w[0] == 10_000


def test_a_storage_that_holds_too_much_is_bent() -> None:
    plan = solve(problem(storage=Storage(5_000, 9_000, 1_000, 1_000)))
    assert Note(NoteCode.STORAGE_CLIPPED) in plan.notes


def test_without_slots_there_is_nothing_to_plan() -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        solve(problem(0))


numbers = st.one_of(st.floats(-1e5, 1e5), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e12]))
slots = st.integers(-3, 8)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_there_is_an_optimal_plan_for_any_nonsense(data: st.DataObject) -> None:
    car = replace(
        CAR,
        mode=data.draw(st.sampled_from(list(Mode))),
        v2g=data.draw(st.booleans()),
        first_slot=data.draw(slots),
        last_slot=data.draw(slots),
        targets=(Target(data.draw(slots), data.draw(numbers)),),
        knee=data.draw(st.floats(-1, 2)),
        **{name: data.draw(numbers) for name in ("max_charge_w", "min_charge_w", "max_discharge_w", "capacity_wh")},
        **{name: data.draw(numbers) for name in ("energy_wh", "floor_wh", "charge_efficiency")},
    )
    series = ("demand_w", "production_w", "import_price", "export_price", "max_import_w", "max_export_w")
    order = Order("order", data.draw(slots), data.draw(slots), data.draw(numbers), ("a",), floor_w=data.draw(numbers))
    scene: Problem = problem(
        sessions=(car,), orders=(order,), **{name: tuple(data.draw(numbers) for _ in range(4)) for name in series}
    )
    plan = solve(scene)
    assert plan.status is Status.OPTIMAL
    assert all(math.isfinite(power) for session in plan.sessions for power in session.power_w)
