"""Each constraint protects what its name says."""

from dataclasses import replace

import pytest

from smac.optimisation.problem import Order, Scope, Storage, Target
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import giving, problem, vehicle


def test_a_vehicle_gives_back_when_that_pays_and_still_leaves_full_enough() -> None:
    car = giving(energy_wh=20_000, need=20_000, floor_wh=5_000)
    plan = solve(problem(import_price=(1, 1, 9, 1), export_price=(0, 0, 8, 0), sessions=(car,)))
    assert plan.session("a").power_w[2] == pytest.approx(-10_000)
    assert plan.session("a").energy_wh[-1] == pytest.approx(20_000)


def test_discharging_stops_at_the_floor() -> None:
    car = giving(energy_wh=20_000, targets=(), floor_wh=14_000)
    plan = solve(problem(import_price=(9,) * 4, export_price=(8,) * 4, sessions=(car,)))
    assert min(plan.session("a").energy_wh) == pytest.approx(14_000)


def test_without_permission_nothing_is_given_back() -> None:
    car = replace(giving(energy_wh=20_000, targets=()), v2g=False)
    plan = solve(problem(export_price=(8,) * 4, sessions=(car,)))
    assert plan.session("a").power_w == (0, 0, 0, 0)


def test_wear_keeps_a_vehicle_from_trading_for_pennies() -> None:
    car = giving(energy_wh=50_000, targets=(Target(4, 50_000),))
    scene = problem(import_price=(1, 2, 1, 2), export_price=(1, 2, 1, 2), sessions=(car,))
    worn = replace(scene, sessions=(replace(car, wear_cost_per_kwh=1.1),))
    assert min(solve(scene).session("a").power_w) < 0
    assert min(solve(worn).session("a").power_w) == 0


def test_losses_are_paid_for_in_both_directions() -> None:
    car = vehicle(charge_efficiency=0.8, need=8_000, until=1)
    assert solve(problem(1, sessions=(car,))).session("a").power_w == pytest.approx((10_000,))
    car = giving(energy_wh=10_000, targets=(), discharge_efficiency=0.5)
    plan = solve(problem(1, export_price=(0.5,), sessions=(replace(car, last_slot=1),)))
    assert plan.session("a").power_w == pytest.approx((-5_000,))


def test_a_negative_price_is_taken() -> None:
    plan = solve(problem(2, import_price=(-1.0, 1.0), sessions=(vehicle(targets=(), until=2, capacity_wh=8_000),)))
    assert plan.session("a").power_w == pytest.approx((8_000, 0))
    assert plan.cost == pytest.approx(-8)


def test_nobody_burns_energy_because_a_price_is_negative() -> None:
    full = giving(capacity_wh=30_000, energy_wh=30_000, charge_efficiency=0.9, discharge_efficiency=0.9, targets=())
    scene = problem(1, import_price=(-1.0,), export_price=(-1.0,))
    assert solve(replace(scene, sessions=(replace(full, last_slot=1),))).session("a").power_w == (0,)
    storage = Storage(9_000, 9_000, 5_000, 5_000, charge_efficiency=0.9, discharge_efficiency=0.9)
    assert solve(replace(scene, storage=storage)).storage_w == (0,)


def test_a_feed_in_price_above_the_tariff_is_no_free_money() -> None:
    scene = problem(2, import_price=(1.0, 2.0), export_price=(3.0, 0.0))
    plan = solve(replace(scene, sessions=(vehicle(until=2, need=10_000),)))
    assert plan.session("a").power_w == pytest.approx((10_000, 0))
    assert plan.cost == pytest.approx(10.0)


def test_production_that_nobody_takes_is_curtailed() -> None:
    plan = solve(problem(2, production_w=(8_000.0, 0.0), max_export_w=(3_000.0, 3_000.0)))
    assert plan.curtailed_w == pytest.approx((5_000, 0))
    assert plan.grid_w == pytest.approx((-3_000, 0))


