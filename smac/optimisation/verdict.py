"""Can an order be kept without anybody missing more than they would anyway? If not, what is the least that helps?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import pulp

from .adapter import GE, HIGHS, LE, Outcome, value_of
from .clip import clip
from .model import KILO, Excess, Model, build
from .plan import Note, Plan, Status
from .problem import Problem
from .solve import TIME_LIMIT_S, solve

# Held totals get this much air (kWh), so that rounding is no reason for infeasibility.
_AIR = 1e-6
_NOTHING_KWH = 1e-4
_NOTHING_WH = 1.0


class VerdictOutcome(StrEnum):
    """What the grid operator is told."""

    SUCCESS = "success"
    UNFEASIBLE = "unfeasible"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about an order, or several at once.

    `relaxation_wh`: the least energy by which the orders would have to be exceeded. `extra_w`: by how much all of
    them would have to be raised in all their slots instead (for an order for each vehicle: each of them);
    `uniform_limit_w`: the tightest of their limits so raised (None when none has an import limit);
    `uniform_least_w`: the highest of the least powers they ask for, so lowered. `slots` and
    `session_keys`: where the least relaxation is needed, and who would miss more. `unmet_without`, `unmet_with`: what
    each session misses, Wh. `certain` is False when a solver ran out of time and the figures come from a fallback.
    """

    outcome: VerdictOutcome
    relaxation_wh: float
    extra_w: float
    uniform_limit_w: float | None
    slots: tuple[int, ...]
    session_keys: tuple[str, ...]
    unmet_without: Mapping[str, float]
    unmet_with: Mapping[str, float]
    cost_without: float
    cost_with: float
    certain: bool
    notes: tuple[Note, ...] = ()
    uniform_least_w: float | None = None


@dataclass(frozen=True)
class _Relaxation:
    energy_kwh: float = 0.0
    extra_kw: float = 0.0
    slots: tuple[int, ...] = ()
    known: bool = True


def judge(
    problem: Problem, order_keys: Collection[str], *, time_limit_s: float = TIME_LIMIT_S, back_end: str = HIGHS
) -> Verdict:
    """Judge the orders with these keys, which `problem` contains, against the problem without them.

    The minimum current is left out: people wait for the answer, and it decides the next minutes, not the window.
    """
    others = tuple(order for order in problem.orders if order.key not in order_keys)
    without = solve(replace(problem, orders=others), time_limit_s=time_limit_s, preview=True, back_end=back_end)
    with_it = solve(problem, time_limit_s=time_limit_s, preview=True, back_end=back_end)
    relaxed = _relax(problem, order_keys, time_limit_s, back_end)
    missed, before = _unmet(with_it), _unmet(without)
    unfeasible = relaxed.energy_kwh > _NOTHING_KWH or (not relaxed.known and _breaks(with_it, without, order_keys))
    return Verdict(
        outcome=VerdictOutcome.UNFEASIBLE if unfeasible else VerdictOutcome.SUCCESS,
        relaxation_wh=round(relaxed.energy_kwh * KILO, 2) if unfeasible else 0.0,
        extra_w=round(relaxed.extra_kw * KILO, 2) if unfeasible else 0.0,
        uniform_limit_w=_raised(problem, order_keys, relaxed.extra_kw * KILO if unfeasible else 0.0),
        uniform_least_w=_lowered(problem, order_keys, relaxed.extra_kw * KILO if unfeasible else 0.0),
        slots=relaxed.slots if unfeasible else (),
        session_keys=tuple(key for key in missed if missed[key] > before[key] + _NOTHING_WH),
        unmet_without=before,
        unmet_with=missed,
        cost_without=without.cost,
        cost_with=with_it.cost,
        certain=relaxed.known and Status.FALLBACK not in (without.status, with_it.status),
        notes=with_it.notes,
    )


def _unmet(plan: Plan) -> dict[str, float]:
    return {session.key: session.unmet_wh for session in plan.sessions}


def _breaks(with_it: Plan, without: Plan, order_keys: Collection[str]) -> bool:
    """What the plans themselves say, for when no solver had the time to say it exactly."""
    over = any(max(excess.excess_w, default=0.0) > 0 for excess in with_it.order_excess if excess.key in order_keys)
    return over or with_it.unmet_wh > without.unmet_wh + _NOTHING_WH


def _raised(problem: Problem, order_keys: Collection[str], extra_w: float) -> float | None:
    limits = [order.limit_w for order in problem.orders if order.key in order_keys and order.limit_w is not None]
    return round(min(limits) + extra_w, 2) if limits else None


def _lowered(problem: Problem, order_keys: Collection[str], extra_w: float) -> float | None:
    least = [order.least_w for order in problem.orders if order.key in order_keys and order.least_w is not None]
    return round(max(least) - extra_w, 2) if least else None


def _relax(problem: Problem, order_keys: Collection[str], time_limit_s: float, back_end: str) -> _Relaxation:
    """Hold what is missed without the orders, then the least excess, then the flattest."""
    model = build(clip(problem)[0], back_end=back_end)
    mine = [excess for excess in model.excesses if excess.order.key in order_keys]
    rest = [excess for excess in model.excesses if excess.order.key not in order_keys and excess.order.mandatory]
    if not mine:
        return _Relaxation()
    kept = _least(model, "others", _energy(model, rest), time_limit_s)
    met = kept and _least(model, "targets", _unmet_terms(model), time_limit_s)
    if not met:
        return _Relaxation(known=False)
    flat = _add_flat(model, mine)
    program = model.program
    program.minimise({flat: 1.0})
    if program.solve(time_limit_s) is Outcome.NOTHING:
        return _Relaxation(known=False)
    extra = value_of(flat)
    energy = _energy(model, mine)
    if not _least(model, "orders", energy, time_limit_s):
        return _Relaxation(known=False)
    least = program.cost_now()
    program.minimise({flat: 1.0})
    program.solve(time_limit_s)
    over = {excess.slot for excess in mine if value_of(excess.column) > _NOTHING_KWH}
    return _Relaxation(least, extra, tuple(sorted(over)))


def _least(model: Model, name: str, terms: dict[pulp.LpVariable, float], time_limit_s: float) -> bool:
    """Minimise these terms and keep them there. False when the solver brought nothing."""
    if not terms:
        return True
    model.program.minimise(terms)
    if model.program.solve(time_limit_s) is Outcome.NOTHING:
        return False
    model.program.row(f"hold_{name}", terms, LE, model.program.cost_now() + _AIR)
    return True


def _unmet_terms(model: Model) -> dict[pulp.LpVariable, float]:
    return {column: 1.0 for vehicle in model.vehicles for column in vehicle.unmet}


def _energy(model: Model, excesses: list[Excess]) -> dict[pulp.LpVariable, float]:
    return {excess.column: model.hours(excess.slot) for excess in excesses}


def _add_flat(model: Model, excesses: list[Excess]) -> pulp.LpVariable:
    """A column that is at least the excess in every slot."""
    flat = model.program.variable("flat")
    for number, excess in enumerate(excesses):
        model.program.row(f"flat_{number}", {flat: 1.0, excess.column: -1.0}, GE, 0.0)
    return flat
