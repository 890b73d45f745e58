"""The one place that talks to PuLP and the solvers; only calls that exist in PuLP 3 and 4 alike.

A `Program` is a linear program in the making: columns, rows from dictionaries, one cost. HiGHS gets it in a single
`passModel` (three to four times faster than PuLP's own column by column) and stays alive behind it, so that a second
solve with another cost, other right-hand sides or a few more rows starts from the last basis. CBC gets it from PuLP.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum

import pulp

from .highs import EQ, GE, HIGHS, LE, MIP_GAP, MIP_NODES, OneCallHighs

__all__ = ["BACK_ENDS", "CBC", "EQ", "GE", "HIGHS", "LE", "Outcome", "Program", "Reshaped", "no_collection", "value_of"]

Terms = Mapping[pulp.LpVariable, float]

CBC = "CBC"
BACK_ENDS = (HIGHS, CBC)

# Far above any cost, and still a number that CBC reads well.
_ANYTHING = 1e7


class Outcome(StrEnum):
    """What a solve brought. PuLP's `status` calls a time-limited incumbent optimal; this does not."""

    OPTIMAL = "optimal"
    INCUMBENT = "incumbent"
    NOTHING = "nothing"


class Reshaped(Exception):
    """A rewritten program is not the old one with other numbers; build it anew."""


