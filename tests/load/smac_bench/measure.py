"""How figures are taken, and how they are told."""

import json
import multiprocessing
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from smac.optimisation.adapter import Program
from smac.optimisation.problem import Problem
from smac.optimisation.solve import optimise, prepare
from tests.load.smac_bench.direct import Direct
from tests.load.smac_bench.scenes import site

Work = Callable[[], object]


def cold(problem: Problem, *, preview: bool) -> float:
    """Our model from nothing: solve A alone (a preview), or A and B. Returns the cost of the last solve."""
    model, cost = prepare(problem, Program())
    optimise(model, cost, preview=preview)
    return model.program.cost_now()


def again(program: Program, problem: Problem) -> float:
    """Solve A on a live model with other numbers."""
    model, cost = prepare(problem, program)
    optimise(model, cost, preview=True)
    return program.cost_now()


def medians(ours: Work, baseline: Work, repeat: int) -> tuple[float, float]:
    """Median milliseconds of processor time of both, in turns: a busy machine does not change the ratio."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeat):
        for taken, work in zip(times, (ours, baseline), strict=True):
            taken.append(milliseconds(work))
    return statistics.median(times[0]), statistics.median(times[1])


def milliseconds(work: Work) -> float:
    """Processor time of one run; all work is on one thread."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000


def peak_mb(kind: str, count: int) -> float:
    """The highest memory of a fresh process that does one cold solve, MB, Python and libraries included."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak_mb, (kind, count))


def _peak_mb(kind: str, count: int) -> float:
    problem = site(count)
    cold(problem, preview=True) if kind == "ours" else Direct(problem).solve()
    # Of this program alone; getrusage counts what the process was before it, too.
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def tell(bench: str, n: int, what: str, ours: float, baseline: float, at_most: float | None, unit: str = "ms") -> None:
    """One line of JSON; `ratio` is ours / baseline, `at_most` what it should be."""
    ratio = ours / baseline
    line: dict[str, object] = {"bench": bench, "n": n, "what": what}
    line |= {"ours": round(ours, 3), "baseline": round(baseline, 3), "ratio": round(ratio, 3), "unit": unit}
    if at_most is not None:
        line |= {"at_most": at_most, "ok": ratio <= at_most}
    print(json.dumps(line), flush=True)
