"""What a schedule made by hand proves, and what it does not."""

from dataclasses import replace

import pytest

from smac.optimisation.clip import clip
from smac.optimisation.problem import Order, Target
from smac.optimisation.proof import serves_everybody
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import mixed, problem, vehicle


@pytest.mark.parametrize("seed", range(20))
def test_a_schedule_made_by_hand_proves_only_what_the_solver_finds_too(seed: int) -> None:
    scene = mixed(seed)
    if serves_everybody(clip(scene)[0]):
        plan = solve(scene, preview=True)
        assert plan.unmet_wh == 0
        assert all(max(excess.excess_w) == 0 for excess in plan.order_excess)


def test_a_schedule_made_by_hand_is_no_proof_where_somebody_must_give_back_or_draw() -> None:
    car = vehicle(need=10_000)
    late = replace(car, targets=(Target(1, 10_000), Target(2, 21_000)))
    assert serves_everybody(problem(sessions=(car,)))
    assert not serves_everybody(problem(sessions=(late,)))
    assert not serves_everybody(problem(sessions=(car,), max_phase_w=(1_000.0,) * 4))
    for order in (
        Order("back", 0, 1, -1_000, ("a",)),
        Order("sun", 0, 1, None, ("a",), least_w=1),
        Order("house", 0, 1, 4_000),
    ):
        assert not serves_everybody(problem(sessions=(car,), demand_w=(5_000.0,) * 4, orders=(order,)))
