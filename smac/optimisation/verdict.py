"""Can an order be kept without anybody missing more than they would anyway? If not, what is the least that helps?

Money is left out: only energy, limits and targets decide. One linear program answers everything, each question from
where the last one ended; where a simple schedule already serves everybody without the orders, that need not be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from .adapter import HIGHS
from .fallback import fall_back
from .orders import granted_w
from .plan import Note, Plan
from .problem import KILO, Order, Problem, Scope
from .proof import serve_everybody
from .questions import Findings, Questions
from .solve import TIME_LIMIT_S
from .together import Cluster, GroupLimit, cluster_of, within_shares

# Less is nobody's miss: what a battery near full takes ever more slowly.
_NOTHING_WH = 10.0


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


def judge(
    problem: Problem, order_keys: Collection[str], *, time_limit_s: float = TIME_LIMIT_S, back_end: str = HIGHS
) -> Verdict:
    """Judge the orders with these keys, which `problem` contains, against the problem without them.

    The minimum current is left out: people wait for the answer, and it decides the next minutes, not the window.
    """
    return judge_together({"": problem}, (), {"": order_keys}, time_limit_s=time_limit_s, back_end=back_end)[""]


def judge_together(
    problems: Mapping[str, Problem],
    limits: Sequence[GroupLimit],
    order_keys: Mapping[str, Collection[str]],
    *,
    shares: Mapping[str, float] | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    back_end: str = HIGHS,
) -> dict[str, Verdict]:
    """Judge orders at supply points that limits couple, all at once: a verdict for each, by its key.

    What a feeder carries may be given to whoever needs it, at supply points without an order, too. `shares`: the part
    of an order's limit that a supply point bears, where the order is one for several; limits give way in proportion.
    """
    cluster = cluster_of(problems, limits)
    others = {key: _without(problem, order_keys.get(key, ())) for key, problem in cluster.problems.items()}
    found = Findings()
    if not serve_everybody(cluster.problems, cluster.limits):
        served = serve_everybody(others, cluster.limits)
        found = Questions(cluster, order_keys, shares or {}, back_end, time_limit_s).ask(served=served)
    if not found.known:
        found = _guess(cluster, others, order_keys)
    return {
        key: _verdict(problem, key, order_keys.get(key, ()), found, (shares or {}).get(key, 1.0), cluster.notes[key])
        for key, problem in cluster.problems.items()
    }


def _without(problem: Problem, order_keys: Collection[str]) -> Problem:
    return replace(problem, orders=tuple(order for order in problem.orders if order.key not in order_keys))


def _verdict(
    problem: Problem,
    key: str,
    order_keys: Collection[str],
    found: Findings,
    share: float,
    notes: tuple[Note, ...],
) -> Verdict:
    before = _each_wh(problem, found.missed_without.get(key, {}))
    after = _each_wh(problem, found.missed_with.get(key, {}))
    mine = [order for order in problem.orders if order.key in order_keys]
    unfeasible = found.unfeasible and bool(mine)
    extra_w = found.extra_kw * share * KILO if unfeasible else 0.0
    return Verdict(
        outcome=VerdictOutcome.UNFEASIBLE if unfeasible else VerdictOutcome.SUCCESS,
        relaxation_wh=round(found.energy_kwh.get(key, 0.0) * KILO, 2) if unfeasible else 0.0,
        extra_w=round(extra_w, 2),
        uniform_limit_w=_raised(problem, mine, extra_w),
        uniform_least_w=_lowered(mine, extra_w),
        slots=found.slots.get(key, ()) if unfeasible else (),
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


def _guess(cluster: Cluster, others: Mapping[str, Problem], order_keys: Mapping[str, Collection[str]]) -> Findings:
    """What plans made without a solver say, for when none had the time to say it exactly."""
    found = Findings(known=False)
    missed: tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]] = {}, {}
    with_it, without = (within_shares(problems, cluster.limits) for problems in (cluster.problems, others))
    for key in cluster.problems:
        plan, free = fall_back(with_it[key], None, ()), fall_back(without[key], None, ())
        mine = order_keys.get(key, ())
        over = any(max(it.excess_w, default=0.0) > 0 for it in plan.order_excess if it.key in mine)
        found.energy_kwh[key] = max(plan.unmet_wh - free.unmet_wh, KILO if over else 0.0) / KILO
        missed[0][key], missed[1][key] = _missed_kwh(free), _missed_kwh(plan)
    found.missed_without, found.missed_with = missed
    return found


def _missed_kwh(plan: Plan) -> dict[str, float]:
    return {session.key: session.unmet_wh / KILO for session in plan.sessions}
