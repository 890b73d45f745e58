"""Why a curve looks as it does, as data: for each slot what bound it, and the one reason worth telling a driver."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from .model import charge_bound_w, discharge_bound_w
from .orders import granted_w
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


class _Scene:
    """The plan as it is asked about many times: what many slots and vehicles share is added up once."""

    def __init__(
        self,
        problem: Problem,
        curves: Sequence[Sequence[float]],
        grid_w: Sequence[float],
        group_slots: Collection[int],
    ) -> None:
        self.problem = problem
        self.curves = curves
        self.grid_w = grid_w
        self.group_slots = group_slots
        self.highest_w = max(grid_w)
        self._orders: dict[int, list[tuple[Order, frozenset[str], float]]] = {}
        self._phases: dict[int, dict[int, float]] = {}

    def orders(self, slot: int) -> list[tuple[Order, frozenset[str], float]]:
        """The orders in force, whom they concern (nobody: all), and the joint power that they look at."""
        if slot not in self._orders:
            self._orders[slot] = [
                (order, frozenset(order.session_keys), self._joint_w(order, slot))
                for order in self.problem.orders
                if order.first_slot <= slot < order.last_slot
            ]
        return self._orders[slot]

    def _joint_w(self, order: Order, slot: int) -> float:
        if not order.session_keys:
            return self.grid_w[slot]
        keys = frozenset(order.session_keys)
        return sum(curve[slot] for it, curve in zip(self.problem.sessions, self.curves, strict=True) if it.key in keys)

    def phase_w(self, slot: int, phase: int) -> float:
        """The load of a phase, as far as it is known."""
        if slot not in self._phases:
            net = (self.problem.demand_w[slot] - self.problem.production_w[slot]) / 3
            loads = dict.fromkeys((1, 2, 3), net)
            for it, curve in zip(self.problem.sessions, self.curves, strict=True):
                for known in it.phases:
                    loads[known] += curve[slot] / len(it.phases)
            self._phases[slot] = loads
        return self._phases[slot][phase]


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
    if _binding_order(scene, session, power, slot) is not None:
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
    if scene.problem.max_phase_w is None:
        return False
    room = scene.problem.max_phase_w[slot] - _NEAR_W
    return any(scene.phase_w(slot, phase) > room for phase in session.phases)


def _makes_a_peak(scene: _Scene, session: Session, slot: int) -> bool:
    """Whether any more in this slot would raise the demand charge."""
    problem = scene.problem
    minds = session.mode in (Mode.CHEAP, Mode.GREEN) and problem.demand_charge_per_kw > 0
    return minds and scene.grid_w[slot] > max(scene.highest_w, problem.peak_so_far_w) - _NEAR_W


def _hurry(scene: _Scene, session: Session, curve: Sequence[float], slot: int) -> SlotReason | None:
    """Why a vehicle that looks at prices charges before a cheaper slot that has room left, if it does."""
    problem = scene.problem
    if session.mode is not Mode.CHEAP:
        return None
    later = range(slot + 1, session.last_slot)
    cheaper = (it for it in later if problem.import_price[it] < problem.import_price[slot])
    better = next((it for it in cheaper if _has_room(scene, session, curve, it)), None)
    due = min((target.slot for target in session.targets if target.slot > slot), default=session.last_slot)
    if better is None:
        return None
    if better >= due:
        return SlotReason.TARGET
    return SlotReason.OPPORTUNITY if problem.opportunity_cost_per_h > 0 else None


def _has_room(scene: _Scene, session: Session, curve: Sequence[float], slot: int) -> bool:
    return curve[slot] >= -_NEAR_W and _bound(scene, session, curve[slot], slot) is None


def _binding_order(scene: _Scene, session: Session, power: float, slot: int) -> Order | None:
    """The order that leaves the vehicle no more than it draws in a slot, or asks for no less."""
    for order, keys, joint_w in scene.orders(slot):
        if keys and session.key not in keys:
            continue
        each = bool(keys) and order.scope is Scope.EACH
        joint_limit_w = math.inf if order.limit_w is None else order.limit_w
        if _reached(order, power if each else joint_w, granted_w(order) if each else joint_limit_w):
            return order
    return None


def _reached(order: Order, power: float, limit_w: float) -> bool:
    """Whether the power that the order looks at touches the limit, or the least it asks for."""
    return power > limit_w - _NEAR_W or (order.least_w is not None and power < order.least_w + _NEAR_W)


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
    order = _binding_order(scene, session, curve[ordered[0]], ordered[0]) if ordered else None
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