def test_storage_moves_the_sun_into_the_evening() -> None:
    storage = Storage(10_000, 0, 5_000, 5_000)
    plan = solve(problem(3, production_w=(5_000.0, 0.0, 0.0), demand_w=(0.0, 0.0, 5_000.0), storage=storage))
    assert plan.storage_w == pytest.approx((5_000, 0, -5_000))
    assert plan.cost == pytest.approx(0)


def test_storage_is_not_sold_out_at_the_end_of_the_horizon() -> None:
    storage = Storage(10_000, 6_000, 5_000, 5_000, end_energy_wh=6_000)
    plan = solve(problem(2, export_price=(0.9, 0.9), storage=storage))
    assert plan.storage_energy_wh[-1] >= 6_000 - 1


def test_near_full_a_battery_takes_less_and_less() -> None:
    car = vehicle(mode="fast", capacity_wh=20_000, energy_wh=16_000, need=20_000, knee=0.8)
    power = solve(problem(sessions=(car,))).session("a").power_w
    assert 10_000 > power[0] > power[1] > power[2] > power[3] > 0
    assert solve(problem(sessions=(replace(car, knee=1.0),))).session("a").power_w[0] == pytest.approx(4_000)


def test_no_phase_carries_more_than_its_fuse() -> None:
    single = tuple(vehicle(key, "fast", phases=(1,), max_charge_w=7_000.0) for key in "ab")
    plan = solve(problem(sessions=single, max_phase_w=(8_000.0,) * 4))
    for slot in range(4):
        assert sum(session.power_w[slot] for session in plan.sessions) <= 8_000.1
    spread = (single[0], replace(single[1], phases=(2,)))
    plan = solve(problem(sessions=spread, max_phase_w=(8_000.0,) * 4))
    assert plan.session("a").power_w[0] == plan.session("b").power_w[0] == pytest.approx(7_000)


def test_a_point_s_own_limit_holds() -> None:
    car = vehicle(mode="fast", limit_w=(3_000.0, 0.0, 10_000.0, 10_000.0))
    assert solve(problem(sessions=(car,))).session("a").power_w == pytest.approx((3_000, 0, 10_000, 7_000))


def test_an_order_for_each_leaves_every_vehicle_its_limit() -> None:
    cars = (vehicle("a", "fast"), vehicle("b", "fast"), vehicle("c", "fast"))
    order = Order("order", 0, 2, 4_000, ("a", "b"))
    plan = solve(problem(sessions=cars, orders=(order,)))
    assert [plan.session(key).power_w[0] for key in "abc"] == pytest.approx([4_000, 4_000, 10_000])


def test_an_order_together_is_shared() -> None:
    cars = (vehicle("a", "fast"), vehicle("b", "fast"), vehicle("c", "fast"))
    order = Order("order", 0, 2, 4_000, ("a", "b"), Scope.TOGETHER)
    plan = solve(problem(sessions=cars, orders=(order,)))
    assert plan.session("a").power_w[0] + plan.session("b").power_w[0] == pytest.approx(4_000)
    assert plan.session("c").power_w[0] == pytest.approx(10_000)


def test_an_order_without_vehicles_bounds_the_whole_supply_point() -> None:
    order = Order("order", 0, 2, 6_000)
    plan = solve(problem(demand_w=(2_000.0,) * 4, sessions=(vehicle(mode="fast"),), orders=(order,)))
    assert plan.grid_w[:2] == pytest.approx((6_000, 6_000))
    assert plan.session("a").power_w[0] == pytest.approx(4_000)


def test_no_limit_goes_below_the_guaranteed_floor() -> None:
    cars = (vehicle("a", "fast"), vehicle("b", "fast"))
    each = Order("order", 0, 4, 0, ("a", "b"), floor_w=1_400)
    plan = solve(problem(sessions=cars, orders=(each,)))
    assert [session.power_w for session in plan.sessions] == [(1_400,) * 4] * 2
    together = replace(each, scope=Scope.TOGETHER)
    plan = solve(problem(sessions=cars, orders=(together,)))
    assert sum(session.power_w[0] for session in plan.sessions) == pytest.approx(2_800)
    assert plan.order_excess[0].excess_w == (0,) * 4


