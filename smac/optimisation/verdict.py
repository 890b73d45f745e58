"""Can an order be kept without anybody missing more than they would anyway? If not, what is the least that helps?

Money is left out: only energy, limits and targets decide. One linear program answers everything, each question from
where the last one ended; where a simple schedule already serves everybody without the orders, that need not be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import pulp

from .adapter import HIGHS, LE, Outcome, no_collection, value_of
from .clip import clip
from .fallback import fall_back
from .model import build
from .objective import UNMET, excess_weight
from .orders import Excess, granted_w
from .plan import Note, Plan
from .problem import KILO, Order, Problem, Scope
from .proof import serves_everybody
from .solve import TIME_LIMIT_S, Clock

# Held totals get this much air (kWh), so that rounding is no reason for infeasibility.
_AIR = 1e-6
_NOTHING_KW = 1e-4
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
    certain: bool
    notes: tuple[Note, ...] = ()
    uniform_least_w: float | None = None


@dataclass
class _Findings:
    """What the program said, kWh and kW by session key; `known` is False when a solver ran out of time."""

    missed_without: dict[str, float] = field(default_factory=dict)
    missed_with: dict[str, float] = field(default_factory=dict)
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
    clipped, notes = clip(problem)
    others = replace(clipped, orders=tuple(order for order in clipped.orders if order.key not in order_keys))
    if serves_everybody(clipped):
        found = _Findings()
    else:
        found = _Questions(clipped, order_keys, back_end, time_limit_s).ask(served=serves_everybody(others))
    if not found.known:
        found = _guess(clipped, others, order_keys)
    return _verdict(clipped, order_keys, found, notes)


def _verdict(problem: Problem, order_keys: Collection[str], found: _Findings, notes: tuple[Note, ...]) -> Verdict:
    before, after = _each_wh(problem, found.missed_without), _each_wh(problem, found.missed_with)
    unfeasible = found.energy_kwh > _NOTHING_KWH
    mine = [order for order in problem.orders if order.key in order_keys]
    extra_w = found.extra_kw * KILO if unfeasible else 0.0
    return Verdict(
        outcome=VerdictOutcome.UNFEASIBLE if unfeasible else VerdictOutcome.SUCCESS,
        relaxation_wh=round(found.energy_kwh * KILO, 2) if unfeasible else 0.0,
        extra_w=round(extra_w, 2),
        uniform_limit_w=_raised(problem, mine, extra_w),
        uniform_least_w=_lowered(mine, extra_w),
        slots=found.slots if unfeasible else (),
        session_keys=tuple(key for key in after if after[key] > before[key] + _NOTHING_WH),
        unmet_without=before,
        unmet_with=after,
        certain=found.known,
        notes=notes,
    )


def _each_wh(problem: Problem, missed_kwh: Mapping[str, float]) -> dict[str, float]:
    return {session.key: round(missed_kwh.get(session.key, 0.0) * KILO, 2) for session in problem.sessions}


def _raised(problem: Problem, orders: list[Order], extra_w: float) -> float | None:
    """The least of their limits, from what they grant anyway, raised by so much."""
    limits = [order for order in orders if order.limit_w is not None]
    if not limits:
        return None
    if not extra_w:
        return round(min(order.limit_w or 0.0 for order in limits), 2)
    return round(min(_granted_w(problem, order) for order in limits) + extra_w, 2)


def _granted_w(problem: Problem, order: Order) -> float:
    """The limit that is in force where a floor stands above it."""
    limit = order.limit_w or 0.0
    if order.floor_w <= 0 or not order.session_keys:
        return limit
    if order.scope is Scope.EACH:
        return granted_w(order)
    keyed = [session for session in problem.sessions if session.key in order.session_keys]
    counts = [
        sum(1 for session in keyed if session.first_slot <= slot < session.last_slot)
        for slot in range(order.first_slot, order.last_slot)
    ]
    return max(limit, order.floor_w * max(counts, default=0))


def _lowered(orders: list[Order], extra_w: float) -> float | None:
    least = [order.least_w for order in orders if order.least_w is not None]
    return round(max(least) - extra_w, 2) if least else None


def _guess(problem: Problem, others: Problem, order_keys: Collection[str]) -> _Findings:
    """What plans made without a solver say, for when none had the time to say it exactly."""
    with_it, without = fall_back(problem, None, ()), fall_back(others, None, ())
    over = any(max(it.excess_w, default=0.0) > 0 for it in with_it.order_excess if it.key in order_keys)
    missing_kwh = max(with_it.unmet_wh - without.unmet_wh, 0.0) / KILO
    return _Findings(
        missed_without=_missed_kwh(without),
        missed_with=_missed_kwh(with_it),
        energy_kwh=max(missing_kwh, 1.0 if over else 0.0),
        known=False,
    )


def _missed_kwh(plan: Plan) -> dict[str, float]:
    return {session.key: session.unmet_wh / KILO for session in plan.sessions}


class _Questions:
    """One live program, asked one thing after another.

    Every judged limit may be exceeded in its slot (`excesses`), and all of them by the same power (`flat`); bounds
    say which of both is allowed.
    """

    def __init__(self, problem: Problem, order_keys: Collection[str], back_end: str, time_limit_s: float) -> None:
        with no_collection():
            self._model = build(problem, back_end=back_end, soft_orders=order_keys)
        self._clock = Clock(time_limit_s)
        self._mine = [excess for excess in self._model.excesses if excess.order.key in order_keys]
        self._others = [excess for excess in self._model.excesses if excess.order.key not in order_keys]
        self._unmet = [column for vehicle in self._model.vehicles for column in vehicle.unmet]
        self._flat = self._model.variable("flat")
        for excess in self._mine:
            excess.row.expr[self._flat] = -1.0

    def ask(self, *, served: bool) -> _Findings:
        """`served`: everybody is known to reach their targets without the orders."""
        found = _Findings()
        try:
            if self._mine:
                best = 0.0 if served else self._without(found)
                if not self._kept(found, best):
                    self._hold(best)
                    self._relaxed(found)
        except _NoTime:
            found.known = False
        return found

    def _without(self, found: _Findings) -> float:
        """What is missed without the orders, and what that costs at the least."""
        self._least(self._cost(self._others))
        found.missed_without = self._missed()
        return self._model.program.cost_now()

    def _kept(self, found: _Findings, best: float) -> bool:
        """What is missed with the orders, and whether that is no more than without them."""
        self._least(self._cost(self._model.excesses), flat=0.0)
        found.missed_with = self._missed()
        return self._model.program.cost_now() <= best + _NOTHING_KWH * UNMET

    def _cost(self, excesses: Sequence[Excess]) -> dict[pulp.LpVariable, float]:
        cost = {excess.column: excess_weight(excess) * self._model.hours(excess.slot) for excess in excesses}
        return {**cost, **dict.fromkeys(self._unmet, UNMET)}

    def _hold(self, best: float) -> None:
        """From here on nobody misses more, and no other order is exceeded more, than without the judged ones."""
        if best > _NOTHING_KWH:
            self._model.program.row("held", self._cost(self._others), LE, best + _AIR * UNMET)
            return
        for column in self._cost(self._others):
            column.upBound = _AIR

    def _relaxed(self, found: _Findings) -> None:
        """By how much all limits would have to give way, and the least energy, first spread as flat as it can be."""
        self._least({self._flat: 1.0}, excess=0.0)
        found.extra_kw = value_of(self._flat)
        energy = {excess.column: self._model.hours(excess.slot) for excess in self._mine}
        self._least(energy, flat=0.0, excess=found.extra_kw + _AIR)
        over = {excess.slot for excess in self._mine if value_of(excess.column) > _NOTHING_KW}
        found.slots = tuple(sorted(over))
        self._least(energy, flat=0.0)
        found.energy_kwh = self._model.program.cost_now()

    def _least(
        self, cost: dict[pulp.LpVariable, float], *, flat: float | None = None, excess: float | None = None
    ) -> None:
        """Minimise with these bounds on what exceeds the judged orders."""
        self._flat.upBound = flat
        for it in self._mine:
            it.column.upBound = excess
        self._model.program.minimise(cost)
        if self._model.program.solve(self._clock.left_s) is Outcome.NOTHING:
            raise _NoTime

    def _missed(self) -> dict[str, float]:
        return {
            vehicle.session.key: sum(value_of(column) for column in vehicle.unmet) for vehicle in self._model.vehicles
        }


class _NoTime(Exception):
    """The solver brought nothing in time."""
