"""How much more or less the vehicles of a supply point could draw in a slot without anybody missing a target.

A closed form for each vehicle (the corridor between what its target still needs and what its battery takes) that is
never above the exact bound: later recovery counts only with the vehicle's own share of the room that the plan leaves.
`exact_w` asks a linear program for a chosen window.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from .adapter import GE, HIGHS, LE, Outcome, value_of
from .clip import clip
from .model import Model, build, charge_bound_w, discharge_bound_w
from .orders import Excess
from .plan import Plan
from .problem import KILO, Order, Problem, Scope, Session

Curve = Sequence[float]

# A plan is rounded: what it misses or exceeds, if anything, gets this much air, kWh or kW.
_AIR, _NO_AIR = 2e-5, 1e-6
# Beyond any supply point.
_ANY_KW = 1e6


def flexibility(
    problem: Problem, curves: Sequence[Curve], contents: Sequence[Curve], grid_w: Curve
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Power up and down for each slot, W, both as positive numbers."""
    room = _room_w(problem, curves, grid_w)
    share = [room[slot] / max(_plugged(problem, slot), 1) for slot in problem.slots]
    up, down = [0.0] * len(room), [0.0] * len(room)
    for session, curve, content in zip(problem.sessions, curves, contents, strict=True):
        most = [_most_w(problem, session, slot) for slot in problem.slots]
        spare = _spare_wh(problem, session, curve, content, most, share)
        for slot in range(session.first_slot, session.last_slot):
            before = content[slot - 1] if slot > session.first_slot else session.energy_wh
            hours = problem.slot_hours[slot]
            up[slot] += _up_w(session, curve[slot], most[slot], _room_wh(session, before, content[slot], hours), hours)
            back_w = discharge_bound_w(problem, session, slot)
            less = _down_w(session, curve[slot], back_w, spare[slot], hours)
            down[slot] += min(less, max(curve[slot] - _least_w(problem, session, slot), 0.0))
    back = _room_down_w(problem, curves, grid_w)
    return (
        tuple(_tidy(min(value, limit)) for value, limit in zip(up, room, strict=True)),
        tuple(_tidy(min(value, limit)) for value, limit in zip(down, back, strict=True)),
    )


def _tidy(power: float) -> float:
    return round(max(power, 0.0), 2)


def _plugged(problem: Problem, slot: int) -> int:
    return sum(1 for session in problem.sessions if session.first_slot <= slot < session.last_slot)


def _in_force(problem: Problem, slot: int) -> list[Order]:
    return [order for order in problem.orders if order.first_slot <= slot < order.last_slot]


def _looked_at_w(problem: Problem, order: Order, curves: Sequence[Curve], grid_w: Curve, slot: int) -> float | None:
    """The power that an order for all or several bounds as one; None when it looks at each vehicle."""
    if not order.session_keys:
        return grid_w[slot]
    if order.scope is Scope.EACH:
        return None
    return sum(curve[slot] for it, curve in zip(problem.sessions, curves, strict=True) if it.key in order.session_keys)


def _room_w(problem: Problem, curves: Sequence[Curve], grid_w: Curve) -> list[float]:
    """What all vehicles together could draw beyond the plan; the tightest of supply point, phases and joint orders."""
    room = []
    for slot in problem.slots:
        least = min(problem.max_import_w[slot] - grid_w[slot], _phase_room_w(problem, curves, slot))
        for order in _in_force(problem, slot):
            power = _looked_at_w(problem, order, curves, grid_w, slot)
            if power is not None and order.limit_w is not None:
                least = min(least, order.limit_w - power)
        room.append(max(least, 0.0))
    return room


def _phase_room_w(problem: Problem, curves: Sequence[Curve], slot: int) -> float:
    """What fits if all of it went through the fullest phase, by the vehicle with the fewest."""
    known = [
        (it.phases, curve[slot]) for it, curve in zip(problem.sessions, curves, strict=True)
        if it.phases and it.first_slot <= slot < it.last_slot
    ]  # fmt: skip
    if problem.max_phase_w is None or not known:
        return math.inf
    net = (problem.demand_w[slot] - problem.production_w[slot]) / 3
    loads = [sum(power / len(phases) for phases, power in known if phase in phases) for phase in (1, 2, 3)]
    return max(problem.max_phase_w[slot] - net - max(loads), 0.0) * min(len(phases) for phases, _ in known)


def _room_down_w(problem: Problem, curves: Sequence[Curve], grid_w: Curve) -> list[float]:
    """What all vehicles together could draw less, or give back more, than planned."""
    room = []
    for slot in problem.slots:
        least = problem.max_export_w[slot] + grid_w[slot]
        for order in _in_force(problem, slot):
            power = _looked_at_w(problem, order, curves, grid_w, slot)
            if power is not None:
                least = min(least, power - _lowest_w(order))
        room.append(max(least, 0.0))
    return room


def _lowest_w(order: Order) -> float:
    """The least power that an order leaves what it looks at."""
    back = math.inf if order.export_limit_w is None else order.export_limit_w
    return max(-back, -math.inf if order.least_w is None else order.least_w)


def _most_w(problem: Problem, session: Session, slot: int) -> float:
    """What this vehicle may draw in a slot: point, own limit and orders for each."""
    most = charge_bound_w(session, slot)
    for order in _in_force(problem, slot):
        if order.limit_w is not None and session.key in order.session_keys and order.scope is Scope.EACH:
            most = min(most, max(order.limit_w, order.floor_w))
    return max(most, 0.0)


