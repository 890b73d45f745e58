"""Keeps the programs of the recently planned supply points alive, so that planning again only changes numbers.

Within a quarter of an hour the horizon stands still and only forecasts, prices, limits and contents move; then the
solver starts from its last basis. When vehicles come or go, or the horizon moves on, the program is built anew.
"""

from __future__ import annotations

from collections import OrderedDict

from .adapter import HIGHS, Program
from .course import Course
from .plan import Plan
from .problem import Problem
from .solve import TIME_LIMIT_S, solve

KEPT = 50
# About 2 KB a column, model and solver together: some 600 MB at the most, whatever the supply points' sizes.
MOST_COLUMNS = 300_000


class LivePlanner:
    """One for each process; not for several threads at once."""

    def __init__(self, *, kept: int = KEPT, most_columns: int = MOST_COLUMNS, back_end: str = HIGHS) -> None:
        self._kept = kept
        self._most_columns = most_columns
        self._back_end = back_end
        self._programs: OrderedDict[str, Program] = OrderedDict()

    def solve(
        self,
        key: str,
        problem: Problem,
        *,
        previous: Plan | None = None,
        time_limit_s: float = TIME_LIMIT_S,
        preview: bool = False,
        pauses: bool = True,
        course: Course | None = None,
    ) -> Plan:
        """`solve.solve` for the supply point `key`, from where its last solve ended."""
        return solve(
            problem,
            previous=previous,
            time_limit_s=time_limit_s,
            preview=preview,
            pauses=pauses,
            program=self.program(key),
            course=course,
        )

    def program(self, key: str) -> Program:
        """The program of the last solve for `key`, or an empty one; the least recently used makes room."""
        program = self._programs.pop(key, None) or Program(self._back_end)
        self._programs[key] = program
        while len(self._programs) > 1 and self._is_too_much():
            self._programs.popitem(last=False)
        return program

    def _is_too_much(self) -> bool:
        columns = sum(len(program.columns) for program in self._programs.values())
        return len(self._programs) > self._kept or columns > self._most_columns
