"""What must hold for every problem, tried on seeded ones and those hypothesis finds."""

import random
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smac.optimisation.adapter import CBC, HIGHS, Program
from smac.optimisation.clip import clip
from smac.optimisation.model import Model
from smac.optimisation.plan import Status
from smac.optimisation.problem import Mode, Problem, Session, Storage, problem_from_json, problem_to_json
from smac.optimisation.solve import optimise, prepare, solve
from tests.smac.optimisation.scenes import giving, mixed, problem, vehicle

few = settings(max_examples=12, deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 10_000)


def best(problem: Problem, back_end: str = HIGHS) -> Model:
    """The model with solve A's solution in it."""
    model, cost = prepare(clip(problem)[0], Program(back_end))
    optimise(model, cost, preview=True)
    return model


@few
@given(seeds)
def test_physics_holds(seed: int) -> None:
    problem = mixed(seed)
    plan = solve(problem)
    assert plan.status is Status.OPTIMAL
    for session, curve in zip(problem.sessions, plan.sessions, strict=True):
        for slot in problem.slots:
            inside = session.first_slot <= slot < session.last_slot
            assert inside or curve.power_w[slot] == 0
            assert -session.max_discharge_w - 0.1 <= curve.power_w[slot] <= session.max_charge_w + 0.1
            least = session.floor_wh if session.v2g else 0.0
            assert least - 1 <= curve.energy_wh[slot] <= session.capacity_wh + 1


@few
@given(seeds)
def test_what_flows_in_flows_out(seed: int) -> None:
    problem = mixed(seed)
    plan = solve(problem)
    for slot in problem.slots:
        vehicles = sum(session.power_w[slot] for session in plan.sessions)
        net = problem.demand_w[slot] - problem.production_w[slot] + plan.curtailed_w[slot] + plan.storage_w[slot]
        assert abs(plan.grid_w[slot] - net - vehicles) < 1e-6
        assert -problem.max_export_w[slot] - 0.1 <= plan.grid_w[slot] <= problem.max_import_w[slot] + 0.1


@few
@given(seeds)
def test_the_solver_s_own_balance_has_no_residual(seed: int) -> None:
    model = best(mixed(seed))
    for slot in model.problem.slots:
        row = model.program.problem.get_constraint_by_name(f"balance_{slot}")
        assert abs(row.value()) < 1e-6


@few
@given(seeds)
def test_two_back_ends_agree(seed: int) -> None:
    problem = mixed(seed, slots=16, sessions=3)
    ours, theirs = best(problem), best(problem, CBC)
    assert ours.program.cost_now() == pytest.approx(theirs.program.cost_now(), abs=1e-6, rel=1e-6)
    one, other = solve(problem), solve(problem, back_end=CBC)
    for session in one.sessions:
        assert session.power_w == pytest.approx(other.session(session.key).power_w, abs=5)


@few
@given(seeds)
def test_the_order_of_vehicles_does_not_matter(seed: int) -> None:
    problem = mixed(seed)
    turned = replace(problem, sessions=tuple(random.Random(seed).sample(problem.sessions, len(problem.sessions))))
    one, other = solve(problem), solve(turned)
    for session in one.sessions:
        assert session.power_w == pytest.approx(other.session(session.key).power_w, abs=5)


@few
@given(seeds)
def test_a_wider_limit_never_costs_more(seed: int) -> None:
    problem = mixed(seed, modes=[Mode.CHEAP, Mode.GREEN, Mode.FAST])
    wider = replace(problem, max_import_w=tuple(limit * 1.5 for limit in problem.max_import_w))
    assert best(wider).program.cost_now() <= best(problem).program.cost_now() + 1e-6


@few
@given(seeds, st.sampled_from([0.01, 3.0, 100.0]))
def test_prices_times_three_cost_three_times_as_much(seed: int, factor: float) -> None:
    problem = mixed(seed, modes=[Mode.CHEAP])
    problem = replace(problem, sessions=tuple(replace(it, wear_cost_per_kwh=0.0) for it in problem.sessions))
    scaled = replace(
        problem,
        import_price=tuple(price * factor for price in problem.import_price),
        export_price=tuple(price * factor for price in problem.export_price),
    )
    assert solve(scaled).cost == pytest.approx(solve(problem).cost * factor, rel=1e-4, abs=1e-4 * factor)


modes = st.lists(st.sampled_from(list(Mode)), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(seeds, modes)
def test_a_vehicle_in_a_hurry_does_not_mind_its_neighbours_modes_while_no_limit_binds(
    seed: int, modes: list[Mode]
) -> None:
    scene = roomy(seed)
    need_wh, first, last = 1_000.0 * (seed % 17 + 3), seed % 5, 32 - seed % 7
    hurried = vehicle("fast", "fast", need=need_wh, until=last, first_slot=first, max_charge_w=11_000.0)
    others = tuple(neighbour(seed, number, mode) for number, mode in enumerate(modes))
    left = [max(need_wh - 2_750.0 * (slot - first), 0.0) * 4 if slot >= first else 0.0 for slot in scene.slots]
    plan = solve(replace(scene, sessions=(hurried, *others)))
    assert plan.session("fast").power_w == pytest.approx([min(power, 11_000.0) for power in left], abs=5)


def roomy(seed: int) -> Problem:
    """Any prices, sun and storage, and limits that never bind."""
    rng = random.Random(seed)
    bought = [round(rng.uniform(0.05, 0.60), 3) for _ in range(32)]
    storage = Storage(20_000, 10_000, 8_000, 8_000, end_energy_wh=10_000) if rng.random() < 0.3 else None
    return problem(
        32,
        hours=0.25,
        import_price=tuple(bought),
        export_price=tuple(round(price * rng.choice([0.0, 0.3, 0.9]), 3) for price in bought),
        demand_w=tuple(float(rng.randrange(500, 6_000)) for _ in bought),
        production_w=tuple(float(rng.choice([0, rng.randrange(20_000)])) for _ in bought),
        storage=storage,
    )


def neighbour(seed: int, number: int, mode: Mode) -> Session:
    rng = random.Random(f"{seed} {number}")
    make = giving if rng.random() < 0.4 else vehicle
    energy_wh = rng.randrange(20_000, 50_000)
    return make(str(number), mode=mode, energy_wh=energy_wh, need=energy_wh + 8_000.0, until=rng.randrange(8, 33))


@few
@given(seeds)
def test_the_same_question_gets_the_same_bytes(seed: int) -> None:
    problem = mixed(seed)
    replayed = problem_from_json(problem_to_json(problem))
    assert replayed == problem
    assert repr(asdict(solve(problem))) == repr(asdict(solve(replayed)))
