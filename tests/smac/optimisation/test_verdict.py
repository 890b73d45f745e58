"""What a grid operator is told before an order goes out."""

from dataclasses import replace
from typing import Any

import pytest

from smac.optimisation.problem import Order, Problem, Scope, Target
from smac.optimisation.together import GroupLimit
from smac.optimisation.verdict import VerdictOutcome, judge, judge_together
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle

TIGHT = Order("order", 0, 4, 5_000, ("a",))


def test_an_order_that_only_moves_charging_succeeds() -> None:
    verdict = judge(problem(sessions=(vehicle(),), orders=(replace(TIGHT, last_slot=2, limit_w=0),)), ["order"])
    assert verdict.outcome is VerdictOutcome.SUCCESS
    assert (verdict.relaxation_wh, verdict.extra_w, verdict.slots, verdict.session_keys) == (0, 0, (), ())
    assert verdict.uniform_limit_w == 0
    assert verdict.certain


def nearly_full(**values: Any) -> Problem:
    """A car that is to be full, which its battery comes to ever more slowly; held back for two hours of four."""
    car = replace(vehicle(need=6_000, capacity_wh=32_000, until=4), **{"energy_wh": 26_000, "knee": 0.9, **values})
    car = replace(car, targets=(Target(4, 32_000),))
    return problem(sessions=(car,), orders=(replace(TIGHT, last_slot=2, limit_w=1_000),))


def test_the_last_drop_of_a_battery_that_takes_less_and_less_is_nobodys_miss() -> None:
    verdict = judge(nearly_full(), ["order"])
    assert verdict.certain
    assert verdict.outcome is VerdictOutcome.SUCCESS
    assert verdict.session_keys == ()


def test_what_is_really_missed_near_full_is_told_and_what_limit_helps() -> None:
    scene = nearly_full(energy_wh=2_000, max_charge_w=8_000)
    verdict = judge(scene, ["order"])
    assert verdict.certain
    assert verdict.outcome is VerdictOutcome.UNFEASIBLE
    assert verdict.session_keys == ("a",)
    assert verdict.uniform_limit_w is not None
    raised = replace(scene, orders=(replace(scene.orders[0], limit_w=verdict.uniform_limit_w + 1),))
    assert judge(raised, ["order"]).outcome is VerdictOutcome.SUCCESS


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


FEEDER = GroupLimit("feeder", ("north", "south"), (12_000.0,) * 4)


def pause(key: str, **changes: Any) -> Order:
    return replace(Order("order", 0, 2, 0, (key,)), **changes)


def streets(**orders: tuple[Order, ...]) -> dict[str, Problem]:
    """Two supply points behind 12 kW, each with a vehicle that needs 20 kWh in four hours."""
    keys = ("north", "south")
    return {key: problem(sessions=(vehicle(key, "fast"),), orders=orders.get(key, ())) for key in keys}


def test_who_shares_a_feeder_makes_room_for_those_whom_an_order_puts_off() -> None:
    verdicts = judge_together(streets(north=(pause("north"),)), [FEEDER], {"north": ["order"]})
    assert [verdicts[key].outcome for key in ("north", "south")] == [VerdictOutcome.SUCCESS] * 2
    wide = judge_together(streets(north=(pause("north", last_slot=3),)), [FEEDER], {"north": ["order"]})
    assert wide["north"].outcome is VerdictOutcome.UNFEASIBLE


def test_what_a_feeder_carries_is_not_promised_to_each_of_two_supply_points() -> None:
    """Alone, each could charge in the two slots that are left; 24 kWh are for both."""
    sites = streets(north=(pause("north"),), south=(pause("south"),))
    verdicts = judge_together(sites, [FEEDER], {"north": ["order"], "south": ["order"]})
    assert {it.outcome for it in verdicts.values()} == {VerdictOutcome.UNFEASIBLE}
    assert sum(it.relaxation_wh for it in verdicts.values()) == pytest.approx(16_000, abs=1)
    assert sum(sum(it.unmet_with.values()) for it in verdicts.values()) == pytest.approx(16_000, abs=1)
    assert [it.extra_w for it in verdicts.values()] == pytest.approx([4_000, 4_000], abs=1)
    alone = [judge(sites[key], ["order"]).outcome for key in sites]
    assert alone == [VerdictOutcome.SUCCESS] * 2


def test_the_parts_of_one_order_give_way_in_proportion() -> None:
    sites = streets(north=(pause("north", limit_w=3_000),), south=(pause("south", limit_w=1_000),))
    keys = {"north": ["order"], "south": ["order"]}
    verdicts = judge_together(
        sites, [replace(FEEDER, max_import_w=(14_000.0,) * 4)], keys, shares={"north": 0.75, "south": 0.25}
    )
    assert verdicts["north"].extra_w == pytest.approx(3 * verdicts["south"].extra_w, rel=1e-3)
    raised = {
        key: replace(site, orders=(replace(site.orders[0], limit_w=(verdicts[key].uniform_limit_w or 0) + 1),))
        for key, site in sites.items()
    }
    again = judge_together(raised, [replace(FEEDER, max_import_w=(14_000.0,) * 4)], keys)
    assert {it.outcome for it in again.values()} == {VerdictOutcome.SUCCESS}


def test_who_has_no_order_and_misses_something_by_a_neighbour_s_is_named() -> None:
    """The north must draw in the slots in which the south has to."""
    sites = streets(north=(pause("north", limit_w=None, least_w=9_000.0, last_slot=4),))
    verdicts = judge_together(sites, [FEEDER], {"north": ["order"]})
    assert verdicts["south"].session_keys == ("south",)
    assert verdicts["north"].outcome is VerdictOutcome.UNFEASIBLE


@pytest.mark.parametrize("seed", range(6))
def test_two_solvers_judge_a_feeder_alike(seed: int) -> None:
    sites = {f"site-{number}": mixed(10 * seed + number, sessions=2) for number in range(3)}
    orders = {
        key: tuple(Order("order", 4, 12, 500, (car.key,)) for car in site.sessions[:1]) for key, site in sites.items()
    }
    sites = {key: replace(site, orders=orders[key]) for key, site in sites.items()}
    limit = GroupLimit("feeder", tuple(sites), (16_000.0,) * 24)
    ours, theirs = (
        judge_together(sites, [limit], {key: ["order"] for key in sites}, back_end=back_end)
        for back_end in ("HiGHS", "CBC")
    )
    assert sum(it.relaxation_wh for it in ours.values()) == pytest.approx(
        sum(it.relaxation_wh for it in theirs.values()), abs=1
    )
    for key in sites:
        assert ours[key].outcome == theirs[key].outcome
        assert ours[key].extra_w == pytest.approx(theirs[key].extra_w, abs=1)


def test_without_time_a_feeder_is_judged_by_shares_and_that_is_said() -> None:
    sites = streets(north=(pause("north"),), south=(pause("south"),))
    verdicts = judge_together(sites, [FEEDER], {"north": ["order"], "south": ["order"]}, time_limit_s=0.0)
    assert not any(it.certain for it in verdicts.values())
    assert {it.outcome for it in verdicts.values()} == {VerdictOutcome.UNFEASIBLE}
