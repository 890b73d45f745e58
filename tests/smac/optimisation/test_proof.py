"""What a schedule made by hand proves, and what it does not."""

from dataclasses import replace

import pytest

from smac.optimisation.clip import clip
from smac.optimisation.problem import Mode, Order, Scope, Target
from smac.optimisation.proof import serves_everybody
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle


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


JOINT = Order("order", 0, 4, 5_000, ("a", "b"), Scope.TOGETHER, export_limit_w=0.0)


def test_what_neighbours_can_spare_proves_an_order_that_leaves_too_little() -> None:
    """Thirty kWh are needed in four hours, the order leaves twenty, the neighbour has ten above its floor."""
    needy, giver = vehicle("a", need=30_000), giving("b", energy_wh=30_000, floor_wh=20_000, targets=())
    scene = problem(sessions=(needy, giver), orders=(JOINT,))
    assert serves_everybody(scene)
    assert not serves_everybody(replace(scene, sessions=(needy, replace(giver, floor_wh=21_000))))
    assert not serves_everybody(replace(scene, sessions=(needy, replace(giver, max_discharge_w=2_000.0))))
    assert not serves_everybody(replace(scene, sessions=(needy, replace(giver, targets=(Target(4, 25_000),)))))
    assert not serves_everybody(replace(scene, sessions=(needy, replace(giver, mode=Mode.FAST))))
    other = replace(JOINT, session_keys=("a",))
    assert not serves_everybody(replace(scene, orders=(other,)))
    each = replace(JOINT, scope=Scope.EACH, limit_w=10_000)
    assert not serves_everybody(replace(scene, orders=(each,), max_import_w=(5_000.0,) * 4))


def test_who_gives_has_it_back_in_time() -> None:
    needy = vehicle("a", need=20_000, until=2)
    giver = giving("b", energy_wh=30_000, need=30_000, until=4)
    scene = problem(sessions=(needy, giver), orders=(replace(JOINT, last_slot=2, limit_w=0),))
    assert serves_everybody(scene)
    assert not serves_everybody(replace(scene, max_import_w=(9_000.0,) * 4))
    assert not serves_everybody(replace(scene, orders=(replace(JOINT, last_slot=3, limit_w=0),)))


@pytest.mark.parametrize("seed", range(40))
def test_what_neighbours_spare_is_no_more_than_the_solver_finds(seed: int) -> None:
    scene = mixed(seed, sessions=6, modes=["cheap", "basic"])
    cars = tuple(replace(it, v2g=True, max_discharge_w=7_400.0) for it in scene.sessions)
    order = Order(
        "order", 4, 10, 1_000.0 * (seed % 4), tuple(it.key for it in cars), Scope.TOGETHER, export_limit_w=0.0
    )
    scene = clip(replace(scene, sessions=cars, orders=(order,), max_import_w=(25_000.0,) * 24))[0]
    if serves_everybody(scene):
        plan = solve(scene, preview=True)
        assert plan.unmet_wh == 0
        assert max(plan.order_excess[0].excess_w) == 0


def test_that_is_not_seldom() -> None:
    proved = 0
    for seed in range(40):
        scene = mixed(seed, sessions=6, modes=["cheap", "basic"])
        cars = tuple(replace(it, v2g=True, max_discharge_w=7_400.0) for it in scene.sessions)
        order = Order("order", 4, 10, 0.0, tuple(it.key for it in cars), Scope.TOGETHER, export_limit_w=0.0)
        scene = replace(scene, sessions=cars, orders=(order,), max_import_w=(25_000.0,) * 24)
        without = replace(scene, sessions=tuple(replace(it, v2g=False) for it in cars))
        proved += serves_everybody(clip(scene)[0]) and not serves_everybody(clip(without)[0])
    assert proved >= 3
