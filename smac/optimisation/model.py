"""The linear model of one supply point. Inside: kW and kWh, so that numbers stay between a thousandth and a thousand.

One function for each constraint, named for what it protects. Columns exist only for slots in which a vehicle is plugged
in; the battery's content is a column only where vehicles give back or taper. Soft are targets (`unmet`) and orders
(`excess`); hard is physics: batteries, points, and the supply point's own limits.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field

import pulp

from .adapter import EQ, GE, HIGHS, LE, Program, value_of
from .orders import Excess, HardOrders, keep_order
from .problem import KILO, Mode, Problem, Session


@dataclass
class Vehicle:
    """A session's columns; lists run from its first slot. Empty lists: it has no such column."""

    session: Session
    charge: list[pulp.LpVariable] = field(default_factory=list)
    discharge: list[pulp.LpVariable] = field(default_factory=list)
    energy: list[pulp.LpVariable] = field(default_factory=list)
    unmet: list[pulp.LpVariable] = field(default_factory=list)

    def plugged(self) -> range:
        """Its slots."""
        return range(self.session.first_slot, self.session.last_slot)

    def power(self, slot: int, sign: float = 1.0) -> dict[pulp.LpVariable, float]:
        """Charging minus discharging in a slot, times `sign`; nothing when it is away."""
        place = slot - self.session.first_slot
        if not 0 <= place < len(self.charge):
            return {}
        terms = {self.charge[place]: sign}
        if self.discharge:
            terms[self.discharge[place]] = -sign
        return terms

    def power_kw(self, slot: int) -> float:
        """Its power at the solution."""
        return sum(factor * value_of(column) for column, factor in self.power(slot).items())


@dataclass
class Battery:
    """The columns of the supply point's own storage."""

    charge: list[pulp.LpVariable]
    discharge: list[pulp.LpVariable]
    energy: list[pulp.LpVariable]


@dataclass
class Model:
    """The program and the meaning of its columns. `problem` must be clipped.

    `prefix` keeps the names of several supply points in one program apart. `soft_orders`: keys of orders whose excess
    is to be counted even where they could be kept for certain.
    """

    problem: Problem
    program: Program
    prefix: str = ""
    vehicles: list[Vehicle] = field(default_factory=list)
    grid_import: list[pulp.LpVariable] = field(default_factory=list)
    grid_export: list[pulp.LpVariable] = field(default_factory=list)
    curtailed: dict[int, pulp.LpVariable] = field(default_factory=dict)
    battery: Battery | None = None
    excesses: list[Excess] = field(default_factory=list)
    soft_orders: Collection[str] = ()

    def variable(
        self, name: str, low: float = 0.0, high: float | None = None, *, whole: bool = False
    ) -> pulp.LpVariable:
        """A new column of this supply point."""
        return self.program.variable(self.prefix + name, low, high, whole=whole)

    def row(self, name: str, terms: dict[pulp.LpVariable, float], sense: int, rhs: float) -> pulp.LpConstraint:
        """A new row of this supply point."""
        return self.program.row(self.prefix + name, terms, sense, rhs)

    def find_row(self, name: str) -> pulp.LpConstraint | None:
        """The row of this name, if there is one."""
        return self.program.problem.get_constraint_by_name(self.prefix + name)

    def hours(self, slot: int) -> float:
        """The slot's length."""
        return self.problem.slot_hours[slot]

    def unmet_total(self) -> float:
        """Unmet targets in kWh at the solution."""
        return sum(value_of(column) for vehicle in self.vehicles for column in vehicle.unmet)


def build(
    problem: Problem,
    *,
    back_end: str = HIGHS,
    program: Program | None = None,
    prefix: str = "",
    soft_orders: Collection[str] = (),
) -> Model:
    """Columns and rows for a clipped problem, in `program` if given; the cost comes from objective.py."""
    model = Model(problem, program or Program(back_end), prefix, soft_orders=soft_orders)
    _add_supply_point(model)
    _add_storage(model)
    hard = HardOrders(problem, soft_orders)
    for number, session in enumerate(problem.sessions):
        _add_vehicle(model, number, session, hard)
    keep_power_balance(model)
    keep_phases_within_limit(model)
    for number, order in enumerate(problem.orders):
        keep_order(model, number, order)
    never_import_and_export_at_once(model)
    return model


