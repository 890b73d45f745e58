"""What a grid operator is told before an order goes out."""

from dataclasses import replace

import pytest

from smac.optimisation.problem import Order, Scope, Target
from smac.optimisation.verdict import VerdictOutcome, judge
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle

TIGHT = Order("order", 0, 4, 5_000, ("a",))


def test_an_order_that_only_moves_charging_succeeds() -> None:
    verdict = judge(problem(sessions=(vehicle(),), orders=(replace(TIGHT, last_slot=2, limit_w=0),)), ["order"])
    assert verdict.outcome is VerdictOutcome.SUCCESS
    assert (verdict.relaxation_wh, verdict.extra_w, verdict.slots, verdict.session_keys) == (0, 0, (), ())
    assert verdict.uniform_limit_w == 0
    assert verdict.certain


def test_what_was_missed_anyway_is_not_the_order_s_fault() -> None:
    scene = problem(sessions=(vehicle(need=60_000),), orders=(Order("order", 0, 4, 10_000, ("a",)),))
    verdict = judge(scene, ["order"])
    assert verdict.outcome is VerdictOutcome.SUCCESS
    assert verdict.unmet_without == verdict.unmet_with == {"a": pytest.approx(20_000)}


def test_an_impossible_order_says_who_misses_what_and_when() -> None:
    cars = (vehicle("a", need=30_000), vehicle("b", need=5_000))
    scene = problem(sessions=cars, orders=(replace(TIGHT, session_keys=("a", "b")),))
    verdict = judge(scene, ["order"])
    assert verdict.outcome is VerdictOutcome.UNFEASIBLE
    assert verdict.session_keys == ("a",)
    assert verdict.slots == (0, 1, 2, 3)
    assert verdict.unmet_without == {"a": 0, "b": 0}
    assert verdict.unmet_with == {"a": pytest.approx(10_000), "b": 0}


def test_only_the_slots_that_need_it_are_concerned() -> None:
    car = vehicle(need=25_000, until=3)
    verdict = judge(problem(sessions=(car,), orders=(replace(TIGHT, first_slot=2, limit_w=0),)), ["order"])
    assert verdict.slots == (2,)
    assert (verdict.relaxation_wh, verdict.extra_w, verdict.uniform_limit_w) == (5_000, 5_000, 5_000)


def test_together_the_least_limit_is_that_of_the_sum() -> None:
    cars = (vehicle("a", need=30_000), vehicle("b", need=10_000))
    order = Order("order", 0, 4, 8_000, ("a", "b"), Scope.TOGETHER)
    verdict = judge(problem(sessions=cars, orders=(order,)), ["order"])
    assert (verdict.relaxation_wh, verdict.extra_w) == (pytest.approx(8_000), pytest.approx(2_000))
    assert verdict.uniform_limit_w == pytest.approx(10_000)
    kept = judge(problem(sessions=cars, orders=(replace(order, limit_w=10_000),)), ["order"])
    assert kept.outcome is VerdictOutcome.SUCCESS


def test_another_order_stays_in_force_while_one_is_judged() -> None:
    other = Order("other", 0, 2, 0, ("a",))
    scene = problem(sessions=(vehicle(),), orders=(other, replace(TIGHT, limit_w=8_000, first_slot=2)))
    verdict = judge(scene, ["order"])
    assert verdict.unmet_without == {"a": 0}
    assert verdict.relaxation_wh == pytest.approx(4_000)


def test_an_offer_that_would_be_exceeded_is_told_so() -> None:
    verdict = judge(problem(sessions=(vehicle(need=30_000),), orders=(replace(TIGHT, mandatory=False),)), ["order"])
    assert verdict.outcome is VerdictOutcome.UNFEASIBLE
    assert verdict.relaxation_wh == pytest.approx(10_000)


def test_a_neighbour_that_gives_back_makes_an_order_feasible() -> None:
    cars = (vehicle("a", need=30_000), giving("b", energy_wh=60_000, targets=()))
    order = Order("order", 0, 4, 5_000, ("a", "b"), Scope.TOGETHER)
    assert judge(problem(sessions=cars, orders=(order,)), ["order"]).outcome is VerdictOutcome.SUCCESS


def test_an_order_outside_the_horizon_asks_nothing() -> None:
    verdict = judge(problem(sessions=(vehicle(),), orders=(replace(TIGHT, first_slot=8, last_slot=9),)), ["order"])
    assert verdict.outcome is VerdictOutcome.SUCCESS


def test_without_time_the_verdict_comes_from_the_fallback_and_says_so() -> None:
    scene = problem(sessions=(vehicle(need=30_000),), orders=(TIGHT,))
    verdict = judge(scene, ["order"], time_limit_s=0.0)
    assert not verdict.certain
    assert verdict.outcome is VerdictOutcome.UNFEASIBLE


@pytest.mark.parametrize("seed", range(12))
def test_raised_as_told_an_order_harms_nobody(seed: int) -> None:
    scene = mixed(seed)
    keys = tuple(car.key for car in scene.sessions)
    scene = replace(scene, orders=(Order("order", 4, 16, 1_000, keys, Scope.TOGETHER),))
    verdict = judge(scene, ["order"])
    assert verdict.uniform_limit_w is not None
    raised = replace(scene, orders=(replace(scene.orders[0], limit_w=verdict.uniform_limit_w + 1),))
    assert judge(raised, ["order"]).outcome is VerdictOutcome.SUCCESS


def test_a_least_power_that_is_too_much_is_lowered_to_what_can_be_drawn() -> None:
    car = vehicle("a", need=5_000, capacity_wh=12_000)
    scene = problem(sessions=(car,), orders=(Order("order", 0, 2, None, ("a",), least_w=8_000),))
    verdict = judge(scene, ["order"])
    assert verdict.outcome is VerdictOutcome.UNFEASIBLE
    assert (verdict.relaxation_wh, verdict.uniform_limit_w, verdict.uniform_least_w) == (4_000, None, 6_000)


@pytest.mark.parametrize("scope", list(Scope))
def test_the_least_limit_stands_above_the_guaranteed_floor(scope: Scope) -> None:
    """4.2 kW for every point whatever the limit; what is needed beyond counts from there."""
    car = vehicle("a", need=20_000)
    order = Order("order", 0, 4, 0, ("a",), scope, floor_w=4_200)
    verdict = judge(problem(sessions=(car,), orders=(order,)), ["order"])
    assert (verdict.outcome, verdict.extra_w) == (VerdictOutcome.UNFEASIBLE, pytest.approx(800))
    assert verdict.uniform_limit_w == pytest.approx(5_000)
    assert verdict.unmet_with == {"a": pytest.approx(3_200)}
    enough = judge(problem(sessions=(replace(car, targets=(Target(4, 16_800),)),), orders=(order,)), ["order"])
    assert enough.outcome is VerdictOutcome.SUCCESS
