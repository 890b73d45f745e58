"""A solve goes the same way again, whatever time there is and wherever a live model stood."""

import json
from dataclasses import replace

import pulp
import pytest

from smac.optimisation import highs
from smac.optimisation.adapter import Outcome, Program
from smac.optimisation.course import Course, History
from smac.optimisation.plan import NoteCode, Status, plan_to_json
from smac.optimisation.problem import Problem
from smac.optimisation.solve import solve
from smac.optimisation.together import GroupLimit, solve_together
from tests.smac.optimisation.scenes import mixed, problem, vehicle


def scarce(seed: int) -> Problem:
    """Who charges and who pauses has to be searched for; at some seeds a price is negative, too."""
    scene = mixed(seed, sessions=6)
    cars = tuple(replace(car, min_charge_w=min(4_140.0, car.max_charge_w)) for car in scene.sessions)
    price = tuple(price - (0.2 if seed % 3 == 0 else 0.0) for price in scene.import_price)
    return replace(scene, sessions=cars, import_price=price, max_import_w=(17_000.0,) * 24)


def told(course: Course) -> Course:
    """As it comes out of a database, to be followed."""
    history = History({"it": [course]})
    return History.from_json(json.loads(json.dumps(history.as_json()))).next("it")


@pytest.mark.parametrize("seed", range(12))
def test_a_search_that_was_broken_off_ends_where_it_ended_then(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scene, course = scarce(seed), Course()
    with monkeypatch.context() as hurry:
        hurry.setitem(highs._OPTIONS, "mip_rel_gap", 10.0)
        program = Program()
        solve(scarce(seed + 1), program=program)
        then = solve(scene, program=program, course=course)
    assert course.is_whole
    assert plan_to_json(solve(scene, course=told(course))) == plan_to_json(then)


def test_without_its_course_it_would_end_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as hurry:
        hurry.setitem(highs._OPTIONS, "mip_rel_gap", 10.0)
        then = plan_to_json(solve(scarce(1)))
    assert then != plan_to_json(solve(scarce(1)))


def test_a_solver_that_had_no_time_or_failed_does_so_again(monkeypatch: pytest.MonkeyPatch) -> None:
    late, broken = Course(), Course()
    then = solve(scarce(1), time_limit_s=0.0, course=late)
    again = solve(scarce(1), course=told(late))
    assert (again, again.notes[0].code) == (then, NoteCode.TIME_LIMIT)

    def fails(*args: object) -> Outcome:
        raise pulp.PulpError

    with monkeypatch.context() as patch:
        patch.setattr(Program, "solve", fails)
        then = solve(scarce(1), course=broken)
    again = solve(scarce(1), course=told(broken))
    assert (again, again.notes[0].code) == (then, NoteCode.SOLVER_FAILED)


def test_an_incumbent_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    course, real = Course(), Program.solve

    def stopped(self: Program, limit: float | None = None) -> Outcome:
        searched = self.is_searched()
        found = real(self, limit)
        return Outcome.INCUMBENT if searched else found

    with monkeypatch.context() as patch:
        patch.setattr(Program, "solve", stopped)
        then = solve(scarce(1), course=course)
    assert then.status is Status.INCUMBENT
    assert course.is_whole
    assert solve(scarce(1), course=told(course)) == then


def test_a_linear_program_out_of_time_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    course, real = Course(), Program.solve
    monkeypatch.setattr(Program, "solve", lambda self, limit=None: real(self, limit) and Outcome.INCUMBENT)
    solve(mixed(1), course=course)
    assert not course.is_whole


def test_several_programs_of_one_question_have_a_course_each() -> None:
    sites = {key: problem(sessions=(vehicle(key, "fast"),)) for key in ("north", "south")}
    feeder, history = GroupLimit("feeder", tuple(sites), (12_000.0,) * 4), History()
    then = solve_together(sites, [feeder], time_limit_s=0.0, history=history)
    assert {key: len(courses) for key, courses in history.courses.items()} == {"north": 2, "south": 2, "north+south": 1}
    again = solve_together(sites, [feeder], history=History.from_json(history.as_json()))
    assert again == then
    assert solve_together(sites, [feeder]) != then