def _add_supply_point(model: Model) -> None:
    problem, add = model.problem, model.variable
    for slot in problem.slots:
        most, back = _reachable_w(problem, slot)
        model.grid_import.append(add(f"import_{slot}", 0, min(problem.max_import_w[slot], most) / KILO))
        model.grid_export.append(add(f"export_{slot}", 0, min(problem.max_export_w[slot], back) / KILO))
        if problem.production_w[slot] > 0:
            model.curtailed[slot] = add(f"curtailed_{slot}", 0, problem.production_w[slot] / KILO)


def _reachable_w(problem: Problem, slot: int) -> tuple[float, float]:
    """The most that can be imported and exported at all; near bounds make the choice between them easy to solve."""
    storage = problem.storage
    most = problem.demand_w[slot] + (storage.max_charge_w if storage else 0.0)
    back = problem.production_w[slot] + (storage.max_discharge_w if storage else 0.0)
    for session in problem.sessions:
        if session.first_slot <= slot < session.last_slot:
            most += charge_bound_w(session, slot)
            back += session.max_discharge_w
    return most, back


def _add_storage(model: Model) -> None:
    storage, slots, add = model.problem.storage, model.problem.slots, model.variable
    if storage is None:
        return
    low, high = storage.min_energy_wh / KILO, storage.capacity_wh / KILO
    battery = model.battery = Battery(
        charge=[add(f"storage_charge_{slot}", 0, storage.max_charge_w / KILO) for slot in slots],
        discharge=[add(f"storage_discharge_{slot}", 0, storage.max_discharge_w / KILO) for slot in slots],
        energy=[add(f"storage_energy_{slot}", low, high) for slot in slots],
    )
    battery.energy[-1].lowBound = max(low, storage.end_energy_wh / KILO)
    for slot in slots:
        hours = model.hours(slot)
        terms = {
            battery.energy[slot]: 1.0,
            battery.charge[slot]: -storage.charge_efficiency * hours,
            battery.discharge[slot]: hours / storage.discharge_efficiency,
        }
        start = _chain(terms, battery.energy, slot, storage.energy_wh / KILO)
        model.row(f"storage_{slot}", terms, EQ, start)
        if _a_price_is_negative(model.problem, slot):
            _one_direction(model, f"storage_{slot}", battery.charge[slot], battery.discharge[slot])


def _add_vehicle(model: Model, number: int, session: Session, hard: HardOrders) -> None:
    vehicle, add = Vehicle(session), model.variable
    model.vehicles.append(vehicle)
    limits, backs = hard.of(session.key)
    for slot in vehicle.plugged():
        bound = min(charge_bound_w(session, slot), limits.get(slot, math.inf))
        vehicle.charge.append(add(f"charge_{number}_{slot}", 0, bound / KILO))
    if gives_back(model.problem, session):
        for slot in vehicle.plugged():
            bound = min(discharge_bound_w(model.problem, session, slot), backs.get(slot, math.inf))
            vehicle.discharge.append(add(f"discharge_{number}_{slot}", 0, bound / KILO))
    if vehicle.charge and (vehicle.discharge or may_taper(session)):
        keep_battery_content(model, vehicle, number)
        respect_taper(model, vehicle, number)
    else:
        never_overfill(model, vehicle, number)
    reach_targets(model, vehicle, number)
    never_charge_and_discharge_at_once(model, vehicle, number)


def charge_bound_w(session: Session, slot: int) -> float:
    """What point and vehicle can take in a slot."""
    return session.max_charge_w if session.limit_w is None else min(session.max_charge_w, session.limit_w[slot])


