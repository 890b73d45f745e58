"""The same linear program written straight into highspy, without PuLP: the least that a model in Python costs.

It is written a second time on purpose: the tests hold the optimiser's objective to this one's. Its own are the
columns, rows and signs; what a mode weighs (`Money`, `headroom_kw`, the constants) is what both have to agree on.
"""

from __future__ import annotations

import math

import highspy
import numpy as np

from smac.optimisation import objective
from smac.optimisation.objective import Money, Scale, headroom_kw
from smac.optimisation.problem import KILO, Mode, Order, Problem, Scope, Session

INFINITE = highspy.kHighsInf
Line = tuple[list[int], list[float]]


class Direct:
    """A clipped problem as lists of numbers. Without `money`, every vehicle is taken to look at prices."""

    def __init__(self, problem: Problem, money: Money | None = None) -> None:
        self.problem = problem
        unit = 1.0 / Scale.of(problem).money
        self.exchange, self.own = (money.exchange, money.own) if money else (unit, unit)
        self.money = money
        self.cost: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.whole: list[int] = []
        self.row_low: list[float] = []
        self.row_high: list[float] = []
        self.starts, self.indices, self.values = [0], [], []  # type: ignore[var-annotated]
        # By slot: what stands in the balance, and each vehicle's (charge, discharge or -1).
        self.balance: list[Line] = [([], []) for _ in problem.slots]
        self.powers: list[dict[int, tuple[int, int]]] = []
        self.bought: list[int] = []
        self.sold: list[int] = []
        self._build()

    def column(self, cost: float, low: float, high: float) -> int:
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        return len(self.cost) - 1

    def row(self, indices: list[int], values: list[float], low: float, high: float) -> None:
        self.indices += indices
        self.values += values
        self.starts.append(len(self.indices))
        self.row_low.append(low)
        self.row_high.append(high)

    def _build(self) -> None:
        problem = self.problem
        for slot, hours in enumerate(problem.slot_hours):
            price, back = problem.import_price[slot], problem.export_price[slot]
            self.bought.append(self.column(self.exchange * price * hours, 0, problem.max_import_w[slot] / KILO))
            self.sold.append(self.column(-self.exchange * back * hours, 0, problem.max_export_w[slot] / KILO))
            self._flows(slot, (self.bought[slot], 1.0), (self.sold[slot], -1.0))
            if problem.production_w[slot] > 0:
                self._flows(slot, (self.column(0.0, 0, problem.production_w[slot] / KILO), -1.0))
            if back > price:
                self._either(self.bought[slot], self.sold[slot])
        for session in problem.sessions:
            self._vehicle(session)
        self._storage()
        for slot, (indices, values) in enumerate(self.balance):
            net = (problem.demand_w[slot] - problem.production_w[slot]) / KILO
            self.row(indices, values, net, net)
        for order in problem.orders:
            self._order(order)
        if self.money:
            self._modes(self.money)

    def _flows(self, slot: int, *terms: tuple[int, float]) -> None:
        for index, value in terms:
            self.balance[slot][0].append(index)
            self.balance[slot][1].append(value)

    def _either(self, one: int, other: int) -> None:
        """Only one of two columns is above zero."""
        choice = self.column(0.0, 0, 1)
        self.whole.append(choice)
        wide = 1e4
        self.row([one, choice], [1.0, -min(self.high[one], wide)], -INFINITE, 0.0)
        most = min(self.high[other], wide)
        self.row([other, choice], [1.0, most], -INFINITE, most)

    def _vehicle(self, it: Session) -> None:
        previous, most = -1, it.max_charge_w / KILO
        gives, knee = self._gives(it), 0 < it.knee < 1
        floor = it.floor_wh / KILO if gives else 0.0
        capacity, powers, contents = it.capacity_wh / KILO, {}, {}
        for slot in range(it.first_slot, it.last_slot):
            hours = self.problem.slot_hours[slot]
            bound = most if it.limit_w is None else min(most, it.limit_w[slot] / KILO)
            charge = self.column(0.0, 0, bound)
            energy = self.column(0.0, floor, capacity)
            indices, values = [energy, charge], [1.0, -it.charge_efficiency * hours]
            discharge = -1
            self._flows(slot, (charge, -1.0))
            if gives:
                back = it.max_discharge_w / KILO
                discharge = self.column(it.wear_cost_per_kwh * self.own * hours, 0, back)
                indices.append(discharge)
                values.append(hours / it.discharge_efficiency)
                self._flows(slot, (discharge, 1.0))
                if min(self.problem.import_price[slot], self.problem.export_price[slot]) < 0:
                    self._either(charge, discharge)
            start = it.energy_wh / KILO
            if previous >= 0:
                indices.append(previous)
                values.append(-1.0)
                start = 0.0
            self.row(indices, values, start, start)
            if knee:
                keep = math.exp(-it.charge_efficiency * most * hours / ((1 - it.knee) * capacity))
                before = ([previous], [-keep]) if previous >= 0 else ([], [])
                given = 0.0 if previous >= 0 else keep * it.energy_wh / KILO
                self.row([energy, *before[0]], [1.0, *before[1]], -INFINITE, capacity * (1 - keep) + given)
            powers[slot], contents[slot], previous = (charge, discharge), energy, energy
        self.powers.append(powers)
        for target in it.targets:
            missing, wanted = self.column(objective.UNMET, 0, INFINITE), target.energy_wh / KILO
            if target.slot > it.first_slot:
                self.row([contents[target.slot - 1], missing], [1.0, 1.0], wanted, INFINITE)
            else:
                self.row([missing], [1.0], wanted - it.energy_wh / KILO, INFINITE)

    def _gives(self, it: Session) -> bool:
        """The scenes have no vehicle in a hurry that an order asks to discharge."""
        return it.v2g and it.max_discharge_w > 0 and it.mode is not Mode.FAST

    def _storage(self) -> None:
        it = self.problem.storage
        if it is None:
            return
        previous = -1
        for slot, hours in enumerate(self.problem.slot_hours):
            charge = self.column(0.0, 0, it.max_charge_w / KILO)
            discharge = self.column(it.wear_cost_per_kwh * self.own * hours, 0, it.max_discharge_w / KILO)
            last = slot == len(self.problem.slot_hours) - 1
            least = max(it.min_energy_wh, it.end_energy_wh) if last else it.min_energy_wh
            energy = self.column(0.0, least / KILO, it.capacity_wh / KILO)
            indices = [energy, charge, discharge]
            values = [1.0, -it.charge_efficiency * hours, hours / it.discharge_efficiency]
            start = it.energy_wh / KILO if previous < 0 else 0.0
            if previous >= 0:
                indices.append(previous)
                values.append(-1.0)
            self.row(indices, values, start, start)
            self._flows(slot, (charge, -1.0), (discharge, 1.0))
            if min(self.problem.import_price[slot], self.problem.export_price[slot]) < 0:
                self._either(charge, discharge)
            previous = energy

    def _power(self, vehicles: list[int], slot: int) -> Line:
        """Charging minus discharging of these vehicles in a slot."""
        indices, values = [], []
        for number in vehicles:
            if slot in self.powers[number]:
                charge, discharge = self.powers[number][slot]
                indices.append(charge)
                values.append(1.0)
                if discharge >= 0:
                    indices.append(discharge)
                    values.append(-1.0)
        return indices, values

    def _order(self, order: Order) -> None:
        mine = [number for number, it in enumerate(self.problem.sessions) if it.key in order.session_keys]
        weight = objective.EXCESS_MANDATORY if order.mandatory else objective.EXCESS_OFFER
        for slot in range(order.first_slot, order.last_slot):
            here = [number for number in mine if slot in self.powers[number]]
            parts = [here] if order.scope is Scope.TOGETHER else [[number] for number in here]
            lines = [self._power(part, slot) for part in parts if part]
            if not order.session_keys:
                lines = [([self.bought[slot], self.sold[slot]], [1.0, -1.0])]
            for indices, values in lines:
                over = self.column(weight * self.problem.slot_hours[slot], 0, INFINITE)
                limit = INFINITE if order.limit_w is None else order.limit_w / KILO
                self.row([*indices, over], [*values, -1.0], -INFINITE, limit)
                if order.export_limit_w is not None:
                    back = self.column(weight * self.problem.slot_hours[slot], 0, INFINITE)
                    self.row([*indices, back], [*values, 1.0], -order.export_limit_w / KILO, INFINITE)

    def _modes(self, money: Money) -> None:
        hours, late, waited = self.problem.slot_hours, 0.0, [0.0] * len(self.powers)
        for slot in self.problem.slots:
            late += money.doubt[slot]
            for number, (it, powers) in enumerate(zip(self.problem.sessions, self.powers, strict=True)):
                if slot not in powers:
                    continue
                charge, discharge = powers[slot]
                self.cost[charge] += self.problem.opportunity_cost_per_h * money.own * waited[number] * hours[slot]
                waited[number] += hours[slot]
                if it.mode in (Mode.BASIC, Mode.FAST):
                    self.cost[charge] += (objective.ENERGY - money.highest[slot]) * hours[slot]
                    if discharge >= 0:
                        self.cost[discharge] += money.highest[slot] * hours[slot]
                if it.mode is Mode.FAST:
                    self.cost[charge] += late * hours[slot]
            late += objective.LATENESS * hours[slot] / sum(hours)
        self._green()
        self._even()
        self._peak()

    def _of(self, *modes: Mode) -> list[int]:
        return [number for number, it in enumerate(self.problem.sessions) if it.mode in modes]

    def _green(self) -> None:
        green, problem = self._of(Mode.GREEN), self.problem
        worst = max(problem.co2_g_per_kwh or (0.0,))
        for slot, hours in enumerate(problem.slot_hours) if green else ():
            weight = objective.GREEN * hours * (problem.co2_g_per_kwh[slot] / worst if problem.co2_g_per_kwh else 1.0)
            if len(green) == len(problem.sessions):
                self.cost[self.bought[slot]] += weight
                continue
            indices, values = self._power(green, slot)
            surplus = max(problem.production_w[slot] - problem.demand_w[slot], 0.0) / KILO
            self.row([*indices, self.column(weight, 0, INFINITE)], [*values, -1.0], -INFINITE, surplus)

    def _even(self) -> None:
        basic = [number for number in self._of(Mode.BASIC) if self.powers[number]]
        if not basic:
            return
        room = headroom_kw(self.problem, [_Stay(self.problem.sessions[number]) for number in basic])  # type: ignore[list-item, misc]
        weight = objective.UNEVENNESS * max(kw * hours for kw, hours in zip(room, self.problem.slot_hours, strict=True))
        for part in ([basic] if len(basic) > 1 else []) + [[number] for number in basic]:
            used = self.column(weight, 0, INFINITE)
            for slot in self.problem.slots:
                indices, values = self._power(part, slot)
                if indices and room[slot] > 0:
                    self.row([*indices, used], [*values, -room[slot]], -INFINITE, 0.0)

    def _peak(self) -> None:
        """The scenes with a demand charge have no vehicle that ignores prices."""
        if self.problem.demand_charge_per_kw > 0:
            peak = self.column(self.exchange * self.problem.demand_charge_per_kw, 0, INFINITE)
            for slot in self.problem.slots:
                self.row([self.bought[slot], peak], [1.0, -1.0], -INFINITE, self.problem.peak_so_far_w / KILO)

    def solve(self, *, gap: float = 1e-6) -> float:
        """The least cost."""
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.cost), len(self.row_low)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.array(self.cost), np.array(self.low), np.array(self.high)
        lp.row_lower_, lp.row_upper_ = np.array(self.row_low), np.array(self.row_high)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
        lp.a_matrix_.start_, lp.a_matrix_.index_ = np.array(self.starts), np.array(self.indices)
        lp.a_matrix_.value_ = np.array(self.values)
        if self.whole:
            highs.setOptionValue("mip_rel_gap", gap)
            kinds = [highspy.HighsVarType.kContinuous] * len(self.cost)
            for index in self.whole:
                kinds[index] = highspy.HighsVarType.kInteger
            lp.integrality_ = kinds
        highs.passModel(lp)
        highs.run()
        return float(highs.getInfo().objective_function_value)


class _Stay:
    """As much of a vehicle as the headroom looks at."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def plugged(self) -> range:
        return range(self.session.first_slot, self.session.last_slot)

    def power(self, slot: int) -> bool:
        return slot in self.plugged()
