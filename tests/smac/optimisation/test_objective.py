"""Every mode gets what it asked for, also beside the others."""

from dataclasses import replace

import pytest

from smac.optimisation.adapter import Program, value_of
from smac.optimisation.problem import Order, Problem, Scope
from smac.optimisation.solve import optimise, prepare, solve
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle

HEADROOM = (50_000.0,) * 12 + (25_000.0,) * 12


def used(scene: Problem) -> float:
    """z, the utilisation of the headroom by all basic vehicles."""
    model, cost = prepare(scene, Program())
    optimise(model, cost, preview=True)
    program = model.program
    return next(
        value_of(column) for column, name in zip(program.columns, program.names, strict=True) if name == "used_all"
    )


def test_basic_uses_the_same_share_of_the_headroom_all_the_time() -> None:
    cars = tuple(vehicle(key, "basic", need=15_000, until=24, max_charge_w=22_000.0) for key in "abc")
    scene = problem(24, hours=0.25, max_import_w=HEADROOM, sessions=cars)
    assert used(scene) == pytest.approx(0.2)
    order = Order("order", 16, 24, 0, ("a", "b", "c"), Scope.TOGETHER)
    assert used(replace(scene, orders=(order,))) == pytest.approx(12.857142 / 50)


def test_each_basic_vehicle_is_even_for_itself() -> None:
    cars = (vehicle("a", "basic", need=20_000), vehicle("b", "basic", need=10_000, until=2))
    plan = solve(problem(sessions=cars))
    assert plan.session("a").power_w == pytest.approx((5_000,) * 4)
    assert plan.session("b").power_w == pytest.approx((5_000, 5_000, 0, 0))


def test_basic_avoids_the_hours_in_which_the_house_needs_the_power() -> None:
    scene = problem(demand_w=(0.0, 0.0, 15_000.0, 15_000.0), max_import_w=(20_000.0,) * 4)
    plan = solve(replace(scene, sessions=(vehicle(mode="basic"),)))
    assert plan.session("a").power_w == pytest.approx((8_000, 8_000, 2_000, 2_000))


@pytest.mark.parametrize("mode", ["basic", "fast"])
def test_a_cheap_neighbour_does_not_move_a_vehicle_that_ignores_prices(mode: str) -> None:
    scene = problem(import_price=(4, 3, 2, 1), export_price=(1, 1, 1, 1))
    alone = solve(replace(scene, sessions=(vehicle("a", mode),)))
    beside = solve(replace(scene, sessions=(vehicle("a", mode), vehicle("b", "cheap"))))
    assert beside.session("a").power_w == pytest.approx(alone.session("a").power_w, abs=0.1)
    assert beside.session("b").power_w == pytest.approx((0, 0, 10_000, 10_000))


def a_fading_sun_before_a_falling_price() -> Problem:
    """The surplus is smaller than a vehicle's power, so that the last kWh is imported, and soon for less."""
    return problem(
        24,
        hours=0.25,
        demand_w=(5_000.0,) * 24,
        production_w=tuple(max(8_000.0 - 500 * slot, 0.0) for slot in range(24)),
        import_price=(0.40,) * 6 + (0.35,) * 6 + (0.20,) * 12,
        export_price=(0.10,) * 24,
    )


@pytest.mark.parametrize("neighbour", ["basic", "cheap", "fast", "green"])
def test_a_vehicle_in_a_hurry_does_not_wait_for_a_small_surplus_or_a_better_price(neighbour: str) -> None:
    cars = (
        vehicle("a", "fast", need=21_700, until=24, max_charge_w=11_000.0),
        vehicle("b", neighbour, need=15_000, until=24, max_charge_w=11_000.0),
    )
    plan = solve(replace(a_fading_sun_before_a_falling_price(), sessions=cars))
    assert plan.session("a").power_w == pytest.approx((11_000,) * 7 + (9_800,) + (0,) * 16, abs=0.1)


