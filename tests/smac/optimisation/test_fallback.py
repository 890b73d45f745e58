"""Without a solver there is still a plan, marked as such."""

from dataclasses import replace
from datetime import timedelta

import pytest

from smac.optimisation.plan import NoteCode, Plan, Status
from smac.optimisation.problem import Order, Problem, Scope
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import mixed, problem, vehicle


def without_time(scene: Problem, previous: Plan | None = None) -> Plan:
    return solve(scene, previous=previous, time_limit_s=0.0)


def codes(plan: Plan) -> set[NoteCode]:
    return {note.code for note in plan.notes}


def test_who_leaves_first_charges_first() -> None:
    cars = (vehicle("late"), vehicle("soon", until=2, need=10_000))
    plan = without_time(problem(max_import_w=(10_000.0,) * 4, sessions=cars))
    assert plan.status is Status.FALLBACK
    assert codes(plan) == {NoteCode.TIME_LIMIT, NoteCode.EARLIEST_DEADLINE_USED}
    assert plan.session("soon").power_w == (10_000, 0, 0, 0)
    assert plan.session("late").power_w == (0, 10_000, 10_000, 0)


def test_the_last_plan_moves_on_by_time() -> None:
    scene = problem(import_price=(4, 3, 2, 1), sessions=(vehicle(),))
    last = solve(scene)
    later = replace(scene, slot_starts=tuple(start + timedelta(hours=1) for start in scene.slot_starts))
    plan = without_time(later, last)
    assert NoteCode.PREVIOUS_PLAN_USED in codes(plan)
    assert plan.session("a").power_w == (0, 10_000, 10_000, 0)


def test_a_vehicle_that_the_last_plan_did_not_know_is_not_left_without() -> None:
    last = solve(problem(sessions=(vehicle(),)))
    plan = without_time(problem(sessions=(vehicle(), vehicle("new"))), last)
    assert NoteCode.EARLIEST_DEADLINE_USED in codes(plan)
    assert plan.session("new").energy_wh[-1] == 20_000


@pytest.mark.parametrize("seed", range(8))
def test_limits_and_orders_hold_without_a_solver_too(seed: int) -> None:
    scene = mixed(seed)
    plan = without_time(scene)
    assert any(power > 0 for session in plan.sessions for power in session.power_w)
    assert max(sum(excess.excess_w) for excess in plan.order_excess) == 0 if scene.orders else True
    for slot in scene.slots:
        assert -scene.max_export_w[slot] - 0.1 <= plan.grid_w[slot] <= scene.max_import_w[slot] + 0.1


def test_orders_for_all_together_are_shared_out() -> None:
    order = Order("order", 0, 4, 5_000, ("a", "b"), Scope.TOGETHER)
    plan = without_time(problem(sessions=(vehicle("a"), vehicle("b")), orders=(order,)))
    assert [sum(session.power_w[slot] for session in plan.sessions) for slot in range(4)] == [5_000] * 4


def test_a_minimum_that_does_not_fit_is_a_pause() -> None:
    car = vehicle(min_charge_w=4_140.0, limit_w=(2_000.0, 9_000.0, 9_000.0, 9_000.0))
    assert without_time(problem(sessions=(car,))).session("a").power_w == (0, 9_000, 9_000, 0)


def test_a_moved_on_plan_gives_way_when_time_gets_short() -> None:
    scene = problem(import_price=(4, 3, 2, 1), sessions=(vehicle(),))
    plan = without_time(replace(scene, sessions=(vehicle(need=30_000),)), solve(scene))
    assert plan.session("a").power_w == (0, 10_000, 10_000, 10_000)


def test_phases_hold_without_a_solver_too() -> None:
    cars = tuple(vehicle(key, phases=(1,), max_charge_w=7_000.0) for key in "ab")
    plan = without_time(problem(sessions=cars, max_phase_w=(8_000.0,) * 4))
    assert [sum(session.power_w[slot] for session in plan.sessions) for slot in range(3)] == [8_000] * 3
