"""The one place that talks to PuLP and the solvers; only calls that exist in PuLP 3 and 4 alike.

A `Program` is a linear program in the making: columns, rows from dictionaries, one cost. HiGHS gets it in a single
`passModel` (three to four times faster than PuLP's own column by column) and stays alive behind it, so that a second
solve with another cost, other right-hand sides or a few more rows starts from the last basis. CBC gets it from PuLP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

import highspy
import numpy as np
import pulp

Terms = Mapping[pulp.LpVariable, float]

HIGHS = "HiGHS"
CBC = "CBC"
BACK_ENDS = (HIGHS, CBC)

LE = pulp.LpConstraintLE
GE = pulp.LpConstraintGE
EQ = pulp.LpConstraintEQ

# A hundredth of a per mille, targets included: cents a day where choices are many, and far from an exact proof.
_MIP_GAP = 1e-5
# A limit by nodes ends at the same plan on a busy machine, one by time does not.
_MIP_NODES = 200
# A dual below HiGHS's own tolerance says nothing.
_DUAL = 1e-7
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
    """A linear (or mixed) program over PuLP. Minimises."""

    def __init__(self, back_end: str = HIGHS) -> None:
        if back_end not in BACK_ENDS:
            raise ValueError(f"unknown solver {back_end!r}")
        self.back_end = back_end
        self.reset()

    def reset(self) -> None:
        """Forget columns, rows and the live model."""
        self.problem = pulp.LpProblem("smac", pulp.LpMinimize)
        self.columns: list[pulp.LpVariable] = []
        self.rows: list[pulp.LpConstraint] = []
        self.cost: dict[pulp.LpVariable, float] = {}
        self._highs = _OneCallHighs(self)
        self._stay: pulp.LpConstraint | None = None
        self._old_columns: Iterator[pulp.LpVariable] | None = None
        self._old_rows: Iterator[tuple[int, pulp.LpConstraint]] | None = None

    def variable(
        self, name: str, low: float = 0.0, high: float | None = None, *, whole: bool = False
    ) -> pulp.LpVariable:
        """A new column within [low, high]; `high` None = unbounded."""
        if self._old_columns is not None:
            return self._old_variable(name, low, high, whole)
        category = pulp.LpInteger if whole else pulp.LpContinuous
        column = self.problem.add_variable(name, low, high, category)
        self.columns.append(column)
        return column

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
        self._old_columns, self._old_rows = iter(self.columns), iter(enumerate(self.rows))

    def rewound(self) -> None:
        """Ends `rewind`. Raises `Reshaped` when old columns or rows are left over."""
        columns, rows = self._old_columns, self._old_rows
        self._old_columns = self._old_rows = None
        if columns is None or rows is None or next(columns, None) is not None or next(rows, None) is not None:
            raise Reshaped

    def _old_variable(self, name: str, low: float, high: float | None, whole: bool) -> pulp.LpVariable:
        column = next(self._old_columns or iter(()), None)
        if column is None or column.name != name or whole != (column.cat == pulp.LpInteger):
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

    def hold_best(self, within: float, time_limit_s: float | None = None) -> Outcome:
        """Whatever is minimised next, the present cost stays at its optimum (with CBC: `within` of it).

        With HiGHS by complementary slackness: columns and rows with a dual stay where they are. That is the exact set
        of optima and five times faster than a dense row over the cost. Whole columns stay at their values.
        """
        if any(column.cat == pulp.LpInteger for column in self.columns):
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
        for column in self.columns:
            if column.cat == pulp.LpInteger:
                column.cat = pulp.LpContinuous
                column.lowBound = column.upBound = float(round(value_of(column)))
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
                "gapRel": _MIP_GAP,
                "maxNodes": _MIP_NODES,
            }
            self.problem.solve(pulp.COIN_CMD(path=_cbc_path(), **options))
        return _outcome(self.problem.sol_status)


def value_of(column: pulp.LpVariable) -> float:
    """The column's value at the last solution; 0 before one."""
    return float(column.varValue or 0.0)


def _outcome(sol_status: int) -> Outcome:
    if sol_status == pulp.LpSolutionOptimal:
        return Outcome.OPTIMAL
    if sol_status == pulp.LpSolutionIntegerFeasible:
        return Outcome.INCUMBENT
    return Outcome.NOTHING


def _cbc_path() -> str:
    return str(pulp.PULP_CBC_CMD.pulp_cbc_path)


