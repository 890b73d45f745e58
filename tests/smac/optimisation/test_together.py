"""Supply points behind one feeder keep its limit together, and are left alone where it does not bind."""

import math
from dataclasses import asdict, replace

import pytest

from smac.checks import broken
from smac.optimisation.live import LivePlanner
from smac.optimisation.plan import MainReason, Note, NoteCode, Plan, SlotReason, Status
from smac.optimisation.problem import Problem
from smac.optimisation.solve import solve
from smac.optimisation.together import GroupLimit, solve_together
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle

FEEDER = GroupLimit("feeder", ("north", "south"), (12_000.0,) * 4)


def two(mode: str = "fast", **changes: object) -> dict[str, Problem]:
    return {key: problem(sessions=(vehicle(key, mode),), **changes) for key in ("north", "south")}  # type: ignore[arg-type]


def total(plans: dict[str, Plan], slot: int) -> float:
    return sum(plan.grid_w[slot] for plan in plans.values())


def streets(seed: int) -> dict[str, Problem]:
    scenes = {f"site-{number}": mixed(10 * seed + number, sessions=2) for number in range(3)}
    return {key: replace(scene, orders=()) for key, scene in scenes.items()}


@pytest.mark.parametrize("seed", range(6))
def test_a_limit_that_does_not_bind_changes_nothing(seed: int) -> None:
    sites = streets(seed)
    plans = solve_together(sites, [GroupLimit("feeder", tuple(sites), (1e6,) * 24, (1e6,) * 24)])
    for key, scene in sites.items():
        assert repr(asdict(plans[key])) == repr(asdict(solve(scene)))


@pytest.mark.parametrize("seed", range(6))
def test_who_is_planned_beside_a_shortage_of_others_gets_the_plan_it_would_get_alone(seed: int) -> None:
    """A feeder binds two of five; one program holds all five."""
    sites = streets(seed)
    cars = {key: vehicle(key, "fast", until=24) for key in ("north", "south")}
    short = {key: problem(24, hours=0.25, sessions=(car,)) for key, car in cars.items()}
    feeder = replace(FEEDER, max_import_w=(12_000.0,) * 24)
    transformer = GroupLimit("transformer", (*sites, *short), (1e6,) * 24)
    plans = solve_together({**sites, **short}, [feeder, transformer])
    assert plans["north"].grid_w[0] + plans["south"].grid_w[0] == pytest.approx(12_000)
    for key, scene in sites.items():
        assert plans[key].grid_w == pytest.approx(solve(scene).grid_w, abs=5)


def test_supply_points_planned_together_need_the_same_slots() -> None:
    with pytest.raises(ValueError, match="same slots"):
        solve_together({"north": problem(4), "south": problem(5)}, [FEEDER])


def test_two_supply_points_share_what_a_feeder_carries() -> None:
    plans = solve_together(two(), [FEEDER])
    assert [total(plans, slot) for slot in range(4)] == pytest.approx([12_000, 12_000, 12_000, 4_000])
    assert all(plan.unmet_wh == 0 and plan.status is Status.OPTIMAL for plan in plans.values())
    assert SlotReason.GROUP_LIMIT in plans["south"].session("south").slot_reasons
    assert MainReason.GROUP_LIMIT in {plan.sessions[0].reason.code for plan in plans.values()}


def test_the_cheaper_supply_point_gives_way_to_the_dearer_one() -> None:
    sites = two("cheap", import_price=(1, 1, 2, 2))
    sites["north"] = replace(sites["north"], import_price=(1, 1, 9, 9))
    plans = solve_together(sites, [GroupLimit("feeder", ("north", "south"), (10_000.0,) * 4)])
    assert plans["north"].grid_w == pytest.approx((10_000, 10_000, 0, 0))
    assert plans["south"].grid_w == pytest.approx((0, 0, 10_000, 10_000))


def test_export_through_a_feeder_is_bounded_too() -> None:
    cars = {key: giving(key, energy_wh=50_000, targets=()) for key in ("north", "south")}
    sites = {key: problem(export_price=(0.9,) * 4, sessions=(car,)) for key, car in cars.items()}
    plans = solve_together(sites, [replace(FEEDER, max_export_w=(6_000.0,) * 4)])
    assert [total(plans, slot) for slot in range(4)] == pytest.approx([-6_000] * 4)


def test_limits_may_lie_within_each_other() -> None:
    sites = {key: problem(sessions=(vehicle(key, "fast"),)) for key in "abc"}
    feeder = GroupLimit("feeder", ("a", "b"), (8_000.0,) * 4)
    transformer = GroupLimit("transformer", ("a", "b", "c"), (14_000.0,) * 4)
    plans = solve_together(sites, [transformer, feeder])
    for slot in range(4):
        assert plans["a"].grid_w[slot] + plans["b"].grid_w[slot] <= 8_000.1
        assert total(plans, slot) <= 14_000.1
    assert total(plans, 0) == pytest.approx(14_000)


