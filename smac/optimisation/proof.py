"""A schedule made by hand that serves everybody is proof enough that it can be done; no solver needs to be asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .model import charge_bound_w, may_taper, room_kept
from .orders import HardOrders, granted_w, is_hard
from .problem import Order, Problem, Scope, Session
from .together import GroupLimit, least_w

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


@dataclass(frozen=True)
class _Site:
    """A supply point, its vehicles, and the numbers of the group limits that it is under."""

    problem: Problem
    cars: tuple[_Waiting, ...]
    groups: tuple[int, ...]

    @classmethod
    def of(cls, key: str, problem: Problem, limits: Sequence[GroupLimit]) -> _Site:
        """The supply point `key` before anybody has charged."""
        hard = HardOrders(problem)
        cars = tuple(_Waiting(it, hard.of(it.key)[0], it.energy_wh) for it in problem.sessions)
        return cls(problem, cars, tuple(number for number, it in enumerate(limits) if key in it.site_keys))


@dataclass
class _Room:
    """What is left of a limit in one slot, W, to the vehicles with these keys (none: to all)."""

    left_w: float
    keys: frozenset[str] = frozenset()


def serves_everybody(problem: Problem) -> bool:
    """Whether charging the most urgent first meets all targets of a clipped problem and keeps all limits and orders.

    False says nothing: it only did not find a way.
    """
    return serve_everybody({"": problem})


def serve_everybody(problems: Mapping[str, Problem], limits: Sequence[GroupLimit] = ()) -> bool:
    """The same for supply points with the same slots, beside each other within limits that fit them."""
    if not all(map(_is_plain, problems.values())):
        return False
    sites = [_Site.of(key, problem, limits) for key, problem in problems.items()]
    ends = [0.0]
    for hours in next(iter(problems.values())).slot_hours:
        ends.append(ends[-1] + hours)
    for slot in range(len(ends) - 1):
        if not _in_time(sites, slot) or not _charge(sites, _groups(problems, limits, slot), slot, ends):
            return False
    return _in_time(sites, len(ends) - 1)


def _is_plain(problem: Problem) -> bool:
    return problem.max_phase_w is None and all(map(_is_simple, problem.orders))


def _is_simple(order: Order) -> bool:
    """Orders that no vehicle has to give back or draw for."""
    return order.least_w is None and (order.limit_w is None or order.limit_w >= 0 or is_hard(order))


def _groups(problems: Mapping[str, Problem], limits: Sequence[GroupLimit], slot: int) -> list[_Room]:
    """What each group limit leaves to vehicles beside the houses. What is not to flow back can be curtailed."""
    return [
        _Room(limit.max_import_w[slot] - sum(least_w(problems[key], slot) for key in limit.site_keys))
        for limit in limits
    ]


def _in_time(sites: Sequence[_Site], slot: int) -> bool:
    """Whether everybody has what they asked for by now."""
    return all(
        car.energy_wh >= target.energy_wh - _NEAR_WH
        for site in sites
        for car in site.cars
        for target in car.session.targets
        if target.slot == slot
    )


def _charge(sites: Sequence[_Site], groups: Sequence[_Room], slot: int, ends: Sequence[float]) -> bool:
    """Give the slot's power to the most urgent first. False when a house alone breaks an order."""
    queue = []
    for number, site in enumerate(sites):
        rooms = _rooms(site.problem, slot)
        if any(room.left_w < 0 for room in rooms[1:]):
            return False
        rooms += [groups[place] for place in site.groups]
        for car in site.cars:
            session = car.session
            if session.first_slot <= slot < session.last_slot and (missing := car.missing_wh(slot)) > 0:
                mine = [room for room in rooms if not room.keys or session.key in room.keys]
                queue.append((_slack_h(car, slot, missing, ends), session.key, number, missing, car, mine))
    queue.sort(key=lambda it: it[:3])
    for _, _, number, missing, car, mine in queue:
        _serve(car, missing, mine, slot, sites[number].problem.slot_hours[slot])
    return True


def _serve(car: _Waiting, missing_wh: float, rooms: Sequence[_Room], slot: int, hours: float) -> None:
    session = car.session
    power = min(charge_bound_w(session, slot), car.limits.get(slot, math.inf), *(room.left_w for room in rooms))
    power = min(max(power, 0.0), missing_wh / (session.charge_efficiency * hours))
    for room in rooms:
        room.left_w -= power
    car.energy_wh = min(car.energy_wh + power * session.charge_efficiency * hours, _most_wh(car, hours))


def _rooms(problem: Problem, slot: int) -> list[_Room]:
    """What the supply point's own limit leaves to its vehicles, first, and what orders for several do."""
    net = problem.demand_w[slot] - problem.production_w[slot]
    found = [_Room(problem.max_import_w[slot] - net)]
    for order in problem.orders:
        if order.limit_w is None or is_hard(order) or not order.first_slot <= slot < order.last_slot:
            continue
        if order.session_keys and order.scope is Scope.EACH:
            found += [_Room(granted_w(order), frozenset([key])) for key in order.session_keys]
        elif order.session_keys:
            found.append(_Room(order.limit_w, frozenset(order.session_keys)))
        else:
            found.append(_Room(order.limit_w - net))
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
