"""A day of 96 slots, planned anew in each: as good as one plan when forecasts are true, and kept when they are not."""

import random
from dataclasses import replace

import pytest

from smac.optimisation.plan import Plan
from smac.optimisation.problem import Mode, Problem, Session, Target
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import mixed

SERIES = ("slot_starts", "slot_hours", "demand_w", "production_w", "import_price", "export_price")
LIMITS = ("max_import_w", "max_export_w")


def day(mode: Mode, seed: int = 3) -> Problem:
    return mixed(seed, slots=96, sessions=4, modes=[mode])


@pytest.mark.parametrize("mode", list(Mode))
def test_planning_again_each_quarter_ends_where_one_plan_would(mode: Mode) -> None:
    problem = day(mode)
    once = solve(problem)
    cost, energy = played(problem, problem)
    if mode is not Mode.BASIC:
        # What basic weighs is the highest share of the headroom, and a peak that is past is none any more.
        assert cost == pytest.approx(once.cost, abs=2e-3)
    for session in problem.sessions:
        assert energy[session.key] == pytest.approx(once.session(session.key).energy_wh[-1], abs=5)


@pytest.mark.parametrize("mode", list(Mode))
def test_with_wrong_forecasts_targets_are_met_all_the_same(mode: Mode) -> None:
    """House and sun are half as much again or a half of what was thought; only the running slot is known."""
    truth = day(mode, 8)
    thought = wrong(truth, 8)
    assert solve(truth).unmet_wh == 0
    cost, energy = played(truth, thought)
    for session in truth.sessions:
        assert energy[session.key] >= session.targets[-1].energy_wh - 5
    if mode is Mode.CHEAP:
        assert cost >= solve(truth).cost - 2e-3


def wrong(truth: Problem, seed: int) -> Problem:
    rng = random.Random(seed)
    return replace(
        truth,
        demand_w=tuple(power * rng.uniform(0.5, 1.5) for power in truth.demand_w),
        production_w=tuple(power * rng.uniform(0.5, 1.5) for power in truth.production_w),
    )


def played(truth: Problem, thought: Problem) -> tuple[float, dict[str, float]]:
    """What the day really cost, and what is in each battery when it leaves (or at the end)."""
    cost, energy = 0.0, {session.key: session.energy_wh for session in truth.sessions}
    for slot in truth.slots:
        plan = solve(rest_of(truth, thought, slot, energy))
        cost += cost_of_first_slot(plan, truth, slot)
        for session in plan.sessions:
            energy[session.key] = session.energy_wh[0]
    return cost, energy


def rest_of(truth: Problem, thought: Problem, now: int, energy: dict[str, float]) -> Problem:
    """What is known in slot `now`: the slot itself, and thoughts about the others."""
    left = {name: (getattr(truth, name)[now], *getattr(thought, name)[now + 1 :]) for name in SERIES}
    limits = {name: getattr(truth, name)[now:] for name in LIMITS}
    sessions = tuple(rest_of_stay(it, now, energy[it.key]) for it in truth.sessions)
    orders = tuple(
        replace(it, first_slot=max(it.first_slot - now, 0), last_slot=it.last_slot - now)
        for it in truth.orders
        if it.last_slot > now
    )
    return replace(truth, sessions=sessions, orders=orders, **left, **limits)


def rest_of_stay(session: Session, now: int, energy_wh: float) -> Session:
    targets = tuple(Target(max(it.slot - now, 0), it.energy_wh) for it in session.targets if it.slot > now)
    first, last = max(session.first_slot - now, 0), max(session.last_slot - now, 0)
    return replace(session, first_slot=first, last_slot=last, targets=targets, energy_wh=energy_wh)


def cost_of_first_slot(plan: Plan, truth: Problem, slot: int) -> float:
    power = plan.grid_w[0]
    price = truth.import_price[slot] if power > 0 else truth.export_price[slot]
    wear = sum(it.wear_cost_per_kwh * max(-plan.session(it.key).power_w[0], 0.0) for it in truth.sessions)
    return (price * power + wear) / 1000 * truth.slot_hours[slot]
