"""HiGHS behind PuLP: the whole model in one `passModel`, and kept alive for the next solve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np
import pulp

if TYPE_CHECKING:
    from .adapter import Program

HIGHS = "HiGHS"

LE = pulp.LpConstraintLE
GE = pulp.LpConstraintGE
EQ = pulp.LpConstraintEQ

# A hundredth of a per mille, targets included: cents a day where choices are many, and far from an exact proof.
MIP_GAP = 1e-5
# A limit by nodes ends at the same plan on a busy machine, one by time does not.
MIP_NODES = 200
# A dual below HiGHS's own tolerance says nothing.
_DUAL = 1e-7

_OPTIONS = {"output_flag": False, "threads": 1, "mip_rel_gap": MIP_GAP, "mip_max_nodes": MIP_NODES}


class OneCallHighs(pulp.LpSolver):  # type: ignore[misc]
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
        for option, value in _OPTIONS.items():
            self._live.setOptionValue(option, value)
        if not self._program.presolve:
            self._live.setOptionValue("presolve", "off")
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
        if start := self._program.start:
            places = np.array([column.index for column in start], dtype=np.int32)
            self._live.setSolution(len(start), places, np.array(list(start.values()), dtype=np.double))
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
