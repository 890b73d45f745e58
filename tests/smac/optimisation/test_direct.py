"""The optimiser's objective is that of the same linear program written a second time, straight into the solver."""

from dataclasses import replace

import pytest

from smac.optimisation.adapter import CBC, HIGHS, Outcome, Program
from smac.optimisation.clip import clip
from smac.optimisation.model import build
from smac.optimisation.objective import Money
from smac.optimisation.problem import Mode, Problem, Session, Storage, Target
from smac.optimisation.solve import optimise, prepare, solve
from tests.load.smac_bench.direct import Direct
from tests.smac.optimisation.scenes import mixed

MODES = [[Mode.BASIC], [Mode.CHEAP], [Mode.FAST], [Mode.GREEN], list(Mode)]


def scene(seed: int, *, sessions: int, slots: int = 24) -> Problem:
    """Every mode by itself and all mixed in turn, and one by one what else a problem may have."""
    found = mixed(seed, sessions=sessions, slots=slots, modes=MODES[seed % len(MODES)])
    cars = found.sessions
    if seed % 3 == 0:
        cars = tuple(replace(car, targets=(halfway(car), *car.targets)) for car in cars)
    if seed % 4 == 1:
        cars = tuple(replace(car, knee=0.5) for car in cars)
    if seed % 4 == 2:
        found = replace(found, storage=Storage(20_000, 8_000, 6_000, 6_000, 1_000, 8_000, 0.95, 0.95, 0.02))
    if seed % 5 == 3:
        found = replace(found, co2_g_per_kwh=tuple(100.0 + 37 * (slot % 11) for slot in found.slots))
    if seed % 6 == 5:
        found = replace(found, opportunity_cost_per_h=0.05)
    if seed % 10 == 1:
        found = replace(found, demand_charge_per_kw=2.0, peak_so_far_w=9_000.0)
    if seed % 10 == 6:
        found = replace(found, import_price=tuple(price - 0.15 for price in found.import_price))
    return clip(replace(found, sessions=cars))[0]


def halfway(car: Session) -> Target:
    return Target((car.first_slot + car.last_slot) // 2, (car.energy_wh + car.targets[0].energy_wh) / 2)


def objective_of(problem: Problem, back_end: str = HIGHS) -> float:
    model, cost = prepare(problem, Program(back_end))
    assert optimise(model, cost, preview=True) is Outcome.OPTIMAL
    return model.program.cost_now()


def direct(problem: Problem) -> float:
    return Direct(problem, Money.of(build(problem))).solve()


def gap(problem: Problem) -> float:
    """Choices are proved to a hundredth of a per mille only."""
    return 1e-6 if min(*problem.import_price, *problem.export_price) >= 0 else 2e-5


@pytest.mark.parametrize("seed", range(60))
def test_the_objective_is_the_direct_program_s(seed: int) -> None:
    problem = scene(seed, sessions=1 + seed * 7 % 12)
    expected = direct(problem)
    assert objective_of(problem) == pytest.approx(expected, rel=gap(problem), abs=1e-6)


@pytest.mark.parametrize(("seed", "sessions"), [(64, 200), (72, 60)])
def test_so_it_is_for_many_vehicles_over_a_day(seed: int, sessions: int) -> None:
    problem = scene(seed, sessions=sessions, slots=96)
    problem = replace(problem, max_import_w=(3_000.0 * sessions + 6_000,) * 96, max_export_w=(2_000.0 * sessions,) * 96)
    assert objective_of(problem) == pytest.approx(direct(problem), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(0, 30, 2))
def test_two_solvers_agree_on_the_objective_and_place_the_energy_alike(seed: int) -> None:
    problem = scene(seed, sessions=4)
    if min(problem.import_price) < 0:
        problem = replace(problem, import_price=tuple(price + 0.15 for price in problem.import_price))
    assert objective_of(problem, CBC) == pytest.approx(objective_of(problem), rel=1e-6, abs=1e-6)
    one, other = solve(problem), solve(problem, back_end=CBC)
    elsewhere = moved = 0.0
    for session in one.sessions:
        theirs = other.session(session.key).power_w
        elsewhere += sum(abs(power - there) for power, there in zip(session.power_w, theirs, strict=True))
        moved += sum(map(abs, session.power_w))
    assert elsewhere / 2 <= 0.001 * moved
