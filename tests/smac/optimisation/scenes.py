"""Problems for the tests: a plain one to vary, and seeded mixed ones."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from smac.optimisation.problem import Mode, Order, Problem, Scope, Session, Target

START = datetime(2026, 3, 2, tzinfo=UTC)


def problem(slots: int = 4, *, hours: float = 1.0, **changes: Any) -> Problem:
    values: dict[str, Any] = {
        "slot_starts": tuple(START + timedelta(hours=hours * slot) for slot in range(slots)),
        "slot_hours": (hours,) * slots,
        "demand_w": (0.0,) * slots,
        "production_w": (0.0,) * slots,
        "import_price": (1.0,) * slots,
        "export_price": (0.0,) * slots,
        "max_import_w": (100_000.0,) * slots,
        "max_export_w": (100_000.0,) * slots,
    }
    return Problem(**{**values, **changes})


def vehicle(key: str = "a", mode: str = "cheap", *, need: float = 20_000.0, until: int = 4, **changes: Any) -> Session:
    values: dict[str, Any] = {
        "key": key,
        "mode": Mode(mode),
        "max_charge_w": 10_000.0,
        "first_slot": 0,
        "last_slot": until,
        "capacity_wh": 100_000.0,
        "energy_wh": 0.0,
        "targets": (Target(until, need),),
    }
    return Session(**{**values, **changes})


def giving(key: str = "a", **changes: Any) -> Session:
    return vehicle(key, **{"v2g": True, "max_discharge_w": 10_000.0, **changes})


def mixed(seed: int, *, slots: int = 24, sessions: int = 4, modes: Sequence[str] = tuple(Mode)) -> Problem:
    """A seeded afternoon: prices, sun, house load, vehicles that come and go, perhaps an order and V2G."""
    rng = random.Random(seed)
    cars = tuple(_car(rng, number, slots, modes) for number in range(sessions))
    price = tuple(round(rng.uniform(0.05, 0.45), 3) for _ in range(slots))
    orders: tuple[Order, ...] = ()
    if rng.random() < 0.5:
        first = rng.randrange(slots - 4)
        keys = tuple(car.key for car in cars)
        orders = (
            Order("order", first, first + 4, rng.choice([0.0, 5_000.0, 12_000.0]), keys, rng.choice(list(Scope))),
        )
    return problem(
        slots,
        hours=0.25,
        sessions=cars,
        orders=orders,
        import_price=price,
        export_price=tuple(round(value * 0.6, 3) for value in price),
        demand_w=tuple(float(rng.randrange(500, 4_000)) for _ in range(slots)),
        production_w=tuple(float(rng.randrange(0, 12_000)) if slot > slots // 3 else 0.0 for slot in range(slots)),
        max_import_w=(float(rng.randrange(15_000, 40_000)),) * slots,
        max_export_w=(20_000.0,) * slots,
    )


def _car(rng: random.Random, number: int, slots: int, modes: Sequence[str]) -> Session:
    first = rng.randrange(slots // 2) if rng.random() < 0.5 else 0
    last = rng.randrange(first + 4, slots + 1)
    capacity = float(rng.randrange(30_000, 90_000))
    energy = round(capacity * rng.uniform(0.1, 0.6))
    target = min(capacity, energy + rng.randrange(2_000, 9_000))
    back = 7_400.0 if rng.random() < 0.4 else 0.0
    return Session(
        key=f"car-{number}",
        mode=Mode(rng.choice(list(modes))),
        max_charge_w=rng.choice([3_700.0, 7_400.0, 11_000.0, 22_000.0]),
        first_slot=first,
        last_slot=last,
        capacity_wh=capacity,
        energy_wh=float(energy),
        targets=(Target(last, float(target)),),
        v2g=back > 0,
        max_discharge_w=back,
        floor_wh=round(capacity * 0.1),
        charge_efficiency=0.95,
        discharge_efficiency=0.95,
        wear_cost_per_kwh=0.03,
    )