def test_an_order_goes_before_targets_and_an_offer_after_them() -> None:
    order = Order("order", 0, 4, 4_000, ("a",))
    kept = solve(problem(sessions=(vehicle(),), orders=(order,)))
    assert kept.unmet_wh == pytest.approx(4_000)
    assert sum(kept.order_excess[0].excess_w) == 0
    offered = solve(problem(sessions=(vehicle(),), orders=(replace(order, mandatory=False),)))
    assert offered.unmet_wh == 0
    assert sum(offered.order_excess[0].excess_w) == pytest.approx(4_000)


def test_an_offer_is_taken_where_it_costs_only_money() -> None:
    offer = Order("offer", 3, 4, 0, ("a",), mandatory=False)
    plan = solve(problem(import_price=(4, 3, 2, 1), sessions=(vehicle(need=10_000),), orders=(offer,)))
    assert plan.session("a").power_w == pytest.approx((0, 0, 10_000, 0))


def test_an_order_may_ask_for_discharging_even_of_a_vehicle_in_a_hurry() -> None:
    car = giving(mode="fast", energy_wh=20_000, need=40_000)
    free = solve(problem(sessions=(car,)))
    asked = solve(problem(sessions=(car,), orders=(Order("order", 0, 1, -5_000, ("a",)),)))
    assert min(free.session("a").power_w) == 0
    assert asked.session("a").power_w == pytest.approx((-5_000, 10_000, 10_000, 5_000))


def test_an_export_limit_bounds_what_flows_back() -> None:
    car = giving(energy_wh=50_000, targets=())
    order = Order("order", 0, 2, None, ("a",), export_limit_w=2_000)
    plan = solve(problem(export_price=(0.9,) * 4, sessions=(car,), orders=(order,)))
    assert plan.session("a").power_w == pytest.approx((-2_000, -2_000, -10_000, -10_000))
    whole = Order("order", 0, 2, None, export_limit_w=3_000)
    plan = solve(problem(export_price=(0.9,) * 4, sessions=(car,), orders=(whole,)))
    assert plan.grid_w[:2] == pytest.approx((-3_000, -3_000))


def test_a_reservation_is_planned_from_its_first_slot() -> None:
    car = vehicle(mode="fast", first_slot=2, announced=True)
    assert solve(problem(sessions=(car,))).session("a").power_w == pytest.approx((0, 0, 10_000, 10_000))


def test_several_targets_are_each_met_in_time() -> None:
    car = vehicle(targets=(Target(2, 5_000), Target(4, 12_000)))
    plan = solve(problem(import_price=(4, 3, 2, 1), sessions=(car,)))
    assert plan.session("a").power_w == pytest.approx((0, 5_000, 0, 7_000))


def test_an_order_may_ask_for_a_least_power() -> None:
    order = Order("sun", 0, 2, None, ("a", "b"), Scope.TOGETHER, least_w=8_000)
    cars = (vehicle("a", need=10_000), vehicle("b", need=10_000))
    scene = problem(import_price=(4, 3, 2, 1), sessions=cars)
    assert [solve(scene).grid_w[slot] for slot in (0, 1)] == [0, 0]
    plan = solve(replace(scene, orders=(order,)))
    assert plan.grid_w == pytest.approx((8_000, 8_000, 0, 4_000))
    assert plan.order_excess[0].excess_w == (0,) * 4


def test_what_nobody_can_take_is_told_as_missing_from_the_order() -> None:
    order = Order("sun", 0, 2, None, ("a",), least_w=8_000)
    car = vehicle("a", need=6_000, capacity_wh=12_000)
    plan = solve(problem(sessions=(car,), orders=(order,)))
    assert plan.session("a").energy_wh[1] == pytest.approx(12_000)
    assert sum(plan.order_excess[0].excess_w) == pytest.approx(4_000)


def test_an_empty_room_in_the_battery_is_all_that_is_taken() -> None:
    car = vehicle("a", need=0, capacity_wh=12_000, energy_wh=5_000)
    plan = solve(problem(import_price=(-1,) * 4, sessions=(car,)))
    assert plan.session("a").energy_wh[-1] == pytest.approx(12_000)