def test_houses_are_served_whatever_the_limit_and_that_is_noted() -> None:
    plans = solve_together(two(demand_w=(8_000.0,) * 4), [FEEDER])
    assert [total(plans, slot) for slot in range(4)] == pytest.approx([16_000] * 4)
    assert all(Note(NoteCode.GROUP_LIMIT_RAISED, "feeder") in plan.notes for plan in plans.values())
    empty = solve_together({key: problem(demand_w=(8_000.0,) * 4) for key in plans}, [FEEDER])
    assert all(Note(NoteCode.GROUP_LIMIT_RAISED, "feeder") in plan.notes for plan in empty.values())


def test_the_minimum_current_holds_in_a_group() -> None:
    sites = {key: problem(sessions=(vehicle(key, "fast", min_charge_w=7_000.0),)) for key in ("north", "south")}
    plans = solve_together(sites, [FEEDER])
    for plan in plans.values():
        assert all(power == 0 or power >= 7_000 - 0.1 for power in plan.sessions[0].power_w[:2])
    assert max(total(plans, slot) for slot in range(4)) <= 12_000.1


@pytest.mark.parametrize("seed", range(4))
def test_two_solvers_agree_on_a_group(seed: int) -> None:
    sites = streets(seed)
    alone = {key: solve(scene) for key, scene in sites.items()}
    most = max(total(alone, slot) for slot in range(24)) * 0.8
    limit = GroupLimit("feeder", tuple(sites), (most,) * 24)
    ours, theirs = solve_together(sites, [limit]), solve_together(sites, [limit], back_end="CBC")
    for key in sites:
        assert ours[key].cost == pytest.approx(theirs[key].cost, abs=1e-3)
        for session in ours[key].sessions:
            assert session.power_w == pytest.approx(theirs[key].session(session.key).power_w, abs=5)


def test_a_live_program_gives_the_plans_of_a_new_one() -> None:
    planner, limit = LivePlanner(), [FEEDER]
    for need in (20_000, 15_000, 22_000):
        sites = {key: problem(sessions=(vehicle(key, "fast", need=need),)) for key in ("north", "south")}
        alive, anew = solve_together(sites, limit, planner=planner), solve_together(sites, limit)
        for key in sites:
            assert alive[key].grid_w == pytest.approx(anew[key].grid_w, abs=1)


def test_without_time_each_keeps_to_its_share() -> None:
    plans = solve_together(two(), [FEEDER], time_limit_s=0.0)
    for slot in range(4):
        assert total(plans, slot) <= 12_000.1
    for plan in plans.values():
        assert plan.grid_w[0] == pytest.approx(6_000)
        assert NoteCode.GROUP_SHARED in {note.code for note in plan.notes}
        assert plan.status is not Status.OPTIMAL


def test_flexibility_of_a_group_fits_its_limit() -> None:
    plans = solve_together(two("cheap", import_price=(9, 1, 1, 9)), [replace(FEEDER, max_import_w=(26_000.0,) * 4)])
    for slot in range(4):
        assert sum(plan.flexibility_up_w[slot] for plan in plans.values()) <= 26_000 - total(plans, slot) + 0.1


def test_supply_points_outside_any_group_and_unknown_ones_do_not_matter() -> None:
    sites = two()
    plans = solve_together(sites, [GroupLimit("feeder", ("north", "gone"), (5_000.0,))])
    assert plans["north"].grid_w[0] == pytest.approx(5_000)
    assert plans["south"] == solve(sites["south"])


@pytest.mark.parametrize("seed", range(8))
def test_no_limit_of_any_group_is_exceeded_and_nobody_loses_more_than_it_costs(seed: int) -> None:
    sites = streets(seed)
    alone = {key: solve(scene) for key, scene in sites.items()}
    most = tuple(max(total(alone, slot) * 0.7, 12_000.0) for slot in range(24))
    back = tuple(max(-total(alone, slot) * 0.7, 2_000.0) for slot in range(24))
    plans = solve_together(sites, [GroupLimit("feeder", tuple(sites), most, back)])
    for slot in range(24):
        assert -back[slot] - 0.5 <= total(plans, slot) <= most[slot] + 0.5
    for key, scene in sites.items():
        assert broken(scene, plans[key]) == []


def test_a_group_s_impossible_limit_is_bent() -> None:
    nonsense = GroupLimit("feeder", ("north", "south"), (math.nan, -math.inf), (math.nan,))
    plans = solve_together(two(demand_w=(1_000.0,) * 4), [nonsense])
    assert [total(plans, slot) for slot in range(4)] == pytest.approx([2_000] * 4)


def test_money_is_worth_the_same_in_every_supply_point() -> None:
    """Two a kWh saved of nine count for more than one of two."""
    sites = {"north": two("cheap")["north"], "south": two("cheap", import_price=(1, 1, 2, 2))["south"]}
    sites["north"] = replace(sites["north"], import_price=(7, 7, 9, 9))
    plans = solve_together(sites, [GroupLimit("feeder", ("north", "south"), (10_000.0,) * 4)])
    assert plans["north"].grid_w == pytest.approx((10_000, 10_000, 0, 0))
