"""Flexibility is never promised beyond what a linear program can show."""

from dataclasses import replace

import pytest

from smac.optimisation.flexibility import exact_w
from smac.optimisation.problem import Order, Scope
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle


@pytest.mark.parametrize("seed", range(15))
def test_the_closed_form_is_never_above_the_exact_bound(seed: int) -> None:
    scene = mixed(seed)
    plan = solve(scene)
    for slot in range(0, 24, 4):
        up = exact_w(scene, plan, slot, slot + 1, upwards=True)
        down = exact_w(scene, plan, slot, slot + 1, upwards=False)
        assert plan.flexibility_up_w[slot] <= up + 1
        assert plan.flexibility_down_w[slot] <= down + 1


def test_it_is_not_empty_talk_either() -> None:
    scene = mixed(5)
    plan = solve(scene)
    exact = sum(exact_w(scene, plan, slot, slot + 1, upwards=True) for slot in range(24))
    assert sum(plan.flexibility_up_w) > 0.7 * exact > 0


def test_a_vehicle_that_waits_could_charge_and_one_that_charges_could_wait() -> None:
    plan = solve(problem(import_price=(2, 1, 3, 3), sessions=(vehicle(need=10_000),)))
    assert plan.session("a").power_w == (0, 10_000, 0, 0)
    assert plan.flexibility_up_w[0] == pytest.approx(10_000)
    assert plan.flexibility_down_w[0] == 0
    assert plan.flexibility_down_w[1] == pytest.approx(10_000)


def test_nobody_who_must_charge_now_is_asked_to_wait() -> None:
    plan = solve(problem(2, sessions=(vehicle(until=2),)))
    assert plan.flexibility_down_w == (0, 0)


def test_the_supply_point_s_limit_bounds_it() -> None:
    cars = (vehicle("a", need=10_000), vehicle("b", need=10_000))
    plan = solve(problem(import_price=(2, 2, 2, 1), max_import_w=(12_000.0,) * 4, sessions=cars))
    assert max(plan.flexibility_up_w) <= 12_000


def test_a_battery_gives_back_down_to_its_floor() -> None:
    car = giving(energy_wh=20_000, floor_wh=15_000, targets=(), wear_cost_per_kwh=9)
    plan = solve(problem(sessions=(car,)))
    assert plan.flexibility_down_w[0] == pytest.approx(5_000)
    assert solve(problem(sessions=(replace(car, v2g=False),))).flexibility_down_w[0] == 0


def test_an_order_in_force_leaves_nothing_upwards() -> None:
    scene = problem(sessions=(vehicle(mode="fast"),), orders=(Order("order", 0, 4, 5_000, ("a",)),))
    assert solve(scene).flexibility_up_w == (0, 0, 0, 0)


def test_a_longer_window_holds_less() -> None:
    scene = problem(import_price=(2, 2, 2, 1), sessions=(vehicle(need=10_000, capacity_wh=15_000),))
    plan = solve(scene)
    one = exact_w(scene, plan, 0, 1, upwards=True)
    three = exact_w(scene, plan, 0, 3, upwards=True)
    assert (one, three) == (pytest.approx(10_000), pytest.approx(5_000))


def test_what_is_put_off_must_fit_in_later_with_everybody_else_s() -> None:
    cars = (vehicle("a", need=5_000, until=2), vehicle("b", need=5_000, until=2))
    plan = solve(problem(2, max_import_w=(10_000.0, 4_000.0), sessions=cars))
    assert plan.flexibility_down_w[0] == pytest.approx(4_000)


def test_nothing_is_put_off_that_an_order_needs_below_the_floor() -> None:
    car = giving(energy_wh=10_000, floor_wh=10_000, targets=())
    scene = problem(sessions=(car,), orders=(Order("order", 1, 2, -10_000, ("a",)),))
    plan = solve(scene)
    assert plan.session("a").power_w[:2] == pytest.approx((10_000, -10_000))
    assert plan.flexibility_down_w[0] <= exact_w(scene, plan, 0, 1, upwards=False) + 1


def test_a_battery_near_full_recovers_too_slowly_to_count() -> None:
    car = vehicle(mode="fast", capacity_wh=20_000, energy_wh=15_000, need=18_500, knee=0.5, until=2)
    scene = problem(2, sessions=(car,))
    plan = solve(scene)
    for slot in (0, 1):
        assert plan.flexibility_up_w[slot] <= exact_w(scene, plan, slot, slot + 1, upwards=True) + 1
        assert plan.flexibility_down_w[slot] <= exact_w(scene, plan, slot, slot + 1, upwards=False) + 1


