"""A problem survives being written down."""

import json

import pytest

from smac.optimisation.problem import Order, Scope, Storage, problem_from_json, problem_to_json
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle


def test_all_of_it_comes_back() -> None:
    scene = problem(
        sessions=(giving(phases=(1, 2, 3), limit_w=(1.0, 2.0, 3.0, 4.0), announced=True), vehicle("b", "green")),
        orders=(Order("order", 1, 3, None, ("a",), Scope.TOGETHER, False, 1_400.0, 5_000.0),),
        storage=Storage(10_000, 5_000, 3_000, 3_000),
        co2_g_per_kwh=(100.0, 200.0, 300.0, 400.0),
        max_phase_w=(7_000.0,) * 4,
        opportunity_cost_per_h=0.5,
    )
    assert problem_from_json(problem_to_json(scene)) == scene


@pytest.mark.parametrize("seed", range(5))
def test_so_do_seeded_ones_and_as_the_same_text(seed: int) -> None:
    text = problem_to_json(mixed(seed))
    assert problem_to_json(problem_from_json(text)) == text


def test_what_is_not_said_takes_its_default() -> None:
    data = json.loads(problem_to_json(problem(sessions=(vehicle(),))))
    for name in ("storage", "orders", "co2_g_per_kwh", "max_phase_w", "opportunity_cost_per_h"):
        del data[name]
    for name in ("v2g", "floor_wh", "knee", "phases"):
        del data["sessions"][0][name]
    assert problem_from_json(json.dumps(data)) == problem(sessions=(vehicle(),))


def test_an_unknown_field_is_refused() -> None:
    data = json.loads(problem_to_json(problem()))
    with pytest.raises(TypeError, match="surprise"):
        problem_from_json(json.dumps({**data, "surprise": 1}))