class Program:
    """A linear (or mixed) program over PuLP. Minimises.

    `presolve`: whether HiGHS looks for what it can leave out first; that costs more than it saves where there are no
    prices.
    """

    def __init__(self, back_end: str = HIGHS, *, presolve: bool = True) -> None:
        if back_end not in BACK_ENDS:
            raise ValueError(f"unknown solver {back_end!r}")
        self.back_end = back_end
        self.presolve = presolve
        self.reset()

    def reset(self) -> None:
        """Forget columns, rows and the live model."""
        self.problem = pulp.LpProblem("smac", pulp.LpMinimize)
        self.columns: list[pulp.LpVariable] = []
        self.names: list[str] = []
        self._whole: list[pulp.LpVariable] = []
        self._named = 0
        self.rows: list[pulp.LpConstraint] = []
        self.cost: dict[pulp.LpVariable, float] = {}
        self.start: dict[pulp.LpVariable, float] = {}
        self._highs = OneCallHighs(self)
        self._stay: pulp.LpConstraint | None = None
        self._old_columns: Iterator[tuple[pulp.LpVariable, str]] | None = None
        self._old_rows: Iterator[tuple[int, pulp.LpConstraint]] | None = None

    def variable(
        self, name: str, low: float = 0.0, high: float | None = None, *, whole: bool = False
    ) -> pulp.LpVariable:
        """A new column within [low, high]; `high` None = unbounded."""
        if self._old_columns is not None:
            return self._old_variable(name, low, high, whole)
        category = pulp.LpInteger if whole else pulp.LpContinuous
        # HiGHS asks for no names, and PuLP takes longer over a name than over all else of a column.
        column = self.problem.add_variable("", low, high, category)
        self.columns.append(column)
        self.names.append(name)
        if whole:
            self._whole.append(column)
        return column

    def begin_at(self, column: pulp.LpVariable, value: float) -> None:
        """Where the search for whole columns begins. HiGHS finds the others; CBC goes its own way."""
        self.start[column] = value

    def row(self, name: str, terms: Terms, sense: int, rhs: float) -> pulp.LpConstraint:
        """A new row: the terms' sum, `sense`, `rhs`."""
        if self._old_rows is not None:
            return self._old_row(name, terms, sense, rhs)
        made = pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, name, rhs)
        self.problem.addConstraint(made)
        self.rows.append(made)
        return made

    def minimise(self, cost: Mapping[pulp.LpVariable, float]) -> None:
        """Replace the cost."""
        self.cost = dict(cost)
        self.problem.setObjective(pulp.LpAffineExpression(self.cost))

    def rewind(self) -> None:
        """From here on, `variable` and `row` give other numbers to the columns and rows that exist, in their order.

        They raise `Reshaped` where the program differs in more than numbers. End with `rewound`.
        """
        self.release()
        self._old_columns = zip(self.columns, self.names, strict=True)
        self._old_rows = iter(enumerate(self.rows))

    def rewound(self) -> None:
        """Ends `rewind`. Raises `Reshaped` when old columns or rows are left over."""
        columns, rows = self._old_columns, self._old_rows
        self._old_columns = self._old_rows = None
        if columns is None or rows is None or next(columns, None) is not None or next(rows, None) is not None:
            raise Reshaped

    def _old_variable(self, name: str, low: float, high: float | None, whole: bool) -> pulp.LpVariable:
        column, old_name = next(self._old_columns or iter(()), (None, ""))
        if column is None or old_name != name or whole != (column.cat == pulp.LpInteger):
            raise Reshaped(name)
        column.lowBound, column.upBound = low, high
        return column

    def _old_row(self, name: str, terms: Terms, sense: int, rhs: float) -> pulp.LpConstraint:
        index, row = next(self._old_rows or iter(()), (0, None))
        if row is None or row.name != name or row.sense != sense or row.expr.keys() != terms.keys():
            raise Reshaped(name)
        if row.constant != -rhs:
            row.constant = -rhs
            self._highs.changed_rows.add(index)
        if row.expr != terms:
            for column, factor in terms.items():
                if row.expr[column] != factor:
                    row.expr[column] = factor
                    self._highs.changed_factors.append((index, column.index, factor))
        return row

    def is_searched(self) -> bool:
        """Whether there are columns whose whole values have yet to be found."""
        return any(column.cat == pulp.LpInteger for column in self._whole)

    def chosen(self) -> list[int]:
        """The values of all columns that are or were whole, in their order, at the last solution."""
        return [round(value_of(column)) for column in self._whole]

    def begun_at(self) -> list[int]:
        """The values of these columns where the search begins, if it was told, else at the last solution."""
        return [round(self.start.get(column, value_of(column))) for column in self._whole]

    def choose(self, values: Sequence[int]) -> None:
        """Give them these values; what is left is a linear program."""
        for column, value in zip(self._whole, values, strict=True):
            _fix(column, value)
        if values:
            self._forget_search()

    def hold_best(self, within: float, time_limit_s: float | None = None) -> Outcome:
        """Whatever is minimised next, the present cost stays at its optimum (with CBC: `within` of it).

        With HiGHS by complementary slackness: columns and rows with a dual stay where they are. That is the exact set
        of optima and five times faster than a dense row over the cost. Whole columns stay at their values.
        """
        if self.is_searched():
            self._fix_choices()
            self.solve(time_limit_s)
        if self.problem.sol_status != pulp.LpSolutionOptimal:
            return Outcome.NOTHING
        if self.back_end == HIGHS:
            self._highs.hold()
        else:
            self._stay = self.row(f"stay_best_{len(self.rows)}", self.cost, LE, self.cost_now() + within)
        return Outcome.OPTIMAL

    def release(self) -> None:
        """Undo `hold_best`, but for the choices that it fixed."""
        self._highs.release()
        if self._stay is not None:
            self._stay.constant = -_ANYTHING
            self._stay = None

    def _fix_choices(self) -> None:
        """Every whole column stays at its value; what follows is a plain linear program, with duals."""
        for column in self._whole:
            if column.cat == pulp.LpInteger:
                _fix(column, round(value_of(column)))
        self._forget_search()

    def _forget_search(self) -> None:
        self.start.clear()
        self._highs.forget()

    def cost_now(self) -> float:
        """The cost at the last solution."""
        return float(sum(factor * value_of(column) for column, factor in self.cost.items()))

    def solve(self, time_limit_s: float | None = None) -> Outcome:
        """Solve with one thread; the values are read with `value_of`."""
        if self.back_end == HIGHS:
            self._highs.timeLimit = time_limit_s
            self.problem.solve(self._highs)
        else:
            options = {
                "msg": False,
                "threads": 1,
                "timeLimit": time_limit_s,
                "gapRel": MIP_GAP,
                "maxNodes": MIP_NODES,
            }
            self._name_columns()
            self.problem.solve(pulp.COIN_CMD(path=_cbc_path(), **options))
        return _outcome(self.problem.sol_status)

    def _name_columns(self) -> None:
        """CBC reads a file, in which columns are told apart by their names."""
        for column, name in zip(self.columns[self._named :], self.names[self._named :], strict=True):
            column.name = name
        self._named = len(self.columns)


@contextmanager
def no_collection() -> Iterator[None]:
    """A model is a hundred thousand objects that all stay; looking for garbage among them takes a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def value_of(column: pulp.LpVariable) -> float:
    """The column's value at the last solution; 0 before one."""
    return float(column.varValue or 0.0)


def _fix(column: pulp.LpVariable, value: int) -> None:
    column.cat = pulp.LpContinuous
    column.lowBound = column.upBound = float(value)


def _outcome(sol_status: int) -> Outcome:
    if sol_status == pulp.LpSolutionOptimal:
        return Outcome.OPTIMAL
    if sol_status == pulp.LpSolutionIntegerFeasible:
        return Outcome.INCUMBENT
    return Outcome.NOTHING


def _cbc_path() -> str:
    return str(pulp.PULP_CBC_CMD.pulp_cbc_path)
