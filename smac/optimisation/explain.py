"""Why a curve looks as it does, as data: for each slot what bound it, and the one reason worth telling a driver."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .model import charge_bound_w, discharge_bound_w
from .plan import MainReason, Reason, SlotReason
from .problem import Mode, Order, Problem, Scope, Session

# Powers that differ by less are the same power to a charger.
_NEAR_W = 1.0
_NEAR_WH = 1.0
# What keeps a vehicle in a hurry from full power.
_SHORTAGES = {
    SlotReason.SUPPLY_LIMIT: MainReason.SUPPLY_LIMIT,
    SlotReason.GROUP_LIMIT: MainReason.GROUP_LIMIT,
}


@dataclass(frozen=True)
class _Scene:
    problem: Problem
    curves: Sequence[Sequence[float]]
    grid_w: Sequence[float]
    group_slots: Collection[int]


def explain(
    problem: Problem,
    curves: Sequence[Sequence[float]],
    contents: Sequence[Sequence[float]],
    grid_w: Sequence[float],
    group_slots: Collection[int] = (),
) -> list[tuple[tuple[SlotReason, ...], Reason]]:
    """Slot reasons and the main reason for each session, in the problem's order."""
    scene = _Scene(problem, curves, grid_w, group_slots)
    told = []
    for session, curve, content in zip(problem.sessions, curves, contents, strict=True):
        missing = _missing_wh(session, content)
        reasons = tuple(_slot_reason(scene, session, curve, content, slot, missing) for slot in problem.slots)
        told.append((reasons, _main_reason(scene, session, curve, reasons, missing)))
    return told


def _missing_wh(session: Session, content: Sequence[float]) -> float:
    reached = [content[target.slot - 1] if target.slot else session.energy_wh for target in session.targets]
    gaps = [max(target.energy_wh - there, 0.0) for target, there in zip(session.targets, reached, strict=True)]
    return sum(gaps)


def _slot_reason(
    scene: _Scene,
    session: Session,
    curve: Sequence[float],
    content: Sequence[float],
    slot: int,
    missing_wh: float,
) -> SlotReason:
    power = curve[slot]
    if not session.first_slot <= slot < session.last_slot:
        return SlotReason.AWAY
    if _at_floor(scene.problem, session, curve, content, slot):
        return SlotReason.FLOOR
    if power < -_NEAR_W:
        return SlotReason.DISCHARGING
    if power < _NEAR_W and missing_wh < _NEAR_WH and max(curve[slot:]) < _NEAR_W:
        return SlotReason.DONE
    bound = _bound(scene, session, power, slot)
    if bound is not None:
        return _hurry(scene, session, curve, slot) or bound if power >= _NEAR_W else bound
    if power < _NEAR_W:
        return SlotReason.WAITING
    before = content[slot - 1] if slot > session.first_slot else session.energy_wh
    return _hurry(scene, session, curve, slot) or _free_choice(scene, session, slot, before)


def _at_floor(problem: Problem, session: Session, curve: Sequence[float], content: Sequence[float], slot: int) -> bool:
    """Whether the driver's floor ends what it gives back: in this slot, or just before."""
    if not session.v2g or content[slot] > session.floor_wh + _NEAR_WH or curve[slot] >= _NEAR_W:
        return False
    if curve[slot] < -_NEAR_W:
        return curve[slot] > _NEAR_W - discharge_bound_w(problem, session, slot)
    return min(curve[session.first_slot : slot], default=0.0) < -_NEAR_W


def _bound(scene: _Scene, session: Session, power: float, slot: int) -> SlotReason | None:
    """The limit that the power touches, if any."""
    if binding_order(scene.problem, session, scene.curves, scene.grid_w, slot) is not None:
        return SlotReason.ORDER
    if power > charge_bound_w(session, slot) - _NEAR_W:
        own = charge_bound_w(session, slot) < session.max_charge_w
        return SlotReason.OWN_LIMIT if own else SlotReason.FULL_POWER
    if scene.grid_w[slot] > scene.problem.max_import_w[slot] - _NEAR_W:
        return SlotReason.SUPPLY_LIMIT
    if slot in scene.group_slots:
        return SlotReason.GROUP_LIMIT
    if _phase_is_full(scene, session, slot):
        return SlotReason.PHASE_LIMIT
    return SlotReason.PEAK if _makes_a_peak(scene, session, slot) else None


def _phase_is_full(scene: _Scene, session: Session, slot: int) -> bool:
    problem = scene.problem
    if problem.max_phase_w is None:
        return False
    net = (problem.demand_w[slot] - problem.production_w[slot]) / 3
    keyed = list(zip(problem.sessions, scene.curves, strict=True))
    loads = {
        phase: net + sum(curve[slot] / len(it.phases) for it, curve in keyed if phase in it.phases)
        for phase in session.phases
    }
    return max(loads.values(), default=-math.inf) > problem.max_phase_w[slot] - _NEAR_W


def _makes_a_peak(scene: _Scene, session: Session, slot: int) -> bool:
    """Whether any more in this slot would raise the demand charge."""
    problem, highest = scene.problem, max(scene.grid_w)
    minds = session.mode in (Mode.CHEAP, Mode.GREEN) and problem.demand_charge_per_kw > 0
    return minds and scene.grid_w[slot] > max(highest, problem.peak_so_far_w) - _NEAR_W


