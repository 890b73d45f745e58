"""Cases with known answers. An incident becomes a case by moving its saved problem into cases/ beside its answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from smac.optimisation.adapter import BACK_ENDS
from smac.optimisation.plan import Status
from smac.optimisation.problem import Problem, problem_from_dict
from smac.optimisation.solve import solve
from smac.optimisation.verdict import judge

CASES = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "cases").glob("*.json"))}
JUDGED = sorted(name for name, case in CASES.items() if "verdict" in case["expect"])


def problem_of(name: str) -> Problem:
    return problem_from_dict(CASES[name]["problem"])


@pytest.mark.parametrize("back_end", BACK_ENDS)
@pytest.mark.parametrize("name", sorted(CASES))
def test_the_plan_is_the_known_answer(name: str, back_end: str) -> None:
    problem, expect = problem_of(name), CASES[name]["expect"]
    plan = solve(problem, back_end=back_end)
    facts: dict[str, Any] = {
        "power_w": {session.key: list(session.power_w) for session in plan.sessions},
        "total_w": [sum(session.power_w[slot] for session in plan.sessions) for slot in problem.slots],
        "cost": plan.cost,
        "imported_wh": sum(max(power, 0) * hours for power, hours in zip(plan.grid_w, plan.slot_hours, strict=True)),
    }
    assert plan.status is Status.OPTIMAL
    assert plan.notes == ()
    for fact in expect.keys() & facts.keys():
        same(facts[fact], expect[fact])
    assert plan.unmet_wh == pytest.approx(expect.get("unmet_wh", 0), abs=0.1)


@pytest.mark.parametrize("name", JUDGED)
def test_the_verdict_is_the_known_answer(name: str) -> None:
    problem, expect = problem_of(name), CASES[name]["expect"]
    verdict = judge(problem, ["order"])
    assert verdict.outcome == expect["verdict"]
    for fact in ("relaxation_wh", "extra_w", "uniform_limit_w"):
        if fact in expect:
            assert getattr(verdict, fact) == pytest.approx(expect[fact], abs=0.1)


def same(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, values in expected.items():
            assert found[key] == pytest.approx(values, abs=0.1)
    else:
        assert found == pytest.approx(expected, abs=0.1 if isinstance(expected, list) else 1e-4)
