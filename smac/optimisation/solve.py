"""The way in: a problem becomes a plan, always.

Solve A finds what is best. Solve B, not for previews, holds it and picks among equally good plans the earliest and
always the same one: that is what keeps a plan calm from quarter to quarter.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import pulp

from . import objective, repair
from .adapter import HIGHS, Outcome, Program, Reshaped, no_collection, value_of
from .assemble import Powers, assemble
from .clip import clip
from .course import Course
from .fallback import fall_back
from .model import Model, build
from .plan import Note, NoteCode, Plan, Status
from .problem import KILO, Problem

Written = TypeVar("Written")

TIME_LIMIT_S = 10.0
# How much worse than the best (on a scale where a kWh at the highest price is 1) solve B may be.
_HELD_WITHIN = 1e-6
# Both are as large as solve A, one of them begins from nothing.
_AFTER_A_SEARCH = 3.0


def solve(
    problem: Problem,
    *,
    previous: Plan | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    preview: bool = False,
    pauses: bool = True,
    back_end: str = HIGHS,
    program: Program | None = None,
    course: Course | None = None,
) -> Plan:
    """Plan a supply point.

    `previous` is the last plan, used only when the solver brings nothing within `time_limit_s`, which all solves share.
    A preview leaves out the minimum current and the choice between equals; without `pauses` only the former is left
    out, for which whole numbers have to be searched. `program` is that of an earlier solve to
    start from (see live.py); `course` takes down how it went, or says how it is to go. Raises ValueError only for a
    problem without slots or an unknown back end; anything else that is impossible is bent and noted in the plan.
    """
    clipped, notes = clip(problem)
    program, course = program or Program(back_end), course or Course()
    try:
        model, cost = prepare(clipped, program)
        outcome = optimise(model, cost, time_limit_s=time_limit_s, preview=preview, pauses=pauses, course=course)
    except pulp.PulpError:
        program.reset()
        course.failed = True
        return fall_back(clipped, previous, (*notes, Note(NoteCode.SOLVER_FAILED)))
    if outcome is Outcome.NOTHING:
        program.reset()
        return fall_back(clipped, previous, (*notes, Note(NoteCode.TIME_LIMIT)))
    status = Status.OPTIMAL if outcome is Outcome.OPTIMAL else Status.INCUMBENT
    return assemble(clipped, powers_of(model), solver=program.back_end, status=status, notes=notes)


def prepare(problem: Problem, program: Program) -> tuple[Model, objective.Cost]:
    """The model and solve A's cost of a clipped problem; rewrites `program` where only numbers differ."""
    return rewrite(program, lambda: _build(problem, program))


def rewrite(program: Program, write: Callable[[], Written]) -> Written:
    """What `write` returns after writing `program`: over the old one where only numbers differ, else anew."""
    with no_collection():
        return _rewrite(program, write)


def _rewrite(program: Program, write: Callable[[], Written]) -> Written:
    if program.columns:
        try:
            program.rewind()
            written = write()
            program.rewound()
            return written
        except Reshaped:
            program.reset()
    return write()


def _build(problem: Problem, program: Program) -> tuple[Model, objective.Cost]:
    model = build(problem, program=program)
    return model, objective.plan_cost(model)


def optimise(
    model: Model,
    cost: objective.Cost,
    *,
    time_limit_s: float | None = None,
    preview: bool = False,
    pauses: bool = True,
    course: Course | None = None,
) -> Outcome:
    """Solve A and B on a model; its columns then hold the plan. Says how solve A ended."""
    return optimise_all([model], cost, time_limit_s=time_limit_s, preview=preview, pauses=pauses, course=course)


def optimise_all(
    models: Sequence[Model],
    cost: objective.Cost,
    *,
    time_limit_s: float | None = None,
    preview: bool = False,
    pauses: bool = True,
    course: Course | None = None,
) -> Outcome:
    """`optimise` for models that share one program."""
    program, clock, course = models[0].program, Clock(time_limit_s), course or Course()
    program.minimise(cost)
    outcome = course.solve(program, time_limit_s)
    clock.set_aside()
    if preview or outcome is Outcome.NOTHING:
        return outcome
    if not course.turn(pauses and any(map(repair.below_minimum, models))):
        course.is_best(_calm(models, outcome, clock))
        if not course.turn(pauses and any(map(repair.below_minimum, models))):
            return outcome
        # Among equals, solve B picked one that no charger can do.
        program.release()
        program.minimise(cost)
    for model in models:
        repair.keep_minimum_or_pause(model)
    program.minimise(program.cost)
    outcome = course.solve(program, clock.left_to_search_s, clock.set_aside_s)
    course.is_best(_calm(models, outcome, clock))
    return outcome


class Clock:
    """The time that several solves share. Each gets a tenth of it at least: what was found may not be lost."""

    def __init__(self, limit_s: float | None) -> None:
        self._limit_s = limit_s
        self._begun_s = time.monotonic()
        self.set_aside_s = 0.0

    def set_aside(self) -> None:
        """Keep `set_aside_s` for the linear programs after a search: some times what it took until now."""
        if self._limit_s is not None:
            self.set_aside_s = min(_AFTER_A_SEARCH * (time.monotonic() - self._begun_s), self._limit_s / 2)

    @property
    def left_s(self) -> float | None:
        """What is left for the next solve; None without a limit."""
        if self._limit_s is None:
            return None
        return max(self._limit_s - (time.monotonic() - self._begun_s), self._limit_s / 10)

    @property
    def left_to_search_s(self) -> float | None:
        """What is left for a search among whole numbers, which takes all that it is given."""
        if self._limit_s is None or self.left_s is None:
            return None
        return max(self.left_s - self.set_aside_s, self._limit_s / 10)


def _calm(models: Sequence[Model], found: Outcome, clock: Clock) -> bool:
    """Solve B, if solve A found anything; whether it came to its end.

    Choices stay as they are, so that it is a linear program.
    """
    program = models[0].program
    if found is Outcome.NOTHING:
        return True
    if program.hold_best(_HELD_WITHIN, clock.left_s) is Outcome.NOTHING:
        return False
    cost: objective.Cost = {}
    for model in models:
        cost.update(objective.calm_cost(model))
    program.minimise(cost)
    return program.solve(clock.left_s) is Outcome.OPTIMAL


def powers_of(model: Model) -> Powers:
    """The decisions at the model's solution, W."""
    problem, battery = model.problem, model.battery
    storage = [0.0 for _ in problem.slots]
    if battery:
        pairs = zip(battery.charge, battery.discharge, strict=True)
        storage = [KILO * (value_of(charge) - value_of(discharge)) for charge, discharge in pairs]
    curtailed = [KILO * value_of(model.curtailed[slot]) if slot in model.curtailed else 0.0 for slot in problem.slots]
    curves = tuple(tuple(KILO * vehicle.power_kw(slot) for slot in problem.slots) for vehicle in model.vehicles)
    return Powers(curves, tuple(storage), tuple(curtailed))
