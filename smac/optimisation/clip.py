"""Makes any input solvable: what is impossible is bent to the nearest possible value and noted, before the model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .plan import Note, NoteCode
from .problem import Order, Problem, Session, Storage, Target

# Beyond any supply point; keeps "no limit" finite for the solver.
_HUGE_W = 1e8
_LEAST_EFFICIENCY = 0.05


def clip(problem: Problem) -> tuple[Problem, tuple[Note, ...]]:
    """A solvable problem and what had to be changed. Raises ValueError only for a horizon without slots."""
    if not problem.slot_starts:
        raise ValueError("a problem needs at least one slot")
    notes: list[Note] = []
    count = len(problem.slot_starts)
    sessions = tuple(_session(session, count, notes) for session in problem.sessions)
    known = {session.key for session in sessions}
    orders = tuple(_order(order, count, known, notes) for order in problem.orders)
    storage = _storage(problem.storage, notes) if problem.storage else None
    series: dict[str, Any] = _series(problem, count, notes)
    problem = replace(problem, sessions=sessions, orders=orders, storage=storage, **series)
    return _demand_fits(problem, notes), tuple(notes)


def _series(problem: Problem, count: int, notes: list[Note]) -> dict[str, Any]:
    """Curves for all slots within sensible limits, and the numbers of the demand charge."""
    limits: dict[str, tuple[float, float, Sequence[float] | None]] = {
        "slot_hours": (1e-6, 24.0, problem.slot_hours),
        "demand_w": (0.0, _HUGE_W, problem.demand_w),
        "production_w": (0.0, _HUGE_W, problem.production_w),
        "import_price": (-1e4, 1e4, problem.import_price),
        "export_price": (-1e4, 1e4, problem.export_price),
        "max_import_w": (0.0, _HUGE_W, problem.max_import_w),
        "max_export_w": (0.0, _HUGE_W, problem.max_export_w),
        "co2_g_per_kwh": (0.0, 1e4, problem.co2_g_per_kwh),
        "max_phase_w": (0.0, _HUGE_W, problem.max_phase_w),
    }
    clipped: dict[str, Any] = {}
    for name, (low, high, values) in limits.items():
        if values is None:
            continue
        clipped[name] = curve(values, count, low, high)
        # An unlimited supply point is said with infinity; that is no mistake worth a note.
        if clipped[name] != tuple(min(value, _HUGE_W) for value in values):
            notes.append(Note(NoteCode.SERIES_CLIPPED, name))
    clipped["demand_charge_per_kw"] = _within(problem.demand_charge_per_kw, 0.0, 1e6)
    clipped["peak_so_far_w"] = _within(problem.peak_so_far_w, 0.0, _HUGE_W)
    return clipped


def curve(values: Sequence[float], count: int, low: float, high: float) -> tuple[float, ...]:
    """`values` within limits for `count` slots; the last one lasts."""
    fitted = [_within(value, low, high) for value in values[:count]]
    last = fitted[-1] if fitted else max(low, 0.0)
    return tuple(fitted + [last] * (count - len(fitted)))


def _within(value: float, low: float, high: float) -> float:
    return low if math.isnan(value) else float(min(max(value, low), high))


def _demand_fits(problem: Problem, notes: list[Note]) -> Problem:
    """Vehicles can pause, the house cannot: where demand alone is over the limit, the limit becomes the demand."""
    net = [demand - made for demand, made in zip(problem.demand_w, problem.production_w, strict=True)]
    limit = tuple(max(limit, need) for limit, need in zip(problem.max_import_w, net, strict=True))
    if limit != problem.max_import_w:
        notes.append(Note(NoteCode.DEMAND_OVER_LIMIT))
    return replace(problem, max_import_w=limit)


def _session(session: Session, count: int, notes: list[Note]) -> Session:
    session = _window(session, count, notes)
    session = _powers(session, count, notes)
    session = _battery(session, notes)
    return _targets(session, notes)


def _window(session: Session, count: int, notes: list[Note]) -> Session:
    first = min(max(session.first_slot, 0), count)
    last = min(max(session.last_slot, first), count)
    if first == last:
        notes.append(Note(NoteCode.WINDOW_EMPTY, session.key))
    elif first != session.first_slot or last < session.last_slot:
        notes.append(Note(NoteCode.WINDOW_CLIPPED, session.key))
    return replace(session, first_slot=first, last_slot=last)


def _powers(session: Session, count: int, notes: list[Note]) -> Session:
    most = _within(session.max_charge_w, 0.0, _HUGE_W)
    least = _within(session.min_charge_w, 0.0, most)
    back = _within(session.max_discharge_w, 0.0, _HUGE_W)
    if (most, least, back) != (session.max_charge_w, session.min_charge_w, session.max_discharge_w):
        notes.append(Note(NoteCode.POWER_CLIPPED, session.key))
    own = session.limit_w
    if own is not None:
        own = curve(own or (most,), count, 0.0, _HUGE_W)
    return replace(session, max_charge_w=most, min_charge_w=least, max_discharge_w=back, limit_w=own)


def _battery(session: Session, notes: list[Note]) -> Session:
    charge = _within(session.charge_efficiency, _LEAST_EFFICIENCY, 1.0)
    discharge = _within(session.discharge_efficiency, _LEAST_EFFICIENCY, 1.0)
    if (charge, discharge) != (session.charge_efficiency, session.discharge_efficiency):
        notes.append(Note(NoteCode.EFFICIENCY_CLIPPED, session.key))
    capacity = _within(session.capacity_wh, 0.0, _HUGE_W)
    energy = _within(session.energy_wh, 0.0, capacity)
    if (capacity, energy) != (session.capacity_wh, session.energy_wh):
        notes.append(Note(NoteCode.ENERGY_CLIPPED, session.key))
    floor = _within(session.floor_wh, 0.0, capacity)
    # Below its floor a vehicle gives nothing; it may again in the plan made once it is above.
    gives = session.v2g and session.max_discharge_w > 0
    if gives and energy < floor:
        gives = False
        notes.append(Note(NoteCode.BELOW_FLOOR, session.key))
    return replace(
        session,
        charge_efficiency=charge,
        discharge_efficiency=discharge,
        capacity_wh=capacity,
        energy_wh=energy,
        floor_wh=floor,
        v2g=gives,
        max_discharge_w=session.max_discharge_w if gives else 0.0,
        wear_cost_per_kwh=max(session.wear_cost_per_kwh, 0.0),
        knee=_within(session.knee, 0.0, 1.0),
    )


def _targets(session: Session, notes: list[Note]) -> Session:
    """Targets inside window and battery; one a slot (the highest), in order of time."""
    highest: dict[int, float] = {}
    bent = False
    for target in session.targets:
        slot = min(max(target.slot, session.first_slot), session.last_slot)
        energy = _within(target.energy_wh, 0.0, session.capacity_wh)
        bent = bent or (slot, energy) != (target.slot, target.energy_wh)
        highest[slot] = max(highest.get(slot, 0.0), energy)
    if bent:
        notes.append(Note(NoteCode.TARGET_CLIPPED, session.key))
    return replace(session, targets=tuple(Target(slot, highest[slot]) for slot in sorted(highest)))


def _order(order: Order, count: int, known: set[str], notes: list[Note]) -> Order:
    first = min(max(order.first_slot, 0), count)
    last = min(max(order.last_slot, first), count)
    if first == last:
        notes.append(Note(NoteCode.ORDER_OUTSIDE, order.key))
    keys = tuple(key for key in order.session_keys if key in known)
    if len(keys) != len(order.session_keys):
        notes.append(Note(NoteCode.ORDER_UNKNOWN_SESSION, order.key))
        # Without any vehicle of its own left, it must not turn into an order for the whole supply point.
        last = last if keys else first
    limit = None if order.limit_w is None else _within(order.limit_w, -_HUGE_W, _HUGE_W)
    export = None if order.export_limit_w is None else _within(order.export_limit_w, 0.0, _HUGE_W)
    least = None if order.least_w is None else _within(order.least_w, -_HUGE_W, _HUGE_W)
    return replace(
        order,
        first_slot=first,
        last_slot=last,
        session_keys=keys,
        limit_w=limit,
        export_limit_w=export,
        least_w=least,
    )


def _storage(storage: Storage, notes: list[Note]) -> Storage:
    capacity = _within(storage.capacity_wh, 0.0, _HUGE_W)
    energy = _within(storage.energy_wh, 0.0, capacity)
    fitted = replace(
        storage,
        capacity_wh=capacity,
        energy_wh=energy,
        max_charge_w=_within(storage.max_charge_w, 0.0, _HUGE_W),
        max_discharge_w=_within(storage.max_discharge_w, 0.0, _HUGE_W),
        min_energy_wh=_within(storage.min_energy_wh, 0.0, energy),
        # What it must hold at the end may not depend on charging that the supply point cannot give.
        end_energy_wh=_within(storage.end_energy_wh, 0.0, energy),
        charge_efficiency=_within(storage.charge_efficiency, _LEAST_EFFICIENCY, 1.0),
        discharge_efficiency=_within(storage.discharge_efficiency, _LEAST_EFFICIENCY, 1.0),
    )
    if fitted != storage:
        notes.append(Note(NoteCode.STORAGE_CLIPPED))
    return fitted
