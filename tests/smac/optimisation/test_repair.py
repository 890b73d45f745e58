"""A charger cannot give less than its minimum: it charges with that, or it pauses."""

from dataclasses import replace

import pytest

from smac.optimisation import highs
from smac.optimisation.adapter import BACK_ENDS, Outcome, Program
from smac.optimisation.plan import Status
from smac.optimisation.problem import Order
from smac.optimisation.repair import FIRST_SLOTS
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle


@pytest.mark.parametrize("back_end", BACK_ENDS)
@pytest.mark.parametrize("seed", range(6))
def test_the_first_slots_hold_the_minimum_or_a_pause(seed: int, back_end: str) -> None:
    scene = mixed(seed, modes=["basic", "cheap"])
    cars = tuple(replace(car, min_charge_w=min(4_140.0, car.max_charge_w)) for car in scene.sessions)
    plan = solve(replace(scene, sessions=cars), back_end=back_end)
    assert plan.status is Status.OPTIMAL
    for car, curve in zip(cars, plan.sessions, strict=True):
        for power in curve.power_w[:FIRST_SLOTS]:
            assert power <= 0 or power >= car.min_charge_w - 0.1


def test_no_target_is_missed_because_of_the_minimum() -> None:
    cars = tuple(vehicle(key, "basic", need=4_000, min_charge_w=4_140.0) for key in "abc")
    scene = problem(sessions=cars, max_import_w=(10_000.0,) * 4)
    plan = solve(scene)
    assert plan.unmet_wh == 0
    assert {session.power_w[0] for session in plan.sessions} - {0.0} != set()


def test_a_preview_does_without() -> None:
    car = vehicle(mode="basic", need=4_000, min_charge_w=4_140.0)
    assert solve(problem(sessions=(car,)), preview=True).session("a").power_w[0] == pytest.approx(1_000)


def test_below_the_minimum_by_its_own_limit_a_point_pauses() -> None:
    car = vehicle(mode="fast", min_charge_w=4_140.0, limit_w=(2_000.0, 10_000.0, 10_000.0, 10_000.0))
    assert solve(problem(sessions=(car,))).session("a").power_w == pytest.approx((0, 10_000, 10_000, 0))


def test_near_full_a_battery_is_offered_the_minimum_until_it_is_full() -> None:
    car = vehicle(mode="fast", capacity_wh=50_000, energy_wh=46_000, need=50_000, knee=0.8, min_charge_w=4_140.0)
    for _ in range(4):
        plan = solve(problem(sessions=(car,))).session("a")
        assert plan.power_w[0] >= 4_139.9
        assert plan.energy_wh[0] > car.energy_wh + 100
        car = replace(car, energy_wh=plan.energy_wh[0])
    assert car.energy_wh > 49_000


def test_a_minimum_is_not_reached_by_giving_the_rest_back_at_once() -> None:
    car = giving(mode="fast", capacity_wh=50_000, energy_wh=48_000, need=50_000, knee=0.8, min_charge_w=4_140.0)
    order = Order("order", 0, 4, 2_000.0, ("a",))
    power = solve(problem(sessions=(car,), orders=(order,))).session("a").power_w
    assert all(value <= 0 or value >= 4_139.9 for value in power[:FIRST_SLOTS])


def test_a_search_without_time_still_charges_whom_rounding_would(monkeypatch: pytest.MonkeyPatch) -> None:
    # No heuristics and no branching: whatever comes back comes from the rounded start.
    monkeypatch.setitem(highs._OPTIONS, "mip_max_nodes", 0)
    monkeypatch.setitem(highs._OPTIONS, "mip_heuristic_effort", 0.0)
    monkeypatch.setitem(highs._OPTIONS, "presolve", "off")
    needs = range(6_000, 26_000, 1_000)
    cars = tuple(vehicle(f"v{need}", "basic", need=need, min_charge_w=4_140.0) for need in needs)
    scene = problem(sessions=cars, max_import_w=(90_000.0,) * 4)
    plan = solve(scene)
    assert plan.status in (Status.OPTIMAL, Status.INCUMBENT)
    for slot in range(FIRST_SLOTS):
        charging = [session.power_w[slot] for session in plan.sessions if session.power_w[slot] > 0]
        assert len(charging) >= 15
        assert min(charging) >= 4_139.9
        assert sum(charging) <= 90_000.1


def test_a_search_that_brings_nothing_leaves_what_it_began_with(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Program.solve
    monkeypatch.setattr(
        Program, "solve", lambda self, limit=None: Outcome.NOTHING if self.is_searched() else real(self, limit)
    )
    cars = tuple(vehicle(f"v{need}", "basic", need=need, min_charge_w=4_140.0) for need in range(6_000, 26_000, 1_000))
    plan = solve(problem(sessions=cars, max_import_w=(90_000.0,) * 4))
    assert plan.status is Status.INCUMBENT
    assert plan.unmet_wh == 0
    for slot in range(FIRST_SLOTS):
        charging = [session.power_w[slot] for session in plan.sessions if session.power_w[slot] > 0]
        assert len(charging) >= 15
        assert min(charging) >= 4_139.9
