"""Turns powers into a plan: contents, grid exchange, cost, what is missed and what is exceeded.

All of it is computed again from the rounded powers, so that a plan is consistent to the last digit and the fallback's
plans are made by the same rules as the optimiser's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .explain import explain
from .flexibility import flexibility
from .model import may_taper, room_kept
from .plan import Note, OrderExcess, Plan, SessionPlan, Status
from .problem import Order, Problem, Scope, Session

# Decimals of a watt: far below any meter, far above the solvers' tolerance.
_DECIMALS = 2
_NOTHING_W = 0.05
_NOTHING_WH = 0.05


@dataclass(frozen=True)
class Powers:
    """The decisions, W per slot: one curve for each session (0 when away), the storage's and what is curtailed."""

    sessions: tuple[tuple[float, ...], ...]
    storage_w: tuple[float, ...]
    curtailed_w: tuple[float, ...]


def assemble(
    problem: Problem,
    powers: Powers,
    *,
    solver: str,
    status: Status,
    notes: tuple[Note, ...],
    group_slots: Collection[int] = (),
) -> Plan:
    """The plan for a clipped problem and these decisions. `group_slots`: where a limit of a group leaves no more."""
    powers = _rounded(powers)
    curves, storage, curtailed = powers.sessions, powers.storage_w, powers.curtailed_w
    grid = grid_w(problem, powers)
    contents = tuple(
        content_wh(problem, session, curve) for session, curve in zip(problem.sessions, curves, strict=True)
    )
    reasons = explain(problem, curves, contents, grid, group_slots)
    up, down = flexibility(problem, curves, contents, grid)
    return Plan(
        slot_starts=problem.slot_starts,
        slot_hours=problem.slot_hours,
        sessions=tuple(
            SessionPlan(session.key, curve, content, unmet_wh(session, content), why, main)
            for session, curve, content, (why, main) in zip(problem.sessions, curves, contents, reasons, strict=True)
        ),
        grid_w=grid,
        storage_w=storage,
        storage_energy_wh=_storage_content(problem, storage),
        curtailed_w=curtailed,
        cost=_cost(problem, curves, storage, grid),
        renewable_share=_renewable_share(problem, curves, curtailed),
        order_excess=tuple(OrderExcess(order.key, excess_w(problem, order, curves, grid)) for order in problem.orders),
        flexibility_up_w=up,
        flexibility_down_w=down,
        solver=solver,
        status=status,
        notes=notes,
    )


def content_wh(problem: Problem, session: Session, curve: Sequence[float]) -> tuple[float, ...]:
    """The battery's content at the end of each slot; near full it takes less than it is offered."""
    contents, energy, tapers = [], session.energy_wh, may_taper(session)
    for power, hours in zip(curve, problem.slot_hours, strict=True):
        gain = power * session.charge_efficiency if power > 0 else power / session.discharge_efficiency
        most = session.capacity_wh
        if tapers:
            most -= (session.capacity_wh - energy) * room_kept(session, hours)
        energy = min(energy + gain * hours, most)
        contents.append(round(energy, _DECIMALS))
    return tuple(contents)


def unmet_wh(session: Session, contents: Sequence[float]) -> float:
    """What the targets miss, summed."""
    missing = 0.0
    for target in session.targets:
        reached = contents[target.slot - 1] if target.slot > session.first_slot else session.energy_wh
        missing += max(target.energy_wh - reached, 0.0)
    return round(missing, _DECIMALS) if missing > _NOTHING_WH else 0.0


def excess_w(
    problem: Problem, order: Order, curves: Sequence[Sequence[float]], grid_w: Sequence[float]
) -> tuple[float, ...]:
    """By how much an order is exceeded in each slot; of an order for each vehicle, the sum of their excesses."""
    over = [0.0] * len(problem.slots)
    for slot in range(order.first_slot, order.last_slot):
        parts, floor = _order_powers(problem, order, slot, curves, grid_w)
        total = 0.0
        for power in parts:
            if order.limit_w is not None:
                limit = max(order.limit_w, floor) if order.floor_w > 0 else order.limit_w
                total += max(power - limit, 0.0)
            if order.export_limit_w is not None:
                total += max(-power - order.export_limit_w, 0.0)
            if order.least_w is not None:
                total += max(order.least_w - power, 0.0)
        over[slot] = _round(total) if total > _NOTHING_W else 0.0
    return tuple(over)


