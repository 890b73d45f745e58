"""A schedule made by hand that serves everybody is proof enough that it can be done; no solver needs to be asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .model import charge_bound_w, discharge_bound_w, may_taper, room_kept
from .orders import HardOrders, granted_w, is_hard
from .problem import Order, Problem, Scope, Session
from .together import GroupLimit, least_w

_NEAR_WH = 0.05
_NEAR_H = 1e-6


@dataclass
class _Waiting:
    """A vehicle on its way through the slots."""

    session: Session
    limits: dict[int, float]
    backs: dict[int, float]
    energy_wh: float
    next_target: int = 0

    def missing_wh(self, slot: int) -> float:
        """What the targets ahead ask for; those behind are checked as they pass."""
        targets = self.session.targets
        while self.next_target < len(targets) and targets[self.next_target].slot <= slot:
            self.next_target += 1
        return max([0.0, *(target.energy_wh - self.energy_wh for target in targets[self.next_target :])])

    def slack_h(self, hour: float, ends: Sequence[float], less_wh: float = 0.0) -> float:
        """For how long from an hour on it could still wait for its next target, with so much less in its battery."""
        if self.next_target >= len(self.session.targets):
            return math.inf
        target = self.session.targets[self.next_target]
        missing = max(target.energy_wh - self.energy_wh + less_wh, 0.0)
        power = self.session.max_charge_w * self.session.charge_efficiency or 1.0
        return ends[target.slot] - hour - missing / power


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
        cars = tuple(_Waiting(it, *hard.of(it.key), it.energy_wh) for it in problem.sessions)
        return cls(problem, cars, tuple(number for number, it in enumerate(limits) if key in it.site_keys))


@dataclass(eq=False)
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


@dataclass(frozen=True)
class _Turn:
    """A vehicle whose turn it is in a slot, and what its power counts against."""

    slack_h: float
    car: _Waiting
    problem: Problem
    rooms: tuple[_Room, ...]


def _charge(sites: Sequence[_Site], groups: Sequence[_Room], slot: int, ends: Sequence[float]) -> bool:
    """Give the slot's power to the most urgent first. False when a house alone breaks an order, or it is too late."""
    turns = []
    for site in sites:
        rooms = _rooms(site.problem, slot)
        if any(room.left_w < 0 for room in rooms[1:]):
            return False
        rooms += [groups[place] for place in site.groups]
        for car in site.cars:
            if car.session.first_slot <= slot < car.session.last_slot:
                car.missing_wh(slot)
                mine = tuple(room for room in rooms if not room.keys or car.session.key in room.keys)
                turns.append(_Turn(car.slack_h(ends[slot], ends), car, site.problem, mine))
    turns.sort(key=lambda it: (it.slack_h, it.car.session.key))
    hours, givers = ends[slot + 1] - ends[slot], turns[:]
    return all(_serve(turn, givers, slot, hours, ends) for turn in turns)


def _serve(turn: _Turn, givers: list[_Turn], slot: int, hours: float, ends: Sequence[float]) -> bool:
    """Charge a vehicle as it needs and limits let it. False when it cannot reach its target any more."""
    car, session, missing = turn.car, turn.car.session, turn.car.missing_wh(slot)
    if turn.slack_h < -_NEAR_H:
        return False
    if not missing or not any(giver is turn for giver in givers):
        return True
    point_w = min(charge_bound_w(session, slot), car.limits.get(slot, math.inf))
    wanted_w = min(point_w, missing / (session.charge_efficiency * hours))
    power = max(min([wanted_w, *(room.left_w for room in turn.rooms)]), 0.0)
    for room in turn.rooms:
        room.left_w -= power
    # Waiting for all of the slot would be too long: the others give what is short.
    least_w = min(session.max_charge_w * (1 - turn.slack_h / hours), wanted_w)
    if power < least_w:
        power += _given(turn, least_w - power, givers, slot, hours, ends)
    if power > 0:
        givers[:] = [giver for giver in givers if giver is not turn]
    car.energy_wh = min(car.energy_wh + power * session.charge_efficiency * hours, _most_wh(car, hours))
    return True


def _given(turn: _Turn, wanted_w: float, givers: list[_Turn], slot: int, hours: float, ends: Sequence[float]) -> float:
    """What vehicles that can wait give back to one that cannot, under the same limits, W."""
    given = 0.0
    for giver in reversed(givers[:]):
        if given >= wanted_w:
            break
        if giver is turn or giver.rooms != turn.rooms:
            continue
        power = min(wanted_w - given, _spare_w(giver, slot, hours, ends))
        if power > 0:
            giver.car.energy_wh -= power * hours / giver.car.session.discharge_efficiency
            givers[:] = [one for one in givers if one is not giver]
            given += power
    return given


def _spare_w(giver: _Turn, slot: int, hours: float, ends: Sequence[float]) -> float:
    """What a vehicle can give in a slot and still reach its target by charging all the time after it."""
    car, session = giver.car, giver.car.session
    most = min(discharge_bound_w(giver.problem, session, slot), car.backs.get(slot, math.inf))
    if most <= 0 or may_taper(session) or _may_not_give(giver.problem, session, slot):
        return 0.0
    spare_wh = car.energy_wh - session.floor_wh
    slack = car.slack_h(ends[slot + 1], ends)
    if slack < math.inf:
        spare_wh = min(spare_wh, slack * session.max_charge_w * session.charge_efficiency)
    return max(min(most, spare_wh * session.discharge_efficiency / hours), 0.0)


def _may_not_give(problem: Problem, session: Session, slot: int) -> bool:
    """Whether an offer speaks of what this vehicle gives back: that is left to the solver."""
    return any(
        not order.mandatory
        and order.export_limit_w is not None
        and order.first_slot <= slot < order.last_slot
        and session.key in order.session_keys
        for order in problem.orders
    )


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


def _most_wh(car: _Waiting, hours: float) -> float:
    session = car.session
    if not may_taper(session):
        return session.capacity_wh
    return session.capacity_wh - (session.capacity_wh - car.energy_wh) * room_kept(session, hours)