def _least_w(problem: Problem, session: Session, slot: int) -> float:
    """The least power that orders for each leave this vehicle in a slot."""
    mine = [
        order for order in _in_force(problem, slot) if session.key in order.session_keys and order.scope is Scope.EACH
    ]
    return max([-math.inf, *map(_lowest_w, mine)])


def _room_wh(session: Session, before_wh: float, after_wh: float, hours: float) -> float:
    """What the battery still takes in a slot beyond the plan; little above the knee."""
    room = session.capacity_wh - after_wh
    above = session.capacity_wh * (1 - session.knee)
    if 0 < session.knee < 1 and before_wh > session.knee * session.capacity_wh:
        rate = session.charge_efficiency * session.max_charge_w * hours / above
        room = min(room, (session.capacity_wh - before_wh) * rate / (1 + rate) - (after_wh - before_wh))
    return max(room, 0.0)


def _up_w(session: Session, power: float, most: float, room_wh: float, hours: float) -> float:
    """First stop giving back, then charge."""
    stopped = min(max(-power, 0.0), room_wh * session.discharge_efficiency / hours)
    left_wh = room_wh - stopped * hours / session.discharge_efficiency
    more = min(max(most - max(power, 0.0), 0.0), left_wh / (session.charge_efficiency * hours))
    return stopped + max(more, 0.0)


def _down_w(session: Session, power: float, back_w: float, spare_wh: float, hours: float) -> float:
    """First stop charging, then give back."""
    stopped = min(max(power, 0.0), spare_wh / (session.charge_efficiency * hours))
    left_wh = spare_wh - stopped * session.charge_efficiency * hours
    more = min(back_w + min(power, 0.0), left_wh * session.discharge_efficiency / hours)
    return stopped + max(more, 0.0)


def _spare_wh(
    problem: Problem, session: Session, curve: Curve, content: Curve, most: Curve, share: Curve
) -> list[float]:
    """For each slot, the energy that may be missing after it and is still there when a target (or the floor) asks.

    Backwards: what may be missing at the end of a slot is what may be missing at the end of the next one plus what
    the next one can recover, and never more than floor and targets at this point allow.
    """
    spare, allowed = [0.0] * len(problem.slots), float("inf")
    # Above the knee a battery takes what it takes; who is behind the plan is never above it where the plan is not.
    knee_wh = session.knee * session.capacity_wh if 0 < session.knee < 1 else math.inf
    due = {target.slot: target.energy_wh for target in session.targets}
    for slot in reversed(range(session.first_slot, session.last_slot)):
        allowed = min(allowed, content[slot] - due[slot + 1]) if slot + 1 in due else allowed
        floor = session.floor_wh if session.max_discharge_w else 0.0
        spare[slot] = max(min(allowed, content[slot] - floor), 0.0)
        if content[slot] <= knee_wh and curve[slot] >= 0:
            more = min(max(most[slot] - curve[slot], 0.0), share[slot])
            allowed += more * session.charge_efficiency * problem.slot_hours[slot]
        # Below zero content (or the floor) nothing may pass, whatever can be recovered later.
        allowed = min(allowed, content[slot] - floor) if session.max_discharge_w else allowed
    return spare


def exact_w(
    problem: Problem, plan: Plan, first_slot: int, last_slot: int, *, upwards: bool, back_end: str = HIGHS
) -> float:
    """The most by which all slots of a window can leave the plan in one direction, W.

    No vehicle misses more than it does in the plan, and no order is exceeded by more.
    """
    problem, _ = clip(problem)
    model = build(problem, back_end=back_end)
    sign, program = (1.0 if upwards else -1.0), model.program
    # Below zero where not even the plan can be had again: near full a battery takes less than it is offered.
    change = program.variable("change", -_ANY_KW)
    for slot in range(first_slot, last_slot):
        terms = {key: factor for vehicle in model.vehicles for key, factor in vehicle.power(slot, sign).items()}
        planned = sum(session.power_w[slot] for session in plan.sessions) / KILO
        program.row(f"change_{slot}", {**terms, change: -1.0}, GE, sign * planned)
    _miss_no_more(model, plan)
    _exceed_no_more(model, plan)
    program.minimise({change: -1.0})
    return max(value_of(change) * KILO, 0.0) if program.solve() is not Outcome.NOTHING else 0.0


def _miss_no_more(model: Model, plan: Plan) -> None:
    for number, (vehicle, planned) in enumerate(zip(model.vehicles, plan.sessions, strict=True)):
        if vehicle.unmet:
            terms = dict.fromkeys(vehicle.unmet, 1.0)
            model.row(f"missed_{number}", terms, LE, _about(planned.unmet_wh))


def _exceed_no_more(model: Model, plan: Plan) -> None:
    planned = {excess.key: excess.excess_w for excess in plan.order_excess}
    parts: dict[tuple[str, int], list[Excess]] = defaultdict(list)
    for excess in model.excesses:
        parts[excess.order.key, excess.slot].append(excess)
    for number, ((key, slot), mine) in enumerate(parts.items()):
        model.row(f"exceeded_{number}", {it.column: 1.0 for it in mine}, LE, _about(planned[key][slot]))


def _about(value_wh: float) -> float:
    return value_wh / KILO + (_AIR if value_wh else _NO_AIR)