def _order_powers(
    problem: Problem, order: Order, slot: int, curves: Sequence[Sequence[float]], grid_w: Sequence[float]
) -> tuple[list[float], float]:
    """The powers an order bounds in a slot, and the power it grants to each of them."""
    plugged = [
        (session.key, curve[slot])
        for session, curve in zip(problem.sessions, curves, strict=True)
        if session.first_slot <= slot < session.last_slot
    ]
    if not order.session_keys:
        net = problem.demand_w[slot] - problem.production_w[slot]
        return [grid_w[slot]], order.floor_w * max(len(plugged), 1) + net
    keys = frozenset(order.session_keys)
    mine = [power for key, power in plugged if key in keys]
    if order.scope is Scope.EACH:
        return mine, order.floor_w
    return [sum(mine)], order.floor_w * len(mine)


def _rounded(powers: Powers) -> Powers:
    return Powers(
        tuple(tuple(_round(power) for power in curve) for curve in powers.sessions),
        tuple(_round(power) for power in powers.storage_w),
        tuple(_round(power) for power in powers.curtailed_w),
    )


def grid_w(problem: Problem, powers: Powers) -> tuple[float, ...]:
    """Import minus export in each slot."""
    return tuple(
        problem.demand_w[slot] - problem.production_w[slot] + powers.curtailed_w[slot] + powers.storage_w[slot]
        + sum(curve[slot] for curve in powers.sessions)
        for slot in problem.slots
    )  # fmt: skip


def _storage_content(problem: Problem, storage_w: Sequence[float]) -> tuple[float, ...]:
    storage = problem.storage
    if storage is None:
        return tuple(0.0 for _ in problem.slots)
    contents, energy = [], storage.energy_wh
    for power, hours in zip(storage_w, problem.slot_hours, strict=True):
        energy += hours * (power * storage.charge_efficiency if power > 0 else power / storage.discharge_efficiency)
        contents.append(round(energy, _DECIMALS))
    return tuple(contents)


def _cost(
    problem: Problem, curves: Sequence[Sequence[float]], storage_w: Sequence[float], grid_w: Sequence[float]
) -> float:
    cost = 0.0
    for slot in problem.slots:
        price = problem.import_price[slot] if grid_w[slot] > 0 else problem.export_price[slot]
        wear = sum(
            session.wear_cost_per_kwh * max(-curve[slot], 0.0)
            for session, curve in zip(problem.sessions, curves, strict=True)
        )
        if problem.storage:
            wear += problem.storage.wear_cost_per_kwh * max(-storage_w[slot], 0.0)
        cost += (price * grid_w[slot] + wear) / 1000 * problem.slot_hours[slot]
    return round(cost + demand_charge(problem, grid_w), 6)


def demand_charge(problem: Problem, grid_w: Sequence[float]) -> float:
    """Money for what the highest import exceeds the highest so far."""
    return problem.demand_charge_per_kw * max(max(grid_w) - problem.peak_so_far_w, 0.0) / 1000


def _renewable_share(problem: Problem, curves: Sequence[Sequence[float]], curtailed: Sequence[float]) -> float:
    charged = own = 0.0
    for slot in problem.slots:
        power = sum(max(curve[slot], 0.0) for curve in curves)
        surplus = max(problem.production_w[slot] - curtailed[slot] - problem.demand_w[slot], 0.0)
        charged += power * problem.slot_hours[slot]
        own += min(power, surplus) * problem.slot_hours[slot]
    return round(own / charged, 6) if charged > 0 else 0.0


def _round(power: float) -> float:
    return round(power, _DECIMALS) + 0.0 if abs(power) > _NOTHING_W else 0.0
