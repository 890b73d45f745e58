"""What must hold for every plan before it reaches a charger. Pure: no Django.

Looked at is the plan as it stands, not how it was made: whatever the optimiser, a fallback or a stored plan says, a
charger is told nothing that breaks one of these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from smac.optimisation.assemble import content_wh, excess_w, unmet_wh
from smac.optimisation.clip import clip
from smac.optimisation.model import charge_bound_w
from smac.optimisation.plan import Plan, SessionPlan
from smac.optimisation.problem import Order, Problem, Scope, Session, Storage
from smac.optimisation.repair import FIRST_SLOTS
from smac.optimisation.together import GroupLimit

# Plans are rounded to a hundredth of a watt and solved to about a millionth of a kilowatt.
_NEAR_W = 1.0
_NEAR_WH = 1.0


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that a plan breaks: its name, whom it is about, and where."""

    invariant: str
    subject: str = ""
    slot: int | None = None
    value: float = 0.0

    def __str__(self) -> str:
        where = f" in slot {self.slot}" if self.slot is not None else ""
        return " ".join(f"{self.invariant} {self.subject}{where}: {self.value:.0f}".split())


def broken(problem: Problem, plan: Plan) -> list[Broken]:
    """What the plan of a supply point breaks; empty when it may be sent."""
    problem, _ = clip(problem)
    if not _same_shape(problem, plan):
        return [Broken("shape")]
    found = [one for look in _OF_SUPPLY_POINT for one in look(problem, plan)]
    for session, planned in zip(problem.sessions, plan.sessions, strict=True):
        found += [one for look in _OF_SESSION for one in look(problem, session, planned)]
    return found


def broken_together(
    problems: Mapping[str, Problem], plans: Mapping[str, Plan], limits: Sequence[GroupLimit]
) -> list[Broken]:
    """What plans of several supply points break of the limits that couple them."""
    return [one for limit in limits for one in _of_group(limit, problems, plans)]


def _same_shape(problem: Problem, plan: Plan) -> bool:
    count = len(problem.slot_starts)
    curves = [plan.grid_w, plan.storage_w, plan.curtailed_w, *(one.power_w for one in plan.sessions)]
    if problem.slot_starts != plan.slot_starts or any(len(curve) != count for curve in curves):
        return False
    if not all(math.isfinite(value) for curve in curves for value in curve):
        return False
    return [one.key for one in problem.sessions] == [one.key for one in plan.sessions]


def _balance(problem: Problem, plan: Plan) -> Iterator[Broken]:
    """What flows in is what flows out."""
    for slot in problem.slots:
        net = problem.demand_w[slot] - problem.production_w[slot] + plan.curtailed_w[slot] + plan.storage_w[slot]
        gap = plan.grid_w[slot] - net - sum(one.power_w[slot] for one in plan.sessions)
        if abs(gap) > _NEAR_W:
            yield Broken("balance", slot=slot, value=gap)


def _grid_limits(problem: Problem, plan: Plan) -> Iterator[Broken]:
    for slot, power in enumerate(plan.grid_w):
        if power > problem.max_import_w[slot] + _NEAR_W:
            yield Broken("import", slot=slot, value=power)
        if -power > problem.max_export_w[slot] + _NEAR_W:
            yield Broken("export", slot=slot, value=-power)


def _curtailed(problem: Problem, plan: Plan) -> Iterator[Broken]:
    for slot, power in enumerate(plan.curtailed_w):
        if not -_NEAR_W <= power <= problem.production_w[slot] + _NEAR_W:
            yield Broken("curtailed", slot=slot, value=power)


def _phases(problem: Problem, plan: Plan) -> Iterator[Broken]:
    """No phase over its fuse, as far as it is known who loads which."""
    if problem.max_phase_w is None:
        return
    known = [pair for pair in zip(problem.sessions, plan.sessions, strict=True) if pair[0].phases]
    for slot, most in enumerate(problem.max_phase_w):
        room = max(most - (problem.demand_w[slot] - problem.production_w[slot]) / 3, 0.0)
        for phase in (1, 2, 3):
            load = sum(it.power_w[slot] / len(session.phases) for session, it in known if phase in session.phases)
            if load > room + _NEAR_W:
                yield Broken("phase", str(phase), slot, load)


def _storage(problem: Problem, plan: Plan) -> Iterator[Broken]:
    storage = problem.storage
    if storage is None:
        yield from (Broken("storage", slot=slot, value=it) for slot, it in enumerate(plan.storage_w) if it)
        return
    energy = storage.energy_wh
    for slot, power in enumerate(plan.storage_w):
        if not -storage.max_discharge_w - _NEAR_W <= power <= storage.max_charge_w + _NEAR_W:
            yield Broken("storage", slot=slot, value=power)
        energy += _stored_wh(storage, power) * problem.slot_hours[slot]
        if not storage.min_energy_wh - _NEAR_WH <= energy <= storage.capacity_wh + _NEAR_WH:
            yield Broken("storage content", slot=slot, value=energy)
    if plan.storage_energy_wh and abs(plan.storage_energy_wh[-1] - energy) > _NEAR_WH:
        yield Broken("storage content", value=plan.storage_energy_wh[-1] - energy)


def _stored_wh(storage: Storage, power_w: float) -> float:
    return power_w * storage.charge_efficiency if power_w > 0 else power_w / storage.discharge_efficiency


