"""Seeded supply points: V2G, 96 slots, an import limit that binds."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from smac.optimisation.problem import Mode, Order, Problem, Scope, Session, Target

SLOTS = 96
START = datetime(2026, 3, 2, tzinfo=UTC)


def site(count: int, seed: int = 1) -> Problem:
    """A supply point with `count` vehicles that may give back."""
    rng = random.Random(seed)
    price = tuple(round(0.2 + 0.15 * rng.random() + 0.1 * (slot // 16 % 3 == 1), 3) for slot in range(SLOTS))
    return Problem(
        slot_starts=tuple(START + timedelta(minutes=15 * slot) for slot in range(SLOTS)),
        slot_hours=(0.25,) * SLOTS,
        demand_w=(2_000.0,) * SLOTS,
        production_w=(0.0,) * SLOTS,
        import_price=price,
        export_price=tuple(round(value * 0.7, 3) for value in price),
        max_import_w=(3_500.0 * count + 4_000,) * SLOTS,
        max_export_w=(5_000.0 * count,) * SLOTS,
        sessions=tuple(_vehicle(rng, number) for number in range(count)),
    )


def _vehicle(rng: random.Random, number: int) -> Session:
    first = rng.randrange(40)
    last = rng.randrange(first + 16, SLOTS + 1)
    energy, capacity = rng.uniform(12_000, 30_000), 60_000.0
    target = Target(last, min(capacity * 0.9, energy + (last - first) * 1_500.0))
    return Session(
        key=f"vehicle-{number}",
        mode=Mode.CHEAP,
        max_charge_w=11_000.0,
        max_discharge_w=11_000.0,
        v2g=True,
        first_slot=first,
        last_slot=last,
        capacity_wh=capacity,
        energy_wh=energy,
        floor_wh=12_000.0,
        targets=(target,),
        charge_efficiency=0.95,
        discharge_efficiency=0.95,
        wear_cost_per_kwh=0.04,
    )


def changed(problem: Problem, seed: int) -> Problem:
    """The same quarter of an hour with a new forecast and newly reported contents."""
    rng = random.Random(seed)
    return replace(
        problem,
        demand_w=tuple(power * rng.uniform(0.8, 1.2) for power in problem.demand_w),
        sessions=tuple(replace(it, energy_wh=it.energy_wh * rng.uniform(0.98, 1.02)) for it in problem.sessions),
    )


def ordered(problem: Problem, scope: Scope, share: float) -> Problem:
    """With an order of five hours for all vehicles: `share` of what the supply point may import."""
    keys = tuple(it.key for it in problem.sessions)
    limit = problem.max_import_w[0] * share
    limit = limit if scope is Scope.TOGETHER else limit / len(keys)
    order = Order("order", 30, 50, round(limit, 1), keys, scope, export_limit_w=0.0)
    return replace(problem, orders=(order,))
