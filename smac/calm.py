"""Whom to tell of a new plan: only where it differs by more than a step, changes the result, or would break a limit.

Pure: no Django. Powers in W by slot (negative: giving back), energy in Wh.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from smac.optimisation.plan import Plan
from smac.optimisation.problem import Order, Problem, Scope

# Rounding of a plan, of each vehicle, is no excess.
_NEAR_W = 1.0


@dataclass(frozen=True, slots=True)
class Telling:
    """What a charger would be told now, and what it was told last (None: nothing that still holds in this slot).

    ``planned_w`` is the plan itself; ``most_w`` what the vehicle takes at most, whatever limit it is told.
    ``counts_at``: slots before which energy counts, those of targets and the departure.
    """

    key: str
    new_w: tuple[float, ...]
    told_w: tuple[float | None, ...]
    planned_w: tuple[float, ...]
    most_w: float
    counts_at: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """How much more than planned some vehicles may draw together in each slot, and how much less.

    ``part``: the share of a vehicle's power that counts here, where that is not all of it.
    """

    keys: frozenset[str]
    over_w: tuple[float, ...]
    under_w: tuple[float, ...]
    part: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What is too little to speak of: in power, in any slot that begins within `soon_h` hours, and in energy by a
    target or the departure.

    What is farther away is planned again and again before it comes, each time by what the meters say by then: of that
    only the energy counts, and the limits.
    """

    power_w: float
    energy_wh: float
    soon_h: float = math.inf


def to_tell(
    tellings: Sequence[Telling], *, hours: Sequence[float], bounds: Iterable[Bound], step: Step
) -> frozenset[str]:
    """The keys of those who have to be told; the others go on with what they have."""
    chosen = {one.key for one in tellings if _differs(one, hours, step)}
    kept = {one.key: one for one in tellings if one.key not in chosen and _moves(one)}
    if kept:
        for bound in bounds:
            chosen |= _over(bound, [kept[key] for key in sorted(bound.keys & kept.keys() - chosen)])
    return frozenset(chosen)


def _differs(one: Telling, hours: Sequence[float], step: Step) -> bool:
    told = one.told_w
    if len(told) < len(one.new_w) or any(power is None for power in told):
        return True
    gaps = [power - new for power, new in zip(told, one.new_w, strict=False) if power is not None]
    if max(map(abs, gaps[: _count_of_soon(hours, step.soon_h)]), default=0.0) > step.power_w:
        return True
    return any(
        abs(sum(gap * length for gap, length in zip(gaps[:slot], hours, strict=False))) > step.energy_wh
        for slot in one.counts_at
    )


def _count_of_soon(hours: Sequence[float], soon_h: float) -> int:
    """How many slots begin within so many hours."""
    begin = 0.0
    for slot, length in enumerate(hours):
        if begin >= soon_h:
            return slot
        begin += length
    return len(hours)


def _moves(one: Telling) -> bool:
    """Whether it differs at all."""
    return any(power != new for power, new in zip(one.told_w, one.new_w, strict=False))


def _over(bound: Bound, kept: Sequence[Telling]) -> set[str]:
    """Who has to be told so that the others stay within a bound: the farthest first."""
    chosen: set[str] = set()
    for slot, (most, least) in enumerate(zip(bound.over_w, bound.under_w, strict=True)):
        gaps = {
            one.key: gap * bound.part.get(one.key, 1.0)
            for one in kept
            if one.key not in chosen and (gap := _gap(one, slot))
        }
        air = _NEAR_W * max(len(kept), 1)
        for sign, room in ((1.0, most), (-1.0, least)):
            beyond = sign * sum(gaps.values()) - room - air
            for key in sorted(gaps, key=lambda key: (-sign * gaps[key], key)):
                if beyond <= 0 or sign * gaps[key] <= 0:
                    break
                chosen.add(key)
                beyond -= sign * gaps.pop(key)
    return chosen


def _gap(one: Telling, slot: int) -> float:
    """How much more a vehicle would draw than planned."""
    told = one.told_w[slot] if slot < len(one.told_w) else None
    if told is None or slot >= len(one.new_w):
        return 0.0
    return min(told, one.most_w) - one.planned_w[slot]


def bounds_of(problem: Problem, plan: Plan) -> list[Bound]:
    """What the limits of a supply point, its phases, its orders and its points leave beside the plan."""
    everybody = frozenset(session.key for session in problem.sessions)
    found = [Bound(everybody, _left(problem.max_import_w, plan.grid_w), _left(problem.max_export_w, plan.grid_w, -1))]
    found += _of_phases(problem, plan)
    for order in problem.orders:
        found += _of_order(order, problem, plan, everybody)
    for session, planned in zip(problem.sessions, plan.sessions, strict=True):
        if session.limit_w is not None:
            over = _left(session.limit_w, planned.power_w)
            found.append(Bound(frozenset([session.key]), over, (math.inf,) * len(over)))
    return found


def _left(limits: Sequence[float], powers: Sequence[float], sign: int = 1) -> tuple[float, ...]:
    return tuple(max(limit - sign * power, 0.0) for limit, power in zip(limits, powers, strict=True))


def _of_phases(problem: Problem, plan: Plan) -> list[Bound]:
    """What each fuse leaves beside the plan: who is known to load fewer phases loads each of them the more."""
    if problem.max_phase_w is None:
        return []
    found = []
    rows = zip(problem.max_phase_w, problem.demand_w, problem.production_w, strict=True)
    rooms = [max(most - (demand - made) / 3, 0.0) for most, demand, made in rows]
    for phase in (1, 2, 3):
        part = {it.key: 1 / len(it.phases) for it in problem.sessions if phase in it.phases}
        curves = [[power * part[one.key] for power in one.power_w] for one in plan.sessions if one.key in part]
        if curves:
            over = _left(rooms, [sum(slot) for slot in zip(*curves, strict=True)])
            found.append(Bound(frozenset(part), over, (math.inf,) * len(over), part))
    return found


def _of_order(order: Order, problem: Problem, plan: Plan, everybody: frozenset[str]) -> list[Bound]:
    if not order.session_keys:
        return [_within_order(order, everybody, plan.grid_w)]
    powers = {one.key: one.power_w for one in plan.sessions if one.key in order.session_keys}
    if order.scope is Scope.EACH:
        return [_within_order(order, [key], power) for key, power in powers.items()]
    return [_within_order(order, powers, [sum(slot) for slot in zip(*powers.values(), strict=True)])] if powers else []


def _within_order(order: Order, keys: Collection[str], powers: Sequence[float]) -> Bound:
    over, under = [], []
    for slot, power in enumerate(powers):
        holds = order.first_slot <= slot < order.last_slot
        floor = order.floor_w * max(len(keys), 1)
        limit = order.limit_w if order.limit_w is None or not floor else max(order.limit_w, floor)
        over.append(max(limit - power, 0.0) if holds and limit is not None else math.inf)
        back = order.export_limit_w
        under.append(max(back + power, 0.0) if holds and back is not None else math.inf)
    return Bound(frozenset(keys), tuple(over), tuple(under))
