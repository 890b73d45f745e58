"""Both back ends answer alike, and say honestly how far they got."""

import pytest

from smac.optimisation.adapter import BACK_ENDS, GE, HIGHS, LE, Outcome, Program, value_of

EITHER = pytest.mark.parametrize("back_end", BACK_ENDS)


@EITHER
def test_a_second_cost_and_a_new_row_start_from_the_first_solution(back_end: str) -> None:
    program = Program(back_end)
    one, other = program.variable("one", 0, 4), program.variable("other")
    program.row("enough", {one: 1, other: 1}, GE, 5)
    program.minimise({one: 1, other: 2})
    assert program.solve() is Outcome.OPTIMAL
    assert (value_of(one), value_of(other), program.cost_now()) == pytest.approx((4, 1, 6))
    program.row("less", {one: 1}, LE, 3)
    assert program.solve() is Outcome.OPTIMAL
    assert (value_of(one), value_of(other)) == pytest.approx((3, 2))


@EITHER
def test_the_best_is_held_while_something_else_is_minimised(back_end: str) -> None:
    program = Program(back_end)
    columns = [program.variable(name, 0, 4) for name in ("one", "two", "three")]
    program.row("enough", dict.fromkeys(columns, 1.0), GE, 6)
    program.minimise({columns[0]: 1, columns[1]: 1, columns[2]: 3})
    program.solve()
    program.hold_best(1e-6)
    program.minimise({columns[0]: 2, columns[1]: 1})
    program.solve()
    assert [value_of(column) for column in columns] == pytest.approx([2, 4, 0], abs=1e-5)
    program.release()
    program.minimise({columns[0]: 2, columns[1]: 1})
    program.solve()
    assert [value_of(column) for column in columns[:1]] == pytest.approx([0], abs=1e-5)


@EITHER
def test_whole_columns_are_whole(back_end: str) -> None:
    program = Program(back_end)
    count = program.variable("count", 0, 9, whole=True)
    program.row("enough", {count: 2.0}, GE, 5)
    program.minimise({count: 1})
    assert program.solve() is Outcome.OPTIMAL
    assert value_of(count) == pytest.approx(3)


@EITHER
def test_the_impossible_brings_nothing(back_end: str) -> None:
    program = Program(back_end)
    column = program.variable("column", 0, 1)
    program.row("too_much", {column: 1}, GE, 2)
    program.minimise({column: 1})
    assert program.solve() is Outcome.NOTHING


def test_no_time_brings_nothing() -> None:
    program = Program(HIGHS)
    columns = [program.variable(f"column_{number}", 0, 1) for number in range(40)]
    for number, column in enumerate(columns[1:]):
        program.row(f"row_{number}", {column: 1.0, columns[number]: 1.0}, GE, 1)
    program.minimise(dict.fromkeys(columns, 1.0))
    assert program.solve(0.0) is Outcome.NOTHING
    assert program.solve(10.0) is Outcome.OPTIMAL


def test_an_unknown_solver_is_refused() -> None:
    with pytest.raises(ValueError, match="abacus"):
        Program("abacus")