@pytest.mark.parametrize("neighbour", ["cheap", "green"])
def test_a_neighbour_who_looks_at_prices_leaves_a_basic_vehicle_even(neighbour: str) -> None:
    scene = a_fading_sun_before_a_falling_price()
    even = vehicle("a", "basic", need=21_700, until=24, max_charge_w=11_000.0)
    other = vehicle("b", neighbour, need=15_000, until=24, max_charge_w=11_000.0)
    alone = solve(replace(scene, sessions=(even,))).session("a").power_w
    assert min(alone) > 3_000
    beside = solve(replace(scene, sessions=(even, other))).session("a").power_w
    assert beside == pytest.approx(alone, abs=0.1)


def test_a_vehicle_in_a_hurry_does_not_make_its_neighbours_spendthrift() -> None:
    scene = a_fading_sun_before_a_falling_price()
    other = vehicle("b", "cheap", need=15_000, until=24, max_charge_w=11_000.0)
    hurried = vehicle("a", "fast", need=21_700, until=24, max_charge_w=11_000.0)
    plan = solve(replace(scene, sessions=(hurried, other)))
    assert sum(plan.session("b").power_w[12:]) * 0.25 == pytest.approx(15_000, abs=1)


def test_a_vehicle_in_a_hurry_still_keeps_an_offer_beside_neighbours_who_trade() -> None:
    scene = problem(96, hours=0.25, import_price=(0.1, 0.5) * 48, export_price=(0.09, 0.0) * 48)
    offer = Order("offer", 0, 90, 0, ("a",), mandatory=False)
    cars = (vehicle("a", "fast", need=10_000, until=96), giving("b", energy_wh=50_000, until=96))
    plan = solve(replace(scene, orders=(offer,), sessions=cars))
    assert plan.session("a").power_w == pytest.approx((0,) * 90 + (10_000,) * 4 + (0,) * 2, abs=0.1)


def test_a_vehicle_in_a_hurry_gives_back_no_more_than_an_order_asks_for() -> None:
    scene = problem(import_price=(3, 9, 1, 1), export_price=(2, 8, 0, 0))
    order = Order("order", 1, 2, -4_000, ("a",))
    cars = (giving("a", mode="fast", energy_wh=50_000, need=30_000), vehicle("b", need=10_000))
    plan = solve(replace(scene, orders=(order,), sessions=cars))
    assert plan.session("a").power_w == pytest.approx((0, -4_000, 0, 0), abs=0.1)


@pytest.mark.parametrize("mode", ["basic", "fast"])
def test_nobody_takes_more_than_needed_only_because_the_price_is_ignored(mode: str) -> None:
    scene = problem(production_w=(15_000.0,) * 4, import_price=(5,) * 4, export_price=(0.1,) * 4)
    plan = solve(replace(scene, sessions=(vehicle("a", mode, need=8_000), giving("b", energy_wh=50_000))))
    assert plan.session("a").energy_wh[-1] == pytest.approx(8_000)


def test_green_waits_for_the_sun_and_cheap_for_the_price() -> None:
    scene = problem(production_w=(0.0, 0.0, 10_000.0, 0.0), import_price=(3, 1, 3, 3), export_price=(0.5,) * 4)
    cars = (vehicle("green", "green", need=10_000), vehicle("cheap", "cheap", need=10_000))
    plan = solve(replace(scene, sessions=cars))
    assert plan.session("green").power_w == pytest.approx((0, 0, 10_000, 0))
    assert plan.session("cheap").power_w == pytest.approx((0, 10_000, 0, 0))
    assert plan.renewable_share == pytest.approx(0.5)


def test_green_follows_the_cleanest_hours_where_they_are_known() -> None:
    scene = problem(import_price=(1, 2, 3, 4), co2_g_per_kwh=(500.0, 400.0, 100.0, 50.0))
    plan = solve(replace(scene, sessions=(vehicle(mode="green"),)))
    assert plan.session("a").power_w == pytest.approx((0, 0, 10_000, 10_000))


