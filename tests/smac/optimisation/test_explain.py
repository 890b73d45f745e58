"""A plan says why."""

from typing import Any

import pytest

from smac.optimisation.plan import MainReason, Reason, SlotReason
from smac.optimisation.problem import Order, Scope, Session, Target
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import giving, problem, vehicle


def told(*cars: Session, **changes: Any) -> tuple[list[str], Reason]:
    plan = solve(problem(sessions=cars, **changes)).session("a")
    return [reason.value for reason in plan.slot_reasons], plan.reason


def test_cheap_waits_for_the_cheapest_hours_and_names_their_price() -> None:
    slots, main = told(vehicle(), import_price=(4, 3, 2, 1))
    assert slots == ["waiting", "waiting", "full_power", "full_power"]
    assert main == Reason(MainReason.CHEAP_SLOTS, (2, 3), price=2)


def test_fast_is_early_and_then_done() -> None:
    slots, main = told(vehicle(mode="fast", need=15_000))
    assert slots == ["full_power", "enough", "done", "done"]
    assert main == Reason(MainReason.EARLY, (0, 1))


def test_green_follows_the_surplus() -> None:
    slots, main = told(vehicle(mode="green", need=9_000), production_w=(0.0, 6_000.0, 4_000.0, 0.0))
    assert slots == ["waiting", "surplus", "surplus", "done"]
    assert main.code is MainReason.SURPLUS
    assert main.energy_wh == pytest.approx(9_000)


def test_what_comes_from_the_grid_is_not_called_sun() -> None:
    scene = {"production_w": (0.0, 6_000.0, 4_000.0, 0.0), "import_price": (2, 1, 2, 2)}
    _, main = told(vehicle(mode="green", need=12_000), **scene)
    assert main == Reason(MainReason.SURPLUS, (1, 2), energy_wh=10_000)


def test_basic_is_even() -> None:
    slots, main = told(vehicle(mode="basic"))
    assert set(slots) == {"shared"}
    assert main.code is MainReason.EVEN


def test_an_order_is_named() -> None:
    slots, main = told(vehicle(mode="fast"), orders=(Order("dso-7", 0, 2, 3_000, ("a",)),))
    assert slots == ["order", "order", "full_power", "enough"]
    assert main == Reason(MainReason.ORDER, (0, 1), order_key="dso-7")


def test_an_order_for_the_sum_is_named_too() -> None:
    order = Order("dso-8", 0, 1, 3_000, ("a", "b"), Scope.TOGETHER)
    assert told(vehicle(mode="fast"), vehicle("b", "fast"), orders=(order,))[0][0] == "order"


def test_an_order_for_others_is_not_told() -> None:
    slots, _ = told(vehicle(mode="fast"), vehicle("b"), orders=(Order("dso-9", 0, 4, 0, ("b",)),))
    assert "order" not in slots


def test_the_supply_point_s_limit_is_named() -> None:
    slots, main = told(vehicle(mode="fast"), max_import_w=(6_000.0,) * 4)
    assert slots[:3] == ["supply_limit"] * 3
    assert main.code is MainReason.SUPPLY_LIMIT


def test_a_missed_target_comes_before_everything_else() -> None:
    _, main = told(vehicle(need=30_000), orders=(Order("dso-7", 0, 4, 5_000, ("a",)),))
    assert main.code is MainReason.UNREACHABLE
    assert (main.energy_wh, main.order_key) == (pytest.approx(10_000), "dso-7")


def test_giving_back_names_the_least_price_it_sold_at() -> None:
    car = giving(energy_wh=20_000, need=20_000)
    slots, main = told(car, import_price=(1, 1, 9, 1), export_price=(0, 0, 8, 0))
    assert slots[2] == "discharging"
    assert main == Reason(MainReason.GIVES_BACK, (2,), price=8)


def test_who_needs_nothing_is_told_so() -> None:
    slots, main = told(vehicle(energy_wh=20_000))
    assert slots == ["done"] * 4
    assert main.code is MainReason.NOTHING_NEEDED


def test_own_limit_taper_and_absence_are_told() -> None:
    slots, _ = told(vehicle(mode="fast", first_slot=1, limit_w=(0.0, 4_000.0, 4_000.0, 4_000.0)))
    assert slots == [SlotReason.AWAY, *["own_limit"] * 3]
    car = vehicle(mode="fast", capacity_wh=20_000, energy_wh=16_000, need=20_000, knee=0.8)
    assert told(car)[0][0] == "taper"


def test_a_target_on_the_way_is_named_where_a_cheaper_slot_comes_too_late() -> None:
    car = vehicle(targets=(Target(2, 5_000), Target(4, 12_000)))
    assert told(car, import_price=(4, 3, 2, 1))[0] == ["waiting", "target", "waiting", "price"]


def test_the_cost_of_waiting_is_named_where_it_outweighs_a_cheaper_slot() -> None:
    scene = {"import_price": (5, 5, 4, 4), "opportunity_cost_per_h": 2.0}
    assert told(vehicle(need=5_000), **scene)[0] == ["opportunity", "done", "done", "done"]


def test_the_floor_is_named_where_it_ends_giving_back() -> None:
    car = giving(energy_wh=20_000, targets=(), floor_wh=5_000)
    slots, _ = told(car, import_price=(9,) * 4, export_price=(8, 8, 8, 0))
    assert slots == ["discharging", "floor", "floor", "done"] or slots == ["discharging", "floor", "floor", "floor"]


def test_a_full_phase_is_named() -> None:
    car = vehicle(mode="fast", phases=(1,))
    assert told(car, max_phase_w=(8_000.0,) * 4)[0][:2] == ["phase_limit"] * 2


def test_a_peak_that_would_cost_is_named() -> None:
    assert told(vehicle(), import_price=(2, 2, 1, 1), demand_charge_per_kw=30)[0] == ["peak"] * 4


def test_an_order_to_draw_is_named() -> None:
    order = Order("sun", 0, 1, None, ("a",), least_w=4_000)
    slots, main = told(vehicle(need=9_000), import_price=(4, 3, 2, 1), orders=(order,))
    assert slots == ["order", "waiting", "waiting", "price"]
    assert main == Reason(MainReason.ORDER, (0,), order_key="sun")
