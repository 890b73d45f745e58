"""How fast the optimiser is, against a plain highspy build of the same linear program in the same run.

`make bench-smac` prints one line of JSON a measurement; `ratio` is ours / baseline, and each line says what it
should be at most. Times are medians of processor time, on one thread. V2G, 96 slots, an import limit that binds.
"""

# ruff: noqa: E402 (the path must be right before the first import)
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

# This file is called like the package that it measures.
sys.path[0] = str(Path(__file__).resolve().parents[2])

import highspy
import numpy as np

from smac.optimisation.adapter import Program
from smac.optimisation.live import LivePlanner
from smac.optimisation.objective import UNMET, Scale
from smac.optimisation.problem import KILO, Mode, Problem, Session, Target
from smac.optimisation.solve import optimise, prepare, solve

SLOTS = 96
START = datetime(2026, 3, 2, tzinfo=UTC)


def site(count: int, seed: int = 1) -> Problem:
    """A supply point with `count` vehicles that may give back, seeded."""
    rng = random.Random(seed)
    price = tuple(round(0.2 + 0.15 * rng.random() + 0.1 * (slot // 16 % 3 == 1), 3) for slot in range(SLOTS))
    return Problem(
        slot_starts=tuple(START + timedelta(minutes=15 * slot) for slot in range(SLOTS)),
        slot_hours=(0.25,) * SLOTS,
        demand_w=(2_000.0,) * SLOTS,
        production_w=(0.0,) * SLOTS,
        import_price=price,
        export_price=tuple(round(value * 0.7, 3) for value in price),
        max_import_w=(3_500.0 * count + 4_000,) * SLOTS,
        max_export_w=(5_000.0 * count,) * SLOTS,
        sessions=tuple(_vehicle(rng, number) for number in range(count)),
    )


def _vehicle(rng: random.Random, number: int) -> Session:
    first = rng.randrange(40)
    last = rng.randrange(first + 16, SLOTS + 1)
    energy, capacity = rng.uniform(12_000, 30_000), 60_000.0
    target = Target(last, min(capacity * 0.9, energy + (last - first) * 1_500.0))
    return Session(
        key=f"vehicle-{number}",
        mode=Mode.CHEAP,
        max_charge_w=11_000.0,
        max_discharge_w=11_000.0,
        v2g=True,
        first_slot=first,
        last_slot=last,
        capacity_wh=capacity,
        energy_wh=energy,
        floor_wh=12_000.0,
        targets=(target,),
        charge_efficiency=0.95,
        discharge_efficiency=0.95,
        wear_cost_per_kwh=0.04,
    )


def changed(problem: Problem, seed: int) -> Problem:
    """The same quarter of an hour with a new forecast and newly reported contents."""
    rng = random.Random(seed)
    return replace(
        problem,
        demand_w=tuple(power * rng.uniform(0.8, 1.2) for power in problem.demand_w),
        sessions=tuple(replace(it, energy_wh=it.energy_wh * rng.uniform(0.98, 1.02)) for it in problem.sessions),
    )


class Direct:
    """The same linear program as lists, straight into highspy: the least that any model in Python costs."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.cost: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.row_low: list[float] = []
        self.row_high: list[float] = []
        self.starts, self.indices, self.values = [0], [], []  # type: ignore[var-annotated]
        self._build()

    def _column(self, cost: float, low: float, high: float) -> int:
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        return len(self.cost) - 1

    def _row(self, indices: list[int], values: list[float], low: float, high: float) -> None:
        self.indices += indices
        self.values += values
        self.starts.append(len(self.indices))
        self.row_low.append(low)
        self.row_high.append(high)

    def _build(self) -> None:
        problem, money = self.problem, Scale.of(self.problem).money
        balance: list[tuple[list[int], list[float]]] = []
        for slot, hours in enumerate(problem.slot_hours):
            bought = self._column(problem.import_price[slot] / money * hours, 0, problem.max_import_w[slot] / KILO)
            sold = self._column(-problem.export_price[slot] / money * hours, 0, problem.max_export_w[slot] / KILO)
            balance.append(([bought, sold], [1.0, -1.0]))
        for session in problem.sessions:
            self._vehicle(session, balance, money)
        for slot, (indices, values) in enumerate(balance):
            net = (problem.demand_w[slot] - problem.production_w[slot]) / KILO
            self._row(indices, values, net, net)

    def _vehicle(self, it: Session, balance: list[tuple[list[int], list[float]]], money: float) -> None:
        previous, most, back = -1, it.max_charge_w / KILO, it.max_discharge_w / KILO
        for slot in range(it.first_slot, it.last_slot):
            hours = self.problem.slot_hours[slot]
            charge = self._column(0.0, 0, most)
            discharge = self._column(it.wear_cost_per_kwh / money * hours, 0, back)
            energy = self._column(0.0, it.floor_wh / KILO, it.capacity_wh / KILO)
            indices = [energy, charge, discharge]
            values = [1.0, -it.charge_efficiency * hours, hours / it.discharge_efficiency]
            start = it.energy_wh / KILO
            if previous >= 0:
                indices.append(previous)
                values.append(-1.0)
                start = 0.0
            self._row(indices, values, start, start)
            balance[slot][0].extend((charge, discharge))
            balance[slot][1].extend((-1.0, 1.0))
            previous = energy
        missing = self._column(UNMET, 0, highspy.kHighsInf)
        self._row([previous, missing], [1.0, 1.0], it.targets[0].energy_wh / KILO, highspy.kHighsInf)

    def solve(self) -> float:
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
        highs.passModel(lp)
        highs.run()
        return float(highs.getInfo().objective_function_value)


def cold(problem: Problem, *, preview: bool) -> float:
    """Our model from nothing: solve A alone, or A and B. Returns solve A's cost when a preview."""
    model, cost = prepare(problem, Program())
    optimise(model, cost, preview=preview)
    return model.program.cost_now()


def again(program: Program, problem: Problem) -> float:
    """Solve A on a live model with other numbers."""
    model, cost = prepare(problem, program)
    optimise(model, cost, preview=True)
    return program.cost_now()


def medians(ours: Callable[[], object], baseline: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Median milliseconds of processor time of both, in turns: a busy machine does not change the ratio."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeat):
        for taken, work in zip(times, (ours, baseline), strict=True):
            begin = time.process_time()
            work()
            taken.append((time.process_time() - begin) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


def tell(bench: str, count: int, ours: float, baseline: float, at_most: float, unit: str = "ms") -> None:
    """One line of JSON."""
    figures = {"ours": round(ours, 3), "baseline": round(baseline, 3), "ratio": round(ours / baseline, 3)}
    print(json.dumps({"bench": bench, "n": count, **figures, "at_most": at_most, "unit": unit}), flush=True)


def one_site(count: int, repeat: int, cold_at_most: float) -> None:
    """The figures for one supply point."""
    problem = site(count)
    exact, found = Direct(problem).solve(), cold(problem, preview=True)
    if abs(found - exact) > 1e-6 * max(abs(exact), 1.0):
        raise SystemExit(f"not the same optimum at {count}: {found} instead of {exact}")
    baseline = lambda: Direct(problem).solve()  # noqa: E731
    tell("smac-cold", count, *medians(lambda: cold(problem, preview=True), baseline, repeat), cold_at_most)
    tell("smac-both-solves", count, *medians(lambda: cold(problem, preview=False), baseline, repeat), 3.0)
    tell("smac-whole-plan", count, *medians(lambda: solve(problem), baseline, repeat), 4.0)
    program, news = Program(), [changed(problem, seed) for seed in range(repeat + 1)]
    again(program, news.pop())
    tell("smac-again", count, *medians(lambda: again(program, news.pop()), baseline, repeat), 0.5)


def fleet(sites: int, count: int) -> None:
    """Many supply points planned again, against as many direct solves from nothing."""
    problems = [site(count, seed) for seed in range(sites)]
    programs = [Program() for _ in problems]
    for program, problem in zip(programs, problems, strict=True):
        again(program, problem)
    news = [changed(problem, seed) for seed, problem in enumerate(problems)]
    ours, baseline = medians(
        lambda: [again(program, problem) for program, problem in zip(programs, news, strict=True)],
        lambda: [Direct(problem).solve() for problem in news],
        1,
    )
    tell("smac-fleet-again", sites, ours, baseline, 0.5)
    planner = LivePlanner(kept=sites)
    for number, problem in enumerate(problems):
        planner.solve(str(number), problem)
    whole, baseline = medians(
        lambda: [planner.solve(str(number), problem) for number, problem in enumerate(news)],
        lambda: [Direct(problem).solve() for problem in news],
        1,
    )
    tell("smac-fleet-whole-plans", sites, whole, baseline, 1.5)


if __name__ == "__main__":
    one_site(10, 15, 2.0)
    one_site(50, 7, 1.6)
    one_site(200, 3, 1.6)
    fleet(100, 10)
