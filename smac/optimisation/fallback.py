"""When the solver brings nothing: the last plan moved on, or earliest deadline first. Never silence, never zeros."""

from __future__ import annotations

import math

from .assemble import Powers, assemble
from .model import charge_bound_w
from .plan import Note, NoteCode, Plan, SessionPlan, Status
from .problem import Order, Problem, Scope, Session

SOLVER = "none"


def fall_back(problem: Problem, previous: Plan | None, notes: tuple[Note, ...]) -> Plan:
    """A plan without a solver, for a clipped problem, marked as such."""
    wishes = _moved_on(problem, previous) if previous else None
    code = NoteCode.PREVIOUS_PLAN_USED if wishes else NoteCode.EARLIEST_DEADLINE_USED
    curves = _share(problem, wishes)
    idle = tuple(0.0 for _ in problem.slots)
    powers = Powers(curves, idle, _curtailed(problem, curves))
    return assemble(problem, powers, solver=SOLVER, status=Status.FALLBACK, notes=(*notes, Note(code)))


def _moved_on(problem: Problem, previous: Plan | None) -> dict[str, list[float]] | None:
    """The last plan's power for every slot of this problem, by time; None when it knows not all vehicles."""
    if previous is None or not problem.sessions:
        return None
    known = {session.key: session for session in previous.sessions}
    if any(session.key not in known for session in problem.sessions):
        return None
    ends = [start.timestamp() for start in previous.slot_starts]
    horizon_end = ends[-1] + previous.slot_hours[-1] * 3600
    if problem.slot_starts[0].timestamp() >= horizon_end:
        return None
    return {session.key: _by_time(problem, known[session.key], ends) for session in problem.sessions}


def _by_time(problem: Problem, session: SessionPlan, starts: list[float]) -> list[float]:
    powers = []
    for start in problem.slot_starts:
        index = sum(1 for known in starts if known <= start.timestamp()) - 1
        powers.append(max(session.power_w[max(index, 0)], 0.0))
    return powers


def _share(problem: Problem, wishes: dict[str, list[float]] | None) -> tuple[tuple[float, ...], ...]:
    """Slot by slot, who leaves first charges first; with wishes, no more than they say until it gets urgent."""
    energy = {session.key: session.energy_wh for session in problem.sessions}
    curves = {session.key: [0.0] * len(problem.slots) for session in problem.sessions}
    queue = sorted(problem.sessions, key=lambda session: (_deadline(session), session.key))
    for slot in problem.slots:
        used: dict[str, float] = {}
        grid_w, phases_w = problem.demand_w[slot] - problem.production_w[slot], _phases_w(problem, slot)
        for session in queue:
            power = min(_allowed_w(problem, session, slot, used, grid_w), _left_by_phases(session, phases_w))
            hours = problem.slot_hours[slot]
            need = max(_wanted_wh(session) - energy[session.key], 0.0)
            power = min(power, need / (session.charge_efficiency * hours))
            if wishes and not _must_hurry(problem, session, slot, need):
                power = min(power, wishes[session.key][slot])
            if power < session.min_charge_w:
                power = 0.0
            used[session.key] = curves[session.key][slot] = power
            grid_w += power
            for phase in session.phases if phases_w else ():
                phases_w[phase] -= power / len(session.phases)
            energy[session.key] += power * session.charge_efficiency * hours
    return tuple(tuple(curves[session.key]) for session in problem.sessions)


def _must_hurry(problem: Problem, session: Session, slot: int, need_wh: float) -> bool:
    """Whether what is missing takes the rest of the stay at full power."""
    hours = sum(problem.slot_hours[slot + 1 : _deadline(session)])
    return need_wh > session.max_charge_w * session.charge_efficiency * hours


def _deadline(session: Session) -> int:
    return min((target.slot for target in session.targets), default=session.last_slot)


def _wanted_wh(session: Session) -> float:
    return max((target.energy_wh for target in session.targets), default=session.energy_wh)


def _phases_w(problem: Problem, slot: int) -> dict[int, float]:
    """What the house leaves of each phase; empty when phases are not looked at."""
    if problem.max_phase_w is None:
        return {}
    net = (problem.demand_w[slot] - problem.production_w[slot]) / 3
    return dict.fromkeys((1, 2, 3), problem.max_phase_w[slot] - net)


def _left_by_phases(session: Session, phases_w: dict[int, float]) -> float:
    if not phases_w or not session.phases:
        return math.inf
    return max(min(phases_w[phase] for phase in session.phases) * len(session.phases), 0.0)


def _allowed_w(problem: Problem, session: Session, slot: int, used: dict[str, float], grid_w: float) -> float:
    """What limits and orders leave after those who went before, who made the exchange `grid_w`."""
    if not session.first_slot <= slot < session.last_slot:
        return 0.0
    allowed = min(charge_bound_w(session, slot), problem.max_import_w[slot] - grid_w)
    for order in problem.orders:
        if order.limit_w is not None and order.first_slot <= slot < order.last_slot:
            allowed = min(allowed, _left_by_order(order, session, grid_w, used))
    return max(allowed, 0.0)


def _left_by_order(order: Order, session: Session, grid_w: float, used: dict[str, float]) -> float:
    limit = order.limit_w or 0.0
    if not order.session_keys:
        return max(limit - grid_w, order.floor_w)
    if session.key not in order.session_keys:
        return float("inf")
    if order.scope is Scope.EACH:
        return max(limit, order.floor_w)
    return max(limit - sum(used.get(key, 0.0) for key in order.session_keys), order.floor_w)


def _curtailed(problem: Problem, curves: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    return tuple(
        max(
            problem.production_w[slot] - problem.demand_w[slot]
            - sum(curve[slot] for curve in curves) - problem.max_export_w[slot],
            0.0,
        )
        for slot in problem.slots
    )  # fmt: skip
