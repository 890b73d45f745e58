"""What must hold for every plan: for each invariant a plan that breaks it, and it alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from smac import checks
from smac.optimisation.plan import OrderExcess
from smac.optimisation.problem import Mode, Order, Problem, Scope, Session, Storage, Target
from smac.optimisation.solve import solve
from smac.optimisation.together import GroupLimit
from tests.factories import NOW

CAR = Session(
    key="car",
    mode=Mode.FAST,
    max_charge_w=10_000,
    first_slot=0,
    last_slot=3,
    capacity_wh=40_000,
    energy_wh=10_000,
    targets=(Target(3, 15_000),),
)
PROBLEM = Problem(
    slot_starts=tuple(NOW + slot * timedelta(minutes=15) for slot in range(4)),
    slot_hours=(0.25,) * 4,
    demand_w=(1_000.0,) * 4,
    production_w=(0.0,) * 4,
    import_price=(0.3,) * 4,
    export_price=(0.1,) * 4,
    max_import_w=(12_000.0,) * 4,
    max_export_w=(0.0,) * 4,
    sessions=(CAR,),
)
PLAN = solve(PROBLEM)
SUNNY = replace(PROBLEM, production_w=(20_000.0,) * 4)
GIVING = replace(
    PROBLEM,
    sessions=(replace(CAR, mode=Mode.CHEAP, v2g=True, max_discharge_w=10_000.0, targets=(), floor_wh=2_000.0),),
    export_price=(0.3,) * 4,
    max_export_w=(20_000.0,) * 4,
)
STORING = replace(PROBLEM, storage=Storage(capacity_wh=5_000.0, energy_wh=0, max_charge_w=3_000.0, max_discharge_w=3e3))
ORDER = Order("order", 0, 2, 6_000.0, session_keys=("car",))


def invariants(problem, plan):
    return {one.invariant for one in checks.broken(problem, plan)}


def with_car(problem, **changes):
    return replace(problem, sessions=(replace(problem.sessions[0], **changes),))


def powers(plan, *power_w):
    """The plan with another curve of its vehicle, and the grid as it follows from it."""
    grid = tuple(
        old + new - before for old, new, before in zip(plan.grid_w, power_w, plan.sessions[0].power_w, strict=True)
    )
    return replace(plan, sessions=(replace(plan.sessions[0], power_w=power_w),), grid_w=grid)


@pytest.mark.parametrize(
    "problem",
    [
        PROBLEM,
        SUNNY,
        GIVING,
        STORING,
        replace(PROBLEM, orders=(ORDER,)),
        replace(PROBLEM, orders=(replace(ORDER, limit_w=-3_000.0),)),
        replace(PROBLEM, orders=(replace(ORDER, session_keys=(), limit_w=500.0, floor_w=4_200.0),)),
        replace(PROBLEM, demand_w=(15_000.0,) * 4),
        with_car(replace(PROBLEM, max_phase_w=(3_000.0,) * 4), phases=(1,)),
        with_car(PROBLEM, energy_wh=39_000, targets=(Target(3, 40_000),), knee=0.9, min_charge_w=4_140.0),
        with_car(PROBLEM, mode=Mode.BASIC, min_charge_w=8_000.0),
    ],
)
def test_what_the_optimiser_plans_breaks_nothing(problem):
    assert checks.broken(problem, solve(problem)) == []


def test_the_import_limit():
    assert invariants(replace(PROBLEM, max_import_w=(5_000.0,) * 4), PLAN) == {"import"}


def test_the_export_limit():
    plan = solve(GIVING)
    assert invariants(replace(GIVING, max_export_w=(1_000.0,) * 4), plan) == {"export"}


def test_the_energy_balance():
    drawn = tuple(power + 100 for power in PLAN.grid_w)
    assert invariants(PROBLEM, replace(PLAN, grid_w=drawn)) == {"balance"}


def test_no_more_production_is_given_up_than_there_is():
    plan = solve(SUNNY)
    more = tuple(power + 30_000 for power in plan.curtailed_w)
    assert invariants(SUNNY, replace(plan, curtailed_w=more, grid_w=tuple(it + 30_000 for it in plan.grid_w))) == {
        "curtailed",
        "import",
    }


def test_the_window_of_a_vehicle():
    assert "window" in invariants(with_car(PROBLEM, last_slot=1, targets=()), PLAN)


def test_the_power_of_point_and_vehicle():
    assert invariants(with_car(PROBLEM, max_charge_w=3_000.0), PLAN) == {"power"}


def test_what_others_leave_to_the_point():
    assert invariants(with_car(PROBLEM, limit_w=(3_000.0,) * 4), PLAN) == {"power"}


def test_nothing_flows_out_of_a_vehicle_that_gives_nothing():
    plan = solve(GIVING)
    assert "power" in invariants(with_car(GIVING, v2g=False), plan)


def test_the_least_current_in_the_slots_that_are_told_next():
    slow = solve(with_car(PROBLEM, mode=Mode.BASIC))
    assert max(slow.sessions[0].power_w) < 8_000
    assert invariants(with_car(PROBLEM, mode=Mode.BASIC, min_charge_w=8_000.0), slow) == {"least current"}


def test_a_battery_is_never_overfilled():
    assert "overfull" in invariants(with_car(PROBLEM, capacity_wh=12_000.0, targets=()), PLAN)


def test_a_vehicle_is_never_emptied_below_its_floor():
    plan = solve(GIVING)
    assert min(plan.sessions[0].energy_wh) < 9_000
    assert invariants(with_car(GIVING, floor_wh=9_500.0), plan) == {"floor"}


def test_the_content_told_follows_from_the_power():
    planned = replace(PLAN.sessions[0], energy_wh=(10_000.0,) * 4)
    assert invariants(PROBLEM, replace(PLAN, sessions=(planned,))) == {"content told"}


def test_what_is_missed_is_told():
    assert "unmet told" in invariants(PROBLEM, powers(PLAN, 0.0, 0.0, 0.0, 0.0))


def test_the_limits_of_the_storage():
    plan = solve(STORING)
    full = replace(plan, storage_w=(4_000.0, 0.0, 0.0, 0.0))
    assert "storage" in invariants(STORING, full)
    assert invariants(PROBLEM, replace(PLAN, storage_w=(100.0,) * 4, grid_w=tuple(it + 100 for it in PLAN.grid_w))) == {
        "storage"
    }


def test_the_content_of_the_storage():
    plan = solve(STORING)
    emptied = replace(plan, storage_w=(-500.0,) * 4, grid_w=tuple(it - 500 for it in plan.grid_w))
    assert invariants(STORING, emptied) == {"storage content"}


def test_a_mandatory_order():
    told = replace(PLAN, order_excess=(OrderExcess("order", (4_000.0, 4_000.0, 0.0, 0.0)),))
    assert invariants(replace(PROBLEM, orders=(ORDER,)), told) == {"order"}
    together = replace(ORDER, scope=Scope.TOGETHER)
    assert invariants(replace(PROBLEM, orders=(together,)), told) == {"order"}
    floor = replace(ORDER, floor_w=10_000.0)
    assert (
        invariants(replace(PROBLEM, orders=(floor,)), replace(told, order_excess=(OrderExcess("order", (0,) * 4),)))
        == set()
    )


def test_a_mandatory_order_for_the_whole_connection():
    whole = replace(ORDER, session_keys=())
    told = replace(PLAN, order_excess=(OrderExcess("order", (5_000.0, 5_000.0, 0.0, 0.0)),))
    assert invariants(replace(PROBLEM, orders=(whole,)), told) == {"order"}


def test_an_offer_may_be_exceeded_but_not_in_silence():
    offer = replace(PROBLEM, orders=(replace(ORDER, mandatory=False),))
    told = replace(PLAN, order_excess=(OrderExcess("order", (4_000.0, 4_000.0, 0.0, 0.0)),))
    assert invariants(offer, told) == set()
    assert invariants(offer, replace(PLAN, order_excess=(OrderExcess("order", (0.0,) * 4),))) == {"order told"}
    assert invariants(offer, PLAN) == {"order told"}


def test_the_fuse_of_a_phase():
    one_phase = with_car(PROBLEM, phases=(2,))
    assert invariants(replace(one_phase, max_phase_w=(4_000.0,) * 4), PLAN) == {"phase"}
    three = with_car(PROBLEM, phases=(1, 2, 3))
    assert invariants(replace(three, max_phase_w=(4_000.0,) * 4), PLAN) == set()


def test_a_plan_for_other_slots_or_other_vehicles_or_without_numbers_is_no_plan():
    assert invariants(replace(PROBLEM, sessions=()), PLAN) == {"shape"}
    later = tuple(start + timedelta(minutes=15) for start in PROBLEM.slot_starts)
    assert invariants(replace(PROBLEM, slot_starts=later), PLAN) == {"shape"}
    assert invariants(PROBLEM, replace(PLAN, grid_w=(float("nan"),) * 4)) == {"shape"}


def test_the_capacity_of_a_feeder_that_two_supply_points_share():
    problems, plans = {"a": PROBLEM, "b": PROBLEM}, {"a": PLAN, "b": PLAN}
    limit = GroupLimit("feeder", ("a", "b"), (22_000.0,) * 4)
    assert checks.broken_together(problems, plans, [limit]) == []
    (first, second) = checks.broken_together(problems, plans, [replace(limit, max_import_w=(21_000.0,) * 4)])
    assert (str(first), second.slot) == ("group import feeder in slot 0: 22000", 1)
    giving = {"a": solve(GIVING), "b": solve(GIVING)}
    back = replace(limit, max_export_w=(10_000.0,) * 4)
    found = checks.broken_together({"a": GIVING, "b": GIVING}, giving, [back])
    assert {one.invariant for one in found} == {"group export"}


def test_what_houses_need_over_the_capacity_of_a_feeder_is_no_fault_of_the_plan():
    limit = GroupLimit("feeder", ("a", "b"), (1_500.0,) * 4)
    paused = powers(PLAN, 0.0, 0.0, 0.0, 0.0)
    assert checks.broken_together({"a": PROBLEM, "b": PROBLEM}, {"a": paused, "b": paused}, [limit]) == []