def test_a_demand_charge_flattens_the_highest_import() -> None:
    scene = problem(import_price=(2, 2, 1, 1), sessions=(vehicle(),))
    assert max(solve(scene).grid_w) == pytest.approx(10_000)
    charged = solve(replace(scene, demand_charge_per_kw=30))
    assert charged.grid_w == pytest.approx((5_000,) * 4)
    assert charged.cost == pytest.approx(30 + 30 * 5)


def test_a_demand_charge_counts_only_beyond_the_peak_so_far() -> None:
    scene = problem(import_price=(2, 2, 1, 1), demand_charge_per_kw=30, peak_so_far_w=8_000, sessions=(vehicle(),))
    plan = solve(scene)
    assert plan.grid_w == pytest.approx((4_000, 0, 8_000, 8_000))
    assert plan.cost == pytest.approx(4 * 2 + 16)


def test_a_demand_charge_below_the_bargain_is_paid() -> None:
    scene = problem(import_price=(9, 9, 1, 1), demand_charge_per_kw=2, sessions=(vehicle(),))
    assert solve(scene).grid_w == pytest.approx((0, 0, 10_000, 10_000))


@pytest.mark.parametrize("charge", [1.0, 100.0, 100_000.0])
def test_no_demand_charge_is_worth_a_missed_target(charge: float) -> None:
    car = vehicle(until=1, need=9_000)
    plan = solve(problem(1, hours=0.25, demand_charge_per_kw=charge, sessions=(replace(car, max_charge_w=40_000),)))
    assert plan.unmet_wh == 0


@pytest.mark.parametrize(("mode", "power"), [("fast", (10_000, 10_000, 0, 0)), ("basic", (5_000,) * 4)])
def test_a_demand_charge_does_not_slow_down_who_ignores_prices(mode: str, power: tuple[float, ...]) -> None:
    scene = problem(import_price=(2, 2, 1, 1), demand_charge_per_kw=30)
    assert solve(replace(scene, sessions=(vehicle("a", mode),))).session("a").power_w == pytest.approx(power)
    beside = solve(replace(scene, sessions=(vehicle("a", mode), vehicle("b", need=10_000))))
    assert beside.session("a").power_w == pytest.approx(power, abs=0.1)


def test_the_cheap_neighbour_of_a_hurried_vehicle_stays_under_the_peak_it_makes() -> None:
    scene = problem(import_price=(1, 1, 2, 2), demand_charge_per_kw=30)
    plan = solve(replace(scene, sessions=(vehicle("a", "fast"), vehicle("b"))))
    assert plan.grid_w == pytest.approx((10_000,) * 4)


def test_storage_shaves_the_peak_of_the_house() -> None:
    storage = Storage(10_000, 5_000, 5_000, 5_000, end_energy_wh=5_000)
    scene = problem(2, demand_w=(2_000.0, 8_000.0), demand_charge_per_kw=5, storage=storage)
    assert solve(scene).grid_w == pytest.approx((5_000, 5_000))


def test_the_injection_limit_bounds_what_vehicles_give_back() -> None:
    car = giving(energy_wh=50_000, targets=())
    plan = solve(problem(export_price=(0.9,) * 4, max_export_w=(3_000.0, 4_000.0, 0.0, 3_000.0), sessions=(car,)))
    assert plan.grid_w == pytest.approx((-3_000, -4_000, 0, -3_000))


def test_the_supply_point_s_capacity_is_never_exceeded_not_even_for_a_target() -> None:
    plan = solve(problem(max_import_w=(6_000.0,) * 4, sessions=(vehicle(need=30_000),)))
    assert plan.grid_w == pytest.approx((6_000,) * 4)
    assert plan.unmet_wh == pytest.approx(6_000)


def test_storage_is_neither_emptied_below_its_least_nor_filled_beyond_its_size() -> None:
    storage = Storage(8_000, 5_000, 9_000, 9_000, min_energy_wh=2_000)
    plan = solve(problem(2, import_price=(1, 9), demand_w=(0.0, 9_000.0), storage=storage))
    assert plan.storage_energy_wh == pytest.approx((8_000, 2_000))
