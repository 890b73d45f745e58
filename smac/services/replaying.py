"""A run once more: the same question, the same plan. What was slow or wrong can be looked at as often as one likes."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from smac import keeping, records
from smac.models import PlanRun
from smac.optimisation.course import History
from smac.optimisation.plan import Plan, plan_to_json
from smac.optimisation.problem import Problem, problem_from_dict, problem_to_dict
from smac.optimisation.together import GroupLimit, solve_together
from smac.services import solving
from smac.snapshot.groups import key_of

# Nobody waits: a run that had too little time then is to find its best plan now.
_TIME_LIMIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Input:
    """What was asked of the optimiser: the problems of supply points planned together, the limits, whose plan it is."""

    problems: Mapping[str, Problem]
    limits: tuple[GroupLimit, ...]
    key: str

    def as_case(self, *, about: str, plan: Plan | None = None) -> dict[str, Any]:
        """The input in the shape of the test cases, with the plan as the answer to expect."""
        several = {key: problem_to_dict(problem) for key, problem in self.problems.items()}
        case: dict[str, Any] = {"about": about}
        if self.limits:
            groups = [keeping.limit_to_dict(limit) for limit in self.limits]
            case |= {"problems": several, "groups": groups, "key": self.key}
        else:
            case |= {"problem": several[self.key]}
        return case | ({"expect": _expected(plan)} if plan else {})


def _expected(plan: Plan) -> dict[str, Any]:
    power = {session.key: list(session.power_w) for session in plan.sessions}
    return {"power_w": power, "cost": plan.cost, "unmet_wh": plan.unmet_wh}


def input_of(run: PlanRun) -> Input:
    """The kept input of a run. Raises Refused where it was not kept, or not that of everybody it was planned with."""
    key = key_of(run.supply_point_id)
    if not run.together:
        return Input({key: _problem(run)}, (), key)
    rows = PlanRun.objects.in_bulk(run.together["runs"].values())
    if len(rows) < len(run.together["runs"]):
        raise Refused(_("The input of this run is not kept any more."))
    problems = {one: _problem(rows[pk]) for one, pk in run.together["runs"].items()}
    return Input(problems, tuple(keeping.limit_from_dict(it) for it in run.together["groups"]), key)


def _problem(run: PlanRun) -> Problem:
    if not run.problem:
        raise Refused(_("The input of this run is not kept any more."))
    return problem_from_dict(run.problem)


def input_from_case(case: Mapping[str, Any]) -> Input:
    """The input of a saved case. Raises KeyError, TypeError or ValueError when it is malformed."""
    if "problem" in case:
        return Input({"case": problem_from_dict(case["problem"])}, (), "case")
    problems = {key: problem_from_dict(it) for key, it in case["problems"].items()}
    return Input(problems, tuple(keeping.limit_from_dict(it) for it in case["groups"]), case["key"])


def solve_again(asked: Input) -> Plan:
    """The plan for an input, on models built anew."""
    return solve_together(asked.problems, asked.limits, time_limit_s=_TIME_LIMIT_S)[asked.key]


def replay(run: PlanRun) -> Plan:
    """The plan of a run made again, on the course that was taken then. Raises Refused."""
    asked = input_of(run)
    rows = {asked.key: run}
    if run.together:
        rows = {one: PlanRun.objects.get(pk=pk) for one, pk in run.together["runs"].items()}
    plans = solving.plans_again(
        asked.problems,
        asked.limits,
        previous=lambda key: records.plan_before(rows[key]),
        history=_history(run),
    )
    return plans[asked.key]


def _history(run: PlanRun) -> History:
    """How it was solved; of older runs it is only known whether they were."""
    return History.from_json(run.course or {"failed": run.status == PlanRun.Status.FALLBACK})


def is_same(run: PlanRun, plan: Plan) -> bool:
    """Whether a plan is that of the run, to the byte."""
    return keeping.digest(plan) == run.plan_digest


def why_not(run: PlanRun) -> str:
    """Why a run cannot be made again to the byte; empty where it can."""
    if not run.course:
        return "How it was solved was not written down then."
    if not History.from_json(run.course).is_whole:
        return "A linear program ran out of time then: nobody can say where it stood."
    return ""


def as_text(case: Mapping[str, Any]) -> str:
    """JSON that people can read: the values of a curve stand beside each other, as many as a line holds."""
    return _FLAT.sub(_side_by_side, json.dumps(case, indent=1))


_FLAT = re.compile(r"^( *)(.*)\[([^\[\]{}]+)\]", re.MULTILINE)
_WIDTH = 118


def _side_by_side(found: re.Match[str]) -> str:
    indent, name, values = found.groups()
    inside = ", ".join(part.strip() for part in values.split(","))
    line = f"{indent}{name}[{inside}]"
    if len(line) <= _WIDTH:
        return line
    room = f"{indent}  "
    return f"{indent}{name}[\n{textwrap.fill(inside, _WIDTH, initial_indent=room, subsequent_indent=room)}\n{indent}]"


__all__ = [
    "Input", "as_text", "input_from_case", "input_of", "is_same", "plan_to_json", "replay", "solve_again", "why_not",
]  # fmt: skip