class _OneCallHighs(pulp.LpSolver):  # type: ignore[misc]
    """HiGHS that takes the whole model at once and keeps it for the next solve."""

    name = HIGHS

    def __init__(self, program: Program) -> None:
        super().__init__(msg=False)
        self._program = program
        self._live: highspy.Highs | None = None
        self._held: tuple[np.ndarray, np.ndarray] | None = None
        self.changed_rows: set[int] = set()
        self.changed_factors: list[tuple[int, int, float]] = []
        self._passed_columns = 0
        self._passed_rows = 0

    def forget(self) -> None:
        """Drop the live model, e.g. when columns change their kind."""
        self._live = self._held = None

    def hold(self) -> None:
        """Fix what has a dual at the present optimum."""
        highs = self._live
        assert highs is not None
        solution = highs.getSolution()
        low, high = self._bounds()
        values, fixed = np.array(solution.col_value), np.abs(np.array(solution.col_dual)) > _DUAL
        self._held = np.where(fixed, values, low), np.where(fixed, values, high)
        for index in np.flatnonzero(np.abs(np.array(solution.row_dual)) > _DUAL).tolist():
            if self._program.rows[index].sense != EQ:
                value = solution.row_value[index]
                highs.changeRowBounds(index, value, value)
                self.changed_rows.add(index)

    def release(self) -> None:
        """Free what was held; the rows go back at the next solve."""
        self._held = None

    def available(self) -> bool:
        return True

    def actualSolve(self, lp: pulp.LpProblem) -> int:  # noqa: N802
        """Called by PuLP. New columns need a new model; new rows, costs, bounds and right-hand sides do not."""
        if self._live is None or self._passed_columns != len(self._program.columns):
            self._pass_model()
        else:
            self._update()
        highs = self._live
        assert highs is not None
        limit = highspy.kHighsInf if self.timeLimit is None else highs.getRunTime() + self.timeLimit
        highs.setOptionValue("time_limit", limit)
        highs.run()
        status, sol_status = _statuses(highs)
        if sol_status != pulp.LpSolutionNoSolutionFound:
            for column, value in zip(self._program.columns, highs.getSolution().col_value, strict=True):
                column.varValue = value
        lp.assignStatus(status, sol_status)
        return status

    def _pass_model(self) -> None:
        self._live = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("mip_rel_gap", _MIP_GAP),
            ("mip_max_nodes", _MIP_NODES),
        ):
            self._live.setOptionValue(option, value)
        columns, rows = self._program.columns, self._program.rows
        for index, column in enumerate(columns):
            column.index = index
        lower, upper, starts, indices, values = _matrix(rows)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(columns), len(rows)
        model.col_cost_ = self._costs()
        model.col_lower_, model.col_upper_ = self._bounds()
        model.row_lower_, model.row_upper_ = lower, upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.num_col_, model.a_matrix_.num_row_ = len(columns), len(rows)
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, indices, values
        if any(column.cat == pulp.LpInteger for column in columns):
            kinds = highspy.HighsVarType
            whole = [kinds.kInteger if column.cat == pulp.LpInteger else kinds.kContinuous for column in columns]
            model.integrality_ = whole
        self._live.passModel(model)
        self._passed_columns, self._passed_rows = len(columns), len(rows)
        self.changed_rows.clear()
        self.changed_factors.clear()

    def _update(self) -> None:
        highs = self._live
        assert highs is not None
        count = self._passed_columns
        every = np.arange(count, dtype=np.int32)
        highs.changeColsCost(count, every, self._costs())
        highs.changeColsBounds(count, every, *self._bounds())
        for index in () if self._held else sorted(self.changed_rows):
            highs.changeRowBounds(index, *_row_bounds(self._program.rows[index]))
            self.changed_rows.discard(index)
        for place in self.changed_factors:
            highs.changeCoeff(*place)
        self.changed_factors.clear()
        new = self._program.rows[self._passed_rows :]
        if new:
            lower, upper, starts, indices, values = _matrix(new)
            highs.addRows(len(new), lower, upper, len(values), starts[:-1], indices, values)
            self._passed_rows += len(new)

    def _costs(self) -> np.ndarray:
        cost = self._program.cost
        return np.array([cost.get(column, 0.0) for column in self._program.columns], dtype=np.double)

    def _bounds(self) -> tuple[np.ndarray, np.ndarray]:
        if self._held:
            return self._held
        columns = self._program.columns
        low = np.array([column.lowBound for column in columns], dtype=np.double)
        high = np.array([_or_infinite(column.upBound) for column in columns], dtype=np.double)
        return low, high


def _or_infinite(bound: float | None) -> float:
    return float(highspy.kHighsInf) if bound is None else bound


def _row_bounds(row: pulp.LpConstraint) -> tuple[float, float]:
    rhs = -row.constant
    low = rhs if row.sense != LE else -highspy.kHighsInf
    high = rhs if row.sense != GE else highspy.kHighsInf
    return low, high


def _matrix(rows: list[pulp.LpConstraint]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Row bounds and the row-wise matrix (starts, indices, values) of these rows."""
    bounds = np.array([_row_bounds(row) for row in rows], dtype=np.double).reshape(-1, 2)
    starts, indices, values = [0], [], []
    for row in rows:
        for column, factor in row.expr.items():
            indices.append(column.index)
            values.append(factor)
        starts.append(len(indices))
    return (
        bounds[:, 0].copy(),
        bounds[:, 1].copy(),
        np.array(starts, dtype=np.int32),
        np.array(indices, dtype=np.int32),
        np.array(values, dtype=np.double),
    )


def _statuses(highs: highspy.Highs) -> tuple[int, int]:
    """PuLP's status and solution status. A stop by time counts only with a feasible point in hand."""
    state = highs.getModelStatus()
    if state == highspy.HighsModelStatus.kOptimal:
        return pulp.LpStatusOptimal, pulp.LpSolutionOptimal
    feasible = int(highspy.SolutionStatus.kSolutionStatusFeasible)
    limits = highspy.HighsModelStatus
    stopped = state in (limits.kTimeLimit, limits.kIterationLimit, limits.kSolutionLimit)
    if stopped and highs.getInfo().primal_solution_status == feasible:
        return pulp.LpStatusOptimal, pulp.LpSolutionIntegerFeasible
    infeasible = state == highspy.HighsModelStatus.kInfeasible
    return (pulp.LpStatusInfeasible if infeasible else pulp.LpStatusNotSolved), pulp.LpSolutionNoSolutionFound
