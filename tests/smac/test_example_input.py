"""The example input that people read in docs/smac."""

import dataclasses
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from smac.optimisation.problem import Mode, Order, Problem, Session, Storage
from smac.services import replaying

PATH = Path(__file__).parents[2] / "docs" / "smac" / "example-input.json"
# One way to say it is enough: what is left (`limit_w` of a session) comes from limits of single chargers.
UNUSED = {"limit_w"}


@pytest.fixture
def case():
    return json.loads(PATH.read_text())


def test_the_plan_beside_the_example_is_its_answer(case):
    plan = replaying.solve_again(replaying.input_from_case(case))
    assert (plan.status, plan.notes) == ("optimal", ())
    assert plan.cost == pytest.approx(case["expect"]["cost"], rel=0.01)
    assert plan.unmet_wh == pytest.approx(case["expect"]["unmet_wh"], abs=1)
    assert {one.key for one in plan.sessions} == set(case["expect"]["power_w"])
    assert all(max(one.excess_w) == 0 for one in plan.order_excess)


def test_the_example_holds_every_input_that_there_is(case):
    problem = replaying.input_from_case(case).problems["case"]
    assert {session.mode for session in problem.sessions} == set(Mode)
    for kind, several in (
        (Problem, [problem]),
        (Storage, [problem.storage]),
        (Order, problem.orders),
        (Session, problem.sessions),
    ):
        for field in dataclasses.fields(kind):
            told = [one for one in several if getattr(one, field.name) != field.default]
            assert told or field.name in UNUSED or field.name == "min_energy_wh", f"{kind.__name__}.{field.name}"


def test_the_example_is_written_as_a_saved_run_would_be(tmp_path, capsys):
    again = tmp_path / "again.json"
    call_command("smac_replay", str(PATH), save=again)
    before, after = PATH.read_text(), again.read_text()
    assert before[: before.index('"expect"')] == after[: after.index('"expect"')]