def test_the_fullest_phase_bounds_it() -> None:
    cars = (vehicle("a", phases=(1,), need=10_000), vehicle("b", phases=(1,), need=10_000))
    scene = problem(import_price=(2, 2, 2, 1), max_phase_w=(8_000.0,) * 4, sessions=cars)
    plan = solve(scene)
    for slot in range(4):
        assert plan.flexibility_up_w[slot] <= exact_w(scene, plan, slot, slot + 1, upwards=True) + 1


@pytest.mark.parametrize("scope", ["each", "together"])
def test_downwards_an_order_s_limit_of_what_flows_back_bounds_it(scope: str) -> None:
    cars = tuple(giving(key, energy_wh=50_000, targets=(), wear_cost_per_kwh=9) for key in "ab")
    order = Order("order", 0, 2, None, ("a", "b"), Scope(scope), export_limit_w=2_000)
    scene = problem(sessions=cars, orders=(order,))
    plan = solve(scene)
    assert plan.flexibility_down_w[0] == pytest.approx(exact_w(scene, plan, 0, 1, upwards=False))
    assert plan.flexibility_down_w[3] == pytest.approx(20_000)


def test_nobody_is_asked_to_stop_what_an_order_wants_drawn() -> None:
    order = Order("sun", 0, 2, None, ("a",), least_w=4_000)
    plan = solve(problem(import_price=(2, 2, 1, 1), sessions=(vehicle(),), orders=(order,)))
    assert plan.session("a").power_w == pytest.approx((4_000, 4_000, 10_000, 2_000))
    assert plan.flexibility_down_w[:2] == (0, 0)


def test_a_battery_that_slows_down_near_full_can_wait_as_long_as_it_is_not_near_full() -> None:
    near = vehicle(need=10_000, capacity_wh=100_000, knee=0.9)
    plan = solve(problem(import_price=(1, 2, 3, 3), sessions=(near,)))
    assert plan.flexibility_down_w[0] == pytest.approx(10_000)
    full = replace(near, energy_wh=85_000.0, targets=(replace(near.targets[0], energy_wh=97_000.0),))
    scene = problem(import_price=(1, 1, 1, 1), sessions=(full,))
    plan = solve(scene)
    for slot in range(4):
        assert plan.flexibility_down_w[slot] <= exact_w(scene, plan, slot, slot + 1, upwards=False) + 1


def test_a_target_that_is_missed_anyway_leaves_the_others_their_flexibility() -> None:
    """A plan knows it to a hundredth of a Wh: rounded down, nobody could miss so little."""
    late = vehicle("late", need=31_234.567, until=3, max_charge_w=9_876.543, charge_efficiency=0.937)
    scene = problem(import_price=(2, 2, 2, 1), sessions=(late, vehicle("idle", need=10_000)))
    plan = solve(scene)
    assert plan.unmet_wh > 3_000
    assert exact_w(scene, plan, 0, 1, upwards=True) == pytest.approx(10_000, abs=1)
    assert exact_w(scene, plan, 0, 1, upwards=False) == pytest.approx(0, abs=1)


@pytest.mark.parametrize("seed", range(40, 52))
def test_so_it_is_where_everybody_misses_something(seed: int) -> None:
    scene = mixed(seed)
    cars = tuple(replace(car, targets=(replace(car.targets[0], energy_wh=car.capacity_wh),)) for car in scene.sessions)
    scene = replace(scene, sessions=cars, max_import_w=(12_000.0,) * 24)
    plan = solve(scene)
    assert plan.unmet_wh > 0
    for slot in range(0, 24, 6):
        assert plan.flexibility_up_w[slot] <= exact_w(scene, plan, slot, slot + 1, upwards=True) + 1
        assert plan.flexibility_down_w[slot] <= exact_w(scene, plan, slot, slot + 1, upwards=False) + 1


def test_an_order_that_cannot_be_kept_leaves_the_others_their_flexibility() -> None:
    """It asks for more power back than the vehicle has."""
    giver = giving("a", energy_wh=20_000, targets=(), max_discharge_w=3_000.0)
    order = Order("order", 1, 2, -5_000, ("a",))
    scene = problem(import_price=(2, 2, 2, 1), sessions=(giver, vehicle("b", need=10_000)), orders=(order,))
    plan = solve(scene)
    assert plan.order_excess[0].excess_w[1] == pytest.approx(2_000)
    assert exact_w(scene, plan, 2, 3, upwards=True) > 10_000


def test_nobody_misses_more_so_that_another_misses_less() -> None:
    """b could charge for a; what is missed in all would be the same."""
    cars = (vehicle("a", need=12_000, until=1), vehicle("b", need=10_000, until=2))
    scene = problem(2, max_import_w=(10_000.0,) * 2, sessions=cars)
    plan = solve(scene)
    assert plan.unmet_wh == pytest.approx(2_000)
    assert exact_w(scene, plan, 1, 2, upwards=False) == pytest.approx(0, abs=1)