def _hurry(scene: _Scene, session: Session, curve: Sequence[float], slot: int) -> SlotReason | None:
    """Why a vehicle that looks at prices charges before a cheaper slot that has room left, if it does."""
    problem = scene.problem
    if session.mode is not Mode.CHEAP:
        return None
    later = range(slot + 1, session.last_slot)
    cheaper = [it for it in later if problem.import_price[it] < problem.import_price[slot]]
    better = [it for it in cheaper if _has_room(scene, session, curve, it)]
    due = min((target.slot for target in session.targets if target.slot > slot), default=session.last_slot)
    if not better:
        return None
    if better[0] >= due:
        return SlotReason.TARGET
    return SlotReason.OPPORTUNITY if problem.opportunity_cost_per_h > 0 else None


def _has_room(scene: _Scene, session: Session, curve: Sequence[float], slot: int) -> bool:
    return curve[slot] >= -_NEAR_W and _bound(scene, session, curve[slot], slot) is None


def binding_order(
    problem: Problem, session: Session, curves: Sequence[Sequence[float]], grid_w: Sequence[float], slot: int
) -> Order | None:
    """The order that leaves the vehicle no more than it draws in a slot."""
    for order in problem.orders:
        if not order.first_slot <= slot < order.last_slot:
            continue
        if order.session_keys and session.key not in order.session_keys:
            continue
        if _reached(problem, order, session, curves, grid_w, slot):
            return order
    return None


def _reached(
    problem: Problem,
    order: Order,
    session: Session,
    curves: Sequence[Sequence[float]],
    grid_w: Sequence[float],
    slot: int,
) -> bool:
    """Whether the power that the order looks at touches its limit, or the least it asks for."""
    powers = {it.key: curve[slot] for it, curve in zip(problem.sessions, curves, strict=True)}
    limit = math.inf if order.limit_w is None else order.limit_w
    if not order.session_keys:
        power = grid_w[slot]
    elif order.scope is Scope.EACH:
        power, limit = powers[session.key], max(limit, order.floor_w)
    else:
        power = sum(powers[key] for key in order.session_keys)
    return power > limit - _NEAR_W or (order.least_w is not None and power < order.least_w + _NEAR_W)


def _free_choice(scene: _Scene, session: Session, slot: int, before_wh: float) -> SlotReason:
    if scene.problem.production_w[slot] > scene.problem.demand_w[slot] and scene.grid_w[slot] < _NEAR_W:
        return SlotReason.SURPLUS
    if session.mode is Mode.BASIC:
        return SlotReason.SHARED
    if 0 < session.knee < 1 and before_wh >= session.knee * session.capacity_wh:
        return SlotReason.TAPER
    return SlotReason.ENOUGH if session.mode is Mode.FAST else SlotReason.PRICE


def _main_reason(
    scene: _Scene, session: Session, curve: Sequence[float], reasons: Sequence[SlotReason], missing_wh: float
) -> Reason:
    charging = tuple(slot for slot in scene.problem.slots if curve[slot] > _NEAR_W)
    giving = tuple(slot for slot in scene.problem.slots if curve[slot] < -_NEAR_W)
    ordered = tuple(slot for slot, why in enumerate(reasons) if why is SlotReason.ORDER)
    order = binding_order(scene.problem, session, scene.curves, scene.grid_w, ordered[0]) if ordered else None
    key = order.key if order else None
    if missing_wh >= _NEAR_WH:
        return Reason(MainReason.UNREACHABLE, charging, energy_wh=round(missing_wh, 2), order_key=key)
    if giving:
        prices = [max(scene.problem.export_price[slot], 0.0) for slot in giving]
        return Reason(MainReason.GIVES_BACK, giving, price=min(prices))
    if not charging:
        return Reason(MainReason.NOTHING_NEEDED)
    if order:
        return Reason(MainReason.ORDER, ordered, order_key=key)
    return _reason_of_mode(scene, session, curve, charging, reasons)


def _reason_of_mode(
    scene: _Scene,
    session: Session,
    curve: Sequence[float],
    charging: tuple[int, ...],
    reasons: Sequence[SlotReason],
) -> Reason:
    problem = scene.problem
    sunny = [slot for slot in charging if problem.production_w[slot] > problem.demand_w[slot]]
    sun_wh = sum(
        min(curve[slot], problem.production_w[slot] - problem.demand_w[slot]) * problem.slot_hours[slot]
        for slot in sunny
    )
    total_wh = sum(curve[slot] * problem.slot_hours[slot] for slot in charging)
    if session.mode in (Mode.GREEN, Mode.CHEAP) and sun_wh > total_wh / 2:
        return Reason(MainReason.SURPLUS, tuple(sunny), energy_wh=round(sun_wh, 2))
    if session.mode is Mode.FAST:
        for slot_reason, main in _SHORTAGES.items():
            if tight := tuple(slot for slot in charging if reasons[slot] is slot_reason):
                return Reason(main, tight)
        return Reason(MainReason.EARLY, charging)
    if session.mode is Mode.BASIC:
        return Reason(MainReason.EVEN, charging)
    return Reason(MainReason.CHEAP_SLOTS, charging, price=max(problem.import_price[slot] for slot in charging))
