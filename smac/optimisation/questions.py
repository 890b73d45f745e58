"""What a verdict asks: one live program of the supply points concerned, one question after another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pulp

from .adapter import LE, Outcome, Program, no_collection, value_of
from .model import build, may_taper
from .objective import UNMET, excess_weight
from .orders import Excess
from .solve import Clock
from .together import Cluster, keep_group_limit

# Held totals get this much air (kWh), so that rounding is no reason for infeasibility.
_AIR = 1e-6
# Near full a battery takes less and less: its last 10 Wh may take as long as all before, and no meter tells them.
# To ask for them would call an order impossible that hurts nobody.
_NEAR_FULL = 0.01
_NOTHING_KW = 1e-4
NOTHING_KWH = 1e-4

# What each session of each supply point misses, kWh.
Missed = Mapping[str, Mapping[str, float]]


@dataclass
class Findings:
    """What was found, by the supply points' keys; `known` is False when a solver ran out of time or failed.

    `extra_kw`: by how much every judged limit has to give way, before the shares of supply points; `energy_kwh`: the
    least energy by which they do, and in which `slots` when it is spread as flat as it can be.
    """

    missed_without: Missed = field(default_factory=dict)
    missed_with: Missed = field(default_factory=dict)
    energy_kwh: dict[str, float] = field(default_factory=dict)
    extra_kw: float = 0.0
    slots: dict[str, tuple[int, ...]] = field(default_factory=dict)
    known: bool = True

    @property
    def unfeasible(self) -> bool:
        """Whether the orders have to give way anywhere."""
        return sum(self.energy_kwh.values()) > NOTHING_KWH


class NoTime(Exception):
    """The solver brought nothing in time."""


class Questions:
    """Every judged limit may be exceeded in its slot (`excesses`), and all of them by the same power (`flat`).

    Bounds say which of both is allowed. `shares`: how much of `flat` a supply point's part of an order gets.
    """

    def __init__(
        self,
        cluster: Cluster,
        order_keys: Mapping[str, Collection[str]],
        shares: Mapping[str, float],
        back_end: str,
        time_limit_s: float,
    ) -> None:
        self._program = Program(back_end, presolve=False)
        with no_collection():
            self._models = {
                key: build(problem, program=self._program, prefix=f"site{number}_", soft_orders=order_keys.get(key, ()))
                for number, (key, problem) in enumerate(cluster.problems.items())
            }
            for number, limit in enumerate(cluster.limits):
                keep_group_limit(self._program, number, limit, [self._models[key] for key in limit.site_keys])
        self._clock = Clock(time_limit_s)
        self._shares = {key: shares.get(key, 1.0) for key in self._models}
        self._hours = next(iter(cluster.problems.values())).slot_hours
        self._mine = {key: self._judged(key, order_keys.get(key, ()), judged=True) for key in self._models}
        self._others = [it for key in self._models for it in self._judged(key, order_keys.get(key, ()), judged=False)]
        self._unmet = [column for it in self._models.values() for car in it.vehicles for column in car.unmet]
        self._spare = {
            (key, car.session.key): _NEAR_FULL
            for key, it in self._models.items()
            for car in it.vehicles
            if may_taper(car.session)
        }
        self._flat = self._program.variable("flat")
        for key, excesses in self._mine.items():
            for excess in excesses:
                excess.row.expr[self._flat] = -self._shares[key]

    def _judged(self, key: str, order_keys: Collection[str], *, judged: bool) -> list[Excess]:
        return [it for it in self._models[key].excesses if (it.order.key in order_keys) is judged]

    def ask(self, *, served: bool) -> Findings:
        """`served`: everybody is known to reach their targets without the orders."""
        found = Findings()
        try:
            if any(self._mine.values()):
                best = 0.0 if served else self._without(found)
                if not self._kept(found, best):
                    self._hold(best)
                    self._relaxed(found)
        except (NoTime, pulp.PulpError):
            found.known = False
        return found

    def _without(self, found: Findings) -> float:
        """What is missed without the orders, and what that costs at the least."""
        self._least(self._cost(self._others))
        found.missed_without = self._missed()
        return self._program.cost_now()

    def _kept(self, found: Findings, best: float) -> bool:
        """What is missed with the orders, and whether that is no more than without them."""
        self._least(self._cost([*self._all_mine(), *self._others]), flat=0.0)
        found.missed_with = self._missed()
        return self._program.cost_now() <= best + (NOTHING_KWH + self._spared(found)) * UNMET

    def _spared(self, found: Findings) -> float:
        """What is missed more, but only of what takes for ever."""
        more = {
            (key, name): found.missed_with[key][name] - found.missed_without.get(key, {}).get(name, 0.0)
            for key, name in self._spare
        }
        return sum(min(max(more[it], 0.0), spare) for it, spare in self._spare.items())

    def _all_mine(self) -> Iterable[Excess]:
        return (excess for excesses in self._mine.values() for excess in excesses)

    def _cost(self, excesses: Sequence[Excess]) -> dict[pulp.LpVariable, float]:
        cost = {excess.column: excess_weight(excess) * self._hours[excess.slot] for excess in excesses}
        return {**cost, **dict.fromkeys(self._unmet, UNMET)}

    def _hold(self, best: float) -> None:
        """From here on nobody misses more, and no other order is exceeded more, than without the judged ones."""
        if best > NOTHING_KWH:
            self._program.row("held", self._cost(self._others), LE, best + (_AIR + sum(self._spare.values())) * UNMET)
            return
        for column in self._cost(self._others):
            column.upBound = _AIR
        for key, model in self._models.items():
            for car in model.vehicles:
                for column in car.unmet:
                    column.upBound = self._spare.get((key, car.session.key), _AIR)

    def _relaxed(self, found: Findings) -> None:
        """By how much all limits would have to give way, and the least energy, first spread as flat as it can be."""
        self._least({self._flat: 1.0}, excess=0.0)
        found.extra_kw = value_of(self._flat)
        energy = {excess.column: self._hours[excess.slot] for excess in self._all_mine()}
        self._least(energy, flat=0.0, excess=found.extra_kw)
        for key, excesses in self._mine.items():
            over = {excess.slot for excess in excesses if value_of(excess.column) > _NOTHING_KW}
            found.slots[key] = tuple(sorted(over))
        self._least(energy, flat=0.0)
        for key, excesses in self._mine.items():
            found.energy_kwh[key] = sum(value_of(it.column) * self._hours[it.slot] for it in excesses)

    def _least(
        self, cost: dict[pulp.LpVariable, float], *, flat: float | None = None, excess: float | None = None
    ) -> None:
        """Minimise with these bounds on what exceeds the judged orders, before the shares of supply points."""
        self._flat.upBound = flat
        for key, excesses in self._mine.items():
            bound = excess * self._shares[key] + _AIR if excess else excess
            for it in excesses:
                it.column.upBound = bound
        self._program.minimise(cost)
        if self._program.solve(self._clock.left_s) is Outcome.NOTHING:
            raise NoTime

    def _missed(self) -> Missed:
        return {
            key: {car.session.key: sum(map(value_of, car.unmet)) for car in model.vehicles}
            for key, model in self._models.items()
        }
