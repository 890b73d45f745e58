"""Plans that may be sent, whatever the optimiser does."""

from dataclasses import replace

import pytest

from smac.optimisation.plan import NoteCode, Status
from smac.optimisation.solve import solve
from smac.optimisation.together import GroupLimit
from smac.services import solving
from tests.smac.test_checks import CAR, PROBLEM

BOTH = {"a": PROBLEM, "b": replace(PROBLEM, sessions=(replace(CAR, key="other"),))}
FEEDER = GroupLimit("feeder", ("a", "b"), (14_000.0,) * 4)


@pytest.fixture(autouse=True)
def _fresh():
    solving.forget()


def fails(*args, **kwargs):
    raise ZeroDivisionError


def total_w(plans, slot=0):
    return sum(plan.grid_w[slot] for plan in plans.values())


def codes(plan):
    return [note.code for note in plan.notes]


def test_supply_points_behind_one_feeder_keep_its_capacity_together():
    alone = solving.plans_for(BOTH)
    assert total_w(alone) == 22_000
    together = solving.plans_for(BOTH, [FEEDER])
    assert max(total_w(together, slot) for slot in range(4)) <= 14_001
    assert [plan.status for plan in together.values()] == [Status.OPTIMAL] * 2


def test_without_the_optimiser_each_keeps_to_its_part_of_the_capacity(monkeypatch):
    monkeypatch.setattr(solving, "solve_together", fails)
    plans = solving.plans_for(BOTH, [FEEDER])
    assert total_w(plans) == 14_000
    assert {plan.status for plan in plans.values()} == {Status.FALLBACK}
    assert NoteCode.SOLVER_FAILED in codes(plans["a"])


def test_without_the_optimiser_a_feeder_bears_what_flows_back_too(monkeypatch):
    """The sun of both is more than may flow back: never silence for it."""
    monkeypatch.setattr(solving, "solve_together", fails)
    sunny = {key: replace(it, production_w=(30_000.0,) * 4, max_export_w=(50_000.0,) * 4) for key, it in BOTH.items()}
    plans = solving.plans_for(sunny, [replace(FEEDER, max_export_w=(5_000.0,) * 4)])
    assert total_w(plans) == -5_000
    assert [plan.session(key).power_w[0] for plan, key in zip(plans.values(), ("car", "other"), strict=True)] == [
        10_000,
        10_000,
    ]


def test_plans_that_together_break_the_capacity_are_not_sent(monkeypatch):
    real = solving.solve_together
    monkeypatch.setattr(solving, "solve_together", lambda problems, limits, **values: real(problems, (), **values))
    plans = solving.plans_for(BOTH, [FEEDER])
    assert total_w(plans) <= 14_000
    assert {plan.status for plan in plans.values()} == {Status.FALLBACK}


def test_the_last_plan_is_asked_for_only_when_it_is_needed(monkeypatch):
    asked = []

    def previous(key):
        asked.append(key)
        return solve(PROBLEM)

    solving.plans_for({"a": PROBLEM}, previous=previous)
    assert asked == []
    monkeypatch.setattr(solving, "solve_together", fails)
    plan = solving.plans_for({"a": PROBLEM}, previous=previous)["a"]
    assert asked == ["a"]
    assert NoteCode.PREVIOUS_PLAN_USED in codes(plan)


def test_a_solver_that_ran_out_of_time_leaves_the_last_plan_moved_on(monkeypatch):
    def slow(problems, limits, **values):
        return {
            key: solving.fall_back(problem, None, (solving.Note(NoteCode.TIME_LIMIT),))
            for key, problem in problems.items()
        }

    monkeypatch.setattr(solving, "solve_together", slow)
    plan = solving.plans_for({"a": PROBLEM}, previous=lambda key: solve(PROBLEM))["a"]
    assert codes(plan) == [NoteCode.TIME_LIMIT, NoteCode.PREVIOUS_PLAN_USED]


def test_models_live_on_in_a_thread_and_are_forgotten_after_a_failure(monkeypatch):
    kept = solving.planner()
    solving.plans_for({"a": PROBLEM})
    assert solving.planner() is kept
    monkeypatch.setattr(solving, "solve_together", fails)
    solving.plans_for({"a": PROBLEM})
    assert solving.planner() is not kept


def test_planning_again_on_a_live_model_gives_the_same_plan():
    first = solving.plans_for({"a": PROBLEM})["a"]
    solving.plans_for({"a": replace(PROBLEM, import_price=(0.1, 0.4, 0.2, 0.3))})
    assert solving.plans_for({"a": PROBLEM})["a"] == first


def test_nothing_is_sent_where_no_plan_keeps_the_limits(monkeypatch):
    monkeypatch.setattr(solving.checks, "broken_together", lambda *args: [solving.Broken("group import", "feeder", 0)])
    with pytest.raises(solving.Unsafe, match="group import feeder in slot 0"):
        solving.plans_for(BOTH, [FEEDER])