def test_a_vehicle_in_a_hurry_goes_first_where_power_is_scarce() -> None:
    cars = (vehicle("a", "cheap", need=10_000), vehicle("b", "fast", need=10_000))
    plan = solve(problem(max_import_w=(10_000.0,) * 4, import_price=(1, 2, 3, 4), sessions=cars))
    assert plan.session("b").power_w == pytest.approx((10_000, 0, 0, 0))
    assert plan.session("a").power_w == pytest.approx((0, 10_000, 0, 0))


def test_at_a_flat_price_everybody_charges_early_and_the_plan_stays_when_time_moves_on() -> None:
    scene = problem(sessions=(vehicle("a"), vehicle("b")), max_import_w=(10_000.0,) * 4)
    plan = solve(scene)
    assert [sum(session.power_w[slot] for session in plan.sessions) for slot in range(4)] == [10_000] * 4
    later = replace(
        problem(3, sessions=()),
        slot_starts=scene.slot_starts[1:],
        max_import_w=(10_000.0,) * 3,
        sessions=tuple(replace(vehicle(key, until=3), energy_wh=plan.session(key).energy_wh[0]) for key in "ab"),
    )
    again = solve(later)
    for key in "ab":
        assert again.session(key).power_w == pytest.approx(plan.session(key).power_w[1:], abs=0.1)


def test_a_green_neighbour_does_not_forbid_a_vehicle_to_trade() -> None:
    scene = problem(import_price=(1, 1, 9, 1), export_price=(0, 0, 8, 0))
    trader = giving("b", energy_wh=20_000, need=20_000)
    plan = solve(replace(scene, sessions=(vehicle("a", "green", need=10_000), trader)))
    assert plan.session("b").power_w[2] == pytest.approx(-10_000)


def test_a_green_battery_brings_the_sun_into_the_evening() -> None:
    """Without V2G the sun is only charged; with it, the house has it back, and the target is met all the same."""
    scene = problem(production_w=(0.0, 9_000.0, 9_000.0, 0.0), demand_w=(0.0, 0.0, 0.0, 6_000.0))
    car = vehicle("a", "green", need=10_000)
    assert solve(replace(scene, sessions=(car,))).grid_w[3] == pytest.approx(6_000)
    plan = solve(replace(scene, sessions=(replace(car, v2g=True, max_discharge_w=10_000.0),)))
    assert plan.session("a").power_w[3] == pytest.approx(-6_000)
    assert max(plan.grid_w) == pytest.approx(0)
    assert plan.session("a").energy_wh[-1] >= 10_000 - 1


def test_a_basic_battery_gives_back_for_its_neighbours_and_not_for_a_price() -> None:
    scene = problem(import_price=(1, 1, 9, 9), export_price=(0, 0, 8, 8))
    giver = giving("a", mode="basic", energy_wh=40_000, need=20_000, floor_wh=10_000)
    assert min(solve(replace(scene, sessions=(giver,))).session("a").power_w) == 0
    needy = vehicle("b", "basic", need=30_000, max_charge_w=20_000.0)
    plan = solve(replace(scene, max_import_w=(5_000.0,) * 4, sessions=(giver, needy)))
    assert plan.unmet_wh == 0
    assert sum(plan.session("a").power_w) <= -10_000
    assert plan.session("a").energy_wh[-1] >= 20_000 - 1


@pytest.mark.parametrize("mode", ["basic", "cheap", "fast", "green"])
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_with_v2g_no_mode_falls_below_the_floor_or_short_of_the_target(mode: str, seed: int) -> None:
    scene = mixed(seed, modes=[mode])
    cars = tuple(replace(car, v2g=True, max_discharge_w=7_400.0, floor_wh=car.energy_wh / 2) for car in scene.sessions)
    scene = replace(scene, orders=(), sessions=cars, max_import_w=(60_000.0,) * 24)
    plan = solve(scene)
    assert plan.unmet_wh <= solve(replace(scene, sessions=tuple(replace(car, v2g=False) for car in cars))).unmet_wh
    for car, curve in zip(cars, plan.sessions, strict=True):
        assert min(curve.energy_wh) >= car.floor_wh - 1