def gives_back(problem: Problem, session: Session) -> bool:
    """Whether the vehicle has any slot in which it may discharge."""
    slots = range(session.first_slot, session.last_slot)
    return session.v2g and any(discharge_bound_w(problem, session, slot) > 0 for slot in slots)


def discharge_bound_w(problem: Problem, session: Session, slot: int) -> float:
    """What the vehicle may give back. One in a hurry gives only where an order asks for discharging."""
    if not session.v2g:
        return 0.0
    if session.mode is Mode.FAST and not _discharge_ordered(problem, session, slot):
        return 0.0
    return session.max_discharge_w


def _discharge_ordered(problem: Problem, session: Session, slot: int) -> bool:
    for order in problem.orders:
        concerned = not order.session_keys or session.key in order.session_keys
        asked = order.mandatory and order.limit_w is not None and order.limit_w < 0
        if concerned and asked and order.first_slot <= slot < order.last_slot:
            return True
    return False


def keep_power_balance(model: Model) -> None:
    """What flows into the supply point is what flows out of it, in every slot."""
    problem = model.problem
    rows: list[dict[pulp.LpVariable, float]] = [
        {model.grid_import[slot]: 1.0, model.grid_export[slot]: -1.0} for slot in problem.slots
    ]
    for slot, column in model.curtailed.items():
        rows[slot][column] = -1.0
    if model.battery:
        for slot in problem.slots:
            rows[slot][model.battery.charge[slot]] = -1.0
            rows[slot][model.battery.discharge[slot]] = 1.0
    for vehicle in model.vehicles:
        for slot in vehicle.plugged():
            rows[slot].update(vehicle.power(slot, -1.0))
    for slot, terms in enumerate(rows):
        net = (problem.demand_w[slot] - problem.production_w[slot]) / KILO
        model.row(f"balance_{slot}", terms, EQ, net)


def keep_battery_content(model: Model, vehicle: Vehicle, number: int) -> None:
    """Content follows from what goes in and out, slot by slot; never below the driver's floor, never over capacity.

    Recursive on purpose: running sums make the matrix dense and the solve ten times slower.
    """
    session = vehicle.session
    low = session.floor_wh / KILO if vehicle.discharge else 0.0
    for place, slot in enumerate(vehicle.plugged()):
        energy = model.variable(f"energy_{number}_{slot}", low, session.capacity_wh / KILO)
        vehicle.energy.append(energy)
        hours = model.hours(slot)
        terms = {energy: 1.0, vehicle.charge[place]: -session.charge_efficiency * hours}
        if vehicle.discharge:
            terms[vehicle.discharge[place]] = hours / session.discharge_efficiency
        start = _chain(terms, vehicle.energy, place, session.energy_wh / KILO)
        model.row(f"content_{number}_{slot}", terms, EQ, start)


def _chain(terms: dict[pulp.LpVariable, float], energy: list[pulp.LpVariable], place: int, start: float) -> float:
    """Link a content row to the slot before; returns its right-hand side."""
    if place == 0:
        return start
    terms[energy[place - 1]] = -1.0
    return 0.0


def never_overfill(model: Model, vehicle: Vehicle, number: int) -> None:
    """A vehicle that only charges needs a single row for its whole stay."""
    if vehicle.charge:
        room = (vehicle.session.capacity_wh - vehicle.session.energy_wh) / KILO
        model.row(f"room_{number}", _taken(model, vehicle, vehicle.session.last_slot), LE, room)


def reach_targets(model: Model, vehicle: Vehicle, number: int) -> None:
    """Enough in the battery when the driver asked for it; what cannot be reached is counted, not refused."""
    session = vehicle.session
    for target in session.targets:
        missing = model.variable(f"unmet_{number}_{target.slot}")
        vehicle.unmet.append(missing)
        if vehicle.energy and target.slot > session.first_slot:
            terms = {vehicle.energy[target.slot - session.first_slot - 1]: 1.0, missing: 1.0}
            model.row(f"target_{number}_{target.slot}", terms, GE, target.energy_wh / KILO)
        else:
            terms = {**_taken(model, vehicle, target.slot), missing: 1.0}
            need = (target.energy_wh - session.energy_wh) / KILO
            model.row(f"target_{number}_{target.slot}", terms, GE, need)


