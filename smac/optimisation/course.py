"""How a solve went, so that it can go the same way again: a replay ends at the same plan though time is not the same.

What depends on time or on where a live model stood is written down: what each search brought, its whole columns, and
which way was taken after it. What follows from these are linear programs with one optimum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pulp

from .adapter import Outcome, Program


@dataclass
class Course:
    """One solve of one program. With `follows` it is obeyed, else it is written.

    `outcomes` and `choices` (the whole columns as digits) are those of each search, `turns` the decisions between
    them. `failed`: the solver stopped with an error. `is_whole` is False where a linear program ran
    out of time, so that nobody can say where it stood.
    """

    outcomes: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    turns: list[bool] = field(default_factory=list)
    failed: bool = False
    is_whole: bool = True
    follows: bool = False

    def solve(self, program: Program, time_limit_s: float | None, spare_s: float | None = None) -> Outcome:
        """What the program's search brings, or brought then; `spare_s` is for what it began with, if it brings nothing.

        Raises pulp.PulpError where it did.
        """
        return self._again(program, time_limit_s) if self.follows else self._first(program, time_limit_s, spare_s)

    def turn(self, wanted: bool) -> bool:
        """Which way to go: as wanted, or as it was then."""
        if self.follows:
            return self.turns.pop(0) if self.turns else wanted
        self.turns.append(wanted)
        return wanted

    def is_best(self, is_so: bool) -> None:
        """Whether a linear program whose values are used was solved to its end."""
        self.is_whole = self.is_whole and is_so

    def _first(self, program: Program, time_limit_s: float | None, spare_s: float | None) -> Outcome:
        searched = program.is_searched()
        outcome = program.solve(time_limit_s)
        if searched and outcome is Outcome.NOTHING and program.start:
            outcome = _where_it_began(program, spare_s)
        self.outcomes.append(str(outcome))
        self.choices.append("".join(map(str, program.chosen())) if outcome is not Outcome.NOTHING else "")
        self.is_best(searched or outcome is not Outcome.INCUMBENT)
        return outcome

    def _again(self, program: Program, time_limit_s: float | None) -> Outcome:
        if self.failed or not self.outcomes:
            raise pulp.PulpError("as it was then")
        then, choices = self.outcomes.pop(0), self.choices.pop(0)
        if then == Outcome.NOTHING:
            return Outcome.NOTHING
        program.choose([int(digit) for digit in choices])
        return Outcome.NOTHING if program.solve(time_limit_s) is Outcome.NOTHING else Outcome(then)


def _where_it_began(program: Program, time_limit_s: float | None) -> Outcome:
    """A search that brought nothing in time: what it began with is better than nothing, and soon solved."""
    program.choose(program.begun_at())
    found = program.solve(time_limit_s)
    return found if found is Outcome.NOTHING else Outcome.INCUMBENT


@dataclass
class History:
    """The courses of all programs that a question needed, by their keys, in the order in which they were solved.

    `failed`: the optimiser stopped with an error.
    """

    courses: dict[str, list[Course]] = field(default_factory=lambda: defaultdict(list))
    failed: bool = False
    follows: bool = False

    def next(self, key: str) -> Course:
        """The course of the next solve of a program."""
        if self.follows:
            mine = self.courses.get(key)
            return mine.pop(0) if mine else Course()
        course = Course()
        self.courses[key].append(course)
        return course

    @property
    def is_whole(self) -> bool:
        """Whether it can go the same way again to the byte."""
        return all(course.is_whole for courses in self.courses.values() for course in courses)

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        told = {key: [_told(course) for course in courses] for key, courses in self.courses.items()}
        return {"failed": self.failed, "courses": told}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> History:
        """To be followed; of what was not written down nothing is."""
        courses = data.get("courses", {})
        found = {key: [Course(**one, follows=True) for one in several] for key, several in courses.items()}
        return cls(found, failed=data.get("failed", False), follows=True)


def _told(course: Course) -> dict[str, Any]:
    return {name: value for name, value in asdict(course).items() if name != "follows"}
