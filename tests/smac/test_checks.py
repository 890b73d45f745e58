"""What must hold for every plan."""

from dataclasses import replace
from datetime import timedelta

import pytest

from smac import checks
from smac.optimisation.problem import Mode, Problem, Session, Target
from smac.optimisation.solve import solve
from tests.factories import NOW

CAR = Session(
    key="car",
    mode=Mode.FAST,
    max_charge_w=10_000,
    first_slot=0,
    last_slot=3,
    capacity_wh=40_000,
    energy_wh=10_000,
    targets=(Target(3, 15_000),),
)
PROBLEM = Problem(
    slot_starts=tuple(NOW + slot * timedelta(minutes=15) for slot in range(4)),
    slot_hours=(0.25,) * 4,
    demand_w=(1_000.0,) * 4,
    production_w=(0.0,) * 4,
    import_price=(0.3,) * 4,
    export_price=(0.1,) * 4,
    max_import_w=(12_000.0,) * 4,
    max_export_w=(0.0,) * 4,
    sessions=(CAR,),
)


def test_a_plan_for_the_problem_breaks_nothing():
    assert checks.broken(PROBLEM, solve(PROBLEM)) == []


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (replace(PROBLEM, max_import_w=(5_000.0,) * 4), "import of slot 0 is 11000 W"),
        (replace(PROBLEM, sessions=(replace(CAR, max_charge_w=3_000.0),)), "car has 10000 W in slot 0"),
        (replace(PROBLEM, sessions=(replace(CAR, last_slot=1, targets=()),)), "car has 10000 W in slot 1"),
        (replace(PROBLEM, sessions=(replace(CAR, capacity_wh=12_000.0),)), "car is overfull"),
        (replace(PROBLEM, sessions=()), "the plan has another shape than the problem"),
    ],
)
def test_a_plan_for_another_problem_is_caught(problem, words):
    assert words in checks.broken(problem, solve(PROBLEM))


def test_a_vehicle_is_never_emptied_below_its_floor():
    giving = replace(CAR, mode=Mode.CHEAP, v2g=True, max_discharge_w=10_000.0, targets=(), floor_wh=2_000.0)
    sunny = replace(PROBLEM, sessions=(giving,), export_price=(0.3,) * 4, max_export_w=(20_000.0,) * 4)
    plan = solve(sunny)
    assert min(plan.sessions[0].energy_wh) < 9_000
    strict = replace(sunny, sessions=(replace(giving, floor_wh=9_500.0),))
    assert "car falls below its floor" in checks.broken(strict, plan)