def _taken(model: Model, vehicle: Vehicle, before: int) -> dict[pulp.LpVariable, float]:
    slots = range(vehicle.session.first_slot, before)
    efficiency = vehicle.session.charge_efficiency
    return {vehicle.charge[place]: efficiency * model.hours(slot) for place, slot in enumerate(slots)}


def may_taper(session: Session) -> bool:
    """Only a vehicle above the knee, or with a target above it, needs to be looked at."""
    highest = max([session.energy_wh, *(target.energy_wh for target in session.targets)])
    return 0 < session.knee < 1 and highest > session.knee * session.capacity_wh


def room_kept(session: Session, hours: float) -> float:
    """The share of the room left in a battery that remains after charging near full for some hours."""
    room_wh = (1 - session.knee) * session.capacity_wh
    return math.exp(-session.charge_efficiency * session.max_charge_w * hours / room_wh)


def respect_taper(model: Model, vehicle: Vehicle, number: int) -> None:
    """Near full a battery takes an exponentially shrinking share of the room that is left (constant-voltage phase)."""
    session = vehicle.session
    if not may_taper(session):
        return
    for place, slot in enumerate(vehicle.plugged()):
        keep, capacity = room_kept(session, model.hours(slot)), session.capacity_wh / KILO
        terms = {vehicle.energy[place]: 1.0}
        rhs = capacity * (1 - keep) + keep * _chain(terms, vehicle.energy, place, session.energy_wh / KILO)
        if place:
            terms[vehicle.energy[place - 1]] = -keep
        model.row(f"taper_{number}_{slot}", terms, LE, rhs)


def never_charge_and_discharge_at_once(model: Model, vehicle: Vehicle, number: int) -> None:
    """Burning energy pays only where a price is negative; elsewhere a binary changes nothing but the solve time."""
    if not vehicle.discharge:
        return
    for place, slot in enumerate(vehicle.plugged()):
        if _a_price_is_negative(model.problem, slot):
            _one_direction(model, f"vehicle_{number}_{slot}", vehicle.charge[place], vehicle.discharge[place])


def never_import_and_export_at_once(model: Model) -> None:
    """Where export pays more than import costs, trading with oneself would be free money."""
    for slot in model.problem.slots:
        if model.problem.export_price[slot] > model.problem.import_price[slot]:
            _one_direction(model, f"grid_{slot}", model.grid_import[slot], model.grid_export[slot])


def _a_price_is_negative(problem: Problem, slot: int) -> bool:
    return min(problem.import_price[slot], problem.export_price[slot]) < 0


def _one_direction(model: Model, name: str, one: pulp.LpVariable, other: pulp.LpVariable) -> None:
    if not one.upBound or not other.upBound:
        return
    choice = model.variable(f"choice_{name}", 0, 1, whole=True)
    model.row(f"only_one_{name}", {one: 1.0, choice: -one.upBound}, LE, 0.0)
    model.row(f"only_other_{name}", {other: 1.0, choice: other.upBound}, LE, other.upBound)


def keep_phases_within_limit(model: Model) -> None:
    """No phase over its fuse: known vehicles load their phases alike, house and production load all three alike."""
    problem = model.problem
    if problem.max_phase_w is None:
        return
    for slot in problem.slots:
        net = (problem.demand_w[slot] - problem.production_w[slot]) / 3
        for phase in (1, 2, 3):
            terms: dict[pulp.LpVariable, float] = {}
            for vehicle in model.vehicles:
                if phase in vehicle.session.phases:
                    terms.update(vehicle.power(slot, 1 / len(vehicle.session.phases)))
            if terms:
                room = max(problem.max_phase_w[slot] - net, 0.0) / KILO
                model.row(f"phase_{phase}_{slot}", terms, LE, room)