def _orders(problem: Problem, plan: Plan) -> Iterator[Broken]:
    """What exceeds an order is told, and a limit that vehicles can keep by pausing is kept if it is mandatory."""
    curves = [one.power_w for one in plan.sessions]
    told = {one.key: one.excess_w for one in plan.order_excess}
    for order in problem.orders:
        real = excess_w(problem, order, curves, plan.grid_w)
        for slot, (said, is_so) in enumerate(zip(told.get(order.key, ()), real, strict=False)):
            if abs(said - is_so) > _NEAR_W:
                yield Broken("order told", order.key, slot, is_so)
        if order.key not in told:
            yield Broken("order told", order.key)
        if order.mandatory:
            yield from _mandatory(problem, order, plan)


def _mandatory(problem: Problem, order: Order, plan: Plan) -> Iterator[Broken]:
    if order.limit_w is None:
        return
    # A battery may be empty: what asks for discharging cannot always be kept, but charging can always be paused.
    limit = max(order.limit_w, 0.0)
    for slot in range(order.first_slot, order.last_slot):
        present = [
            planned.power_w[slot]
            for session, planned in zip(problem.sessions, plan.sessions, strict=True)
            if session.first_slot <= slot < session.last_slot
            and (not order.session_keys or session.key in order.session_keys)
        ]
        if not order.session_keys:
            net = problem.demand_w[slot] - problem.production_w[slot]
            powers, limit_here = [plan.grid_w[slot]], max(order.limit_w, net + order.floor_w * max(len(present), 1))
        elif order.scope is Scope.EACH:
            powers, limit_here = present, max(limit, order.floor_w)
        else:
            powers, limit_here = [sum(present)], max(limit, order.floor_w * len(present))
        over = max(powers, default=0.0)
        if over > limit_here + _NEAR_W:
            yield Broken("order", order.key, slot, over)


def _window(problem: Problem, session: Session, planned: SessionPlan) -> Iterator[Broken]:
    for slot, power in enumerate(planned.power_w):
        if power and not session.first_slot <= slot < session.last_slot:
            yield Broken("window", session.key, slot, power)


def _power(problem: Problem, session: Session, planned: SessionPlan) -> Iterator[Broken]:
    """What point and vehicle can, and what others leave the point."""
    for slot, power in enumerate(planned.power_w):
        if power > charge_bound_w(session, slot) + _NEAR_W or power < -session.max_discharge_w - _NEAR_W:
            yield Broken("power", session.key, slot, power)


def _least_current(problem: Problem, session: Session, planned: SessionPlan) -> Iterator[Broken]:
    """A charger cannot be told less, and what it is told next comes from these slots; later ones come to be first."""
    for slot, power in enumerate(planned.power_w[:FIRST_SLOTS]):
        if _NEAR_W < power < session.min_charge_w - 2 * _NEAR_W:
            yield Broken("least current", session.key, slot, power)


def _content(problem: Problem, session: Session, planned: SessionPlan) -> Iterator[Broken]:
    """The battery holds what goes in and out of it: never more than it can, never less than the floor by giving."""
    energy = session.energy_wh
    real = content_wh(problem, session, planned.power_w)
    for slot, after in enumerate(real):
        if after > session.capacity_wh + _NEAR_WH:
            yield Broken("overfull", session.key, slot, after)
        if after < energy - _NEAR_WH and after < session.floor_wh - _NEAR_WH:
            yield Broken("floor", session.key, slot, after)
        if slot < len(planned.energy_wh) and abs(planned.energy_wh[slot] - after) > _NEAR_WH:
            yield Broken("content told", session.key, slot, planned.energy_wh[slot])
        energy = after
    if _overcharged(problem, session, planned):
        yield Broken("overfull", session.key)
    if abs(planned.unmet_wh - unmet_wh(session, real)) > _NEAR_WH:
        yield Broken("unmet told", session.key, value=planned.unmet_wh)


def _overcharged(problem: Problem, session: Session, planned: SessionPlan) -> bool:
    """Whether a vehicle that only charges is sent more than it can hold; near full, it takes less than it is sent."""
    if session.v2g or 0 < session.knee < 1:
        return False
    sent = sum(max(it, 0.0) * hours for it, hours in zip(planned.power_w, problem.slot_hours, strict=True))
    return sent * session.charge_efficiency > session.capacity_wh - session.energy_wh + _NEAR_WH


def _of_group(limit: GroupLimit, problems: Mapping[str, Problem], plans: Mapping[str, Plan]) -> Iterator[Broken]:
    keys = [key for key in limit.site_keys if key in plans]
    clipped = {key: clip(problems[key])[0] for key in keys}
    count = min((len(plans[key].grid_w) for key in keys), default=0)
    for slot in range(min(count, len(limit.max_import_w))):
        total = sum(plans[key].grid_w[slot] for key in keys)
        # Houses cannot pause.
        need = sum(_least_w(clipped[key], slot) for key in keys)
        if total > max(limit.max_import_w[slot], need) + _NEAR_W * len(keys):
            yield Broken("group import", limit.key, slot, total)
        if limit.max_export_w is not None and -total > limit.max_export_w[slot] + _NEAR_W * len(keys):
            yield Broken("group export", limit.key, slot, -total)


def _least_w(problem: Problem, slot: int) -> float:
    return max(problem.demand_w[slot] - problem.production_w[slot], -problem.max_export_w[slot])


_OF_SUPPLY_POINT: tuple[Callable[[Problem, Plan], Iterator[Broken]], ...] = (
    _balance,
    _grid_limits,
    _curtailed,
    _phases,
    _storage,
    _orders,
)
_OF_SESSION: tuple[Callable[[Problem, Session, SessionPlan], Iterator[Broken]], ...] = (
    _window,
    _power,
    _least_current,
    _content,
)
