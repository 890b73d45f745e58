"""A schedule made by hand that serves everybody is proof enough that it can be done; no solver needs to be asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .model import charge_bound_w, may_taper, room_kept
from .orders import HardOrders, granted_w, is_hard
from .problem import Order, Problem, Scope, Session

_NEAR_WH = 0.05


@dataclass
class _Waiting:
    """A vehicle on its way through the slots."""

    session: Session
    limits: dict[int, float]
    energy_wh: float
    next_target: int = 0

    def missing_wh(self, slot: int) -> float:
        """What the targets ahead ask for; those behind are checked as they pass."""
        targets = self.session.targets
        while self.next_target < len(targets) and targets[self.next_target].slot <= slot:
            self.next_target += 1
        return max([0.0, *(target.energy_wh - self.energy_wh for target in targets[self.next_target :])])


def serves_everybody(problem: Problem) -> bool:
    """Whether charging the most urgent first meets all targets of a clipped problem and keeps all limits and orders.

    False says nothing: it only did not find a way.
    """
    if problem.max_phase_w is not None or not all(map(_is_simple, problem.orders)):
        return False
    hard = HardOrders(problem)
    cars = [_Waiting(it, hard.of(it.key)[0], it.energy_wh) for it in problem.sessions]
    ends = [0.0]
    for hours in problem.slot_hours:
        ends.append(ends[-1] + hours)
    return all(_in_time(cars, slot) and _charge(problem, cars, slot, ends) for slot in problem.slots) and _in_time(
        cars, len(problem.slots)
    )


def _is_simple(order: Order) -> bool:
    """Orders that no vehicle has to give back or draw for."""
    return order.least_w is None and (order.limit_w is None or order.limit_w >= 0 or is_hard(order))


def _in_time(cars: Sequence[_Waiting], slot: int) -> bool:
    """Whether everybody has what they asked for by now."""
    return all(
        car.energy_wh >= target.energy_wh - _NEAR_WH
        for car in cars
        for target in car.session.targets
        if target.slot == slot
    )


def _charge(problem: Problem, cars: Sequence[_Waiting], slot: int, ends: Sequence[float]) -> bool:
    """Give the slot's power to the most urgent first. False when the house alone breaks an order."""
    hours, net = problem.slot_hours[slot], problem.demand_w[slot] - problem.production_w[slot]
    left, shared = problem.max_import_w[slot] - net, _shared_limits(problem, slot, net)
    if any(room < 0 for _, room in shared):
        return False
    queue = []
    for car in cars:
        session = car.session
        if session.first_slot <= slot < session.last_slot and (missing := car.missing_wh(slot)) > 0:
            power = min(charge_bound_w(session, slot), car.limits.get(slot, math.inf))
            queue.append((_slack_h(car, slot, missing, ends), session.key, power, missing, car))
    queue.sort(key=lambda it: it[:2])
    rooms = [room for _, room in shared]
    for _, key, power, missing, car in queue:
        mine = [place for place, (keys, _) in enumerate(shared) if not keys or key in keys]
        power = max(min([power, left, *(rooms[place] for place in mine)]), 0.0)
        power = min(power, missing / (car.session.charge_efficiency * hours))
        left -= power
        for place in mine:
            rooms[place] -= power
        car.energy_wh = min(car.energy_wh + power * car.session.charge_efficiency * hours, _most_wh(car, hours))
    return True


def _shared_limits(problem: Problem, slot: int, net_w: float) -> list[tuple[frozenset[str], float]]:
    """What orders for several leave to their vehicles; an empty set of keys means all."""
    found = []
    for order in problem.orders:
        if order.limit_w is None or is_hard(order) or not order.first_slot <= slot < order.last_slot:
            continue
        if order.session_keys and order.scope is Scope.EACH:
            found += [(frozenset([key]), granted_w(order)) for key in order.session_keys]
        elif order.session_keys:
            found.append((frozenset(order.session_keys), order.limit_w))
        else:
            found.append((frozenset(), order.limit_w - net_w))
    return found


def _slack_h(car: _Waiting, slot: int, missing_wh: float, ends: Sequence[float]) -> float:
    """For how long the vehicle could still wait for its next target."""
    target = car.session.targets[car.next_target]
    needed = max(target.energy_wh - car.energy_wh, 0.0) or missing_wh
    power = car.session.max_charge_w * car.session.charge_efficiency or 1.0
    return ends[target.slot] - ends[slot] - needed / power


def _most_wh(car: _Waiting, hours: float) -> float:
    session = car.session
    if not may_taper(session):
        return session.capacity_wh
    return session.capacity_wh - (session.capacity_wh - car.energy_wh) * room_kept(session, hours)
