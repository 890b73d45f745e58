"""Each constraint has a scene in which it binds, and it alone: without it the day is cheaper, without others it is not.

What searches whole numbers, and what couples supply points, is in test_repair.py, test_model.py and test_together.py.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from smac.optimisation.problem import Order, Problem, Scope, Storage, Target
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import giving, problem, vehicle

FALLING = (4.0, 3.0, 2.0, 1.0)
SELLING = {"import_price": (1.0,) * 4, "export_price": (0.5, 0.0, 0.0, 0.0)}
BUYING = {"import_price": (-1.0, 1.0, 1.0, 1.0), "export_price": (-1.0, 0.0, 0.0, 0.0)}


def roomy(key: str = "a", **changes: Any) -> Any:
    """A vehicle at a strong point, in need of 20 kWh."""
    return vehicle(key, **{"max_charge_w": 50_000.0, "capacity_wh": 1e6, **changes})


def trading(key: str = "a", **changes: Any) -> Any:
    """A vehicle with much to give."""
    usual = {"max_charge_w": 50_000.0, "max_discharge_w": 50_000.0, "capacity_wh": 1e6, "energy_wh": 5e5, "targets": ()}
    return giving(key, **{**usual, **changes})


def store(**changes: Any) -> Storage:
    return Storage(**{"capacity_wh": 1e6, "energy_wh": 5e5, "max_charge_w": 5e4, "max_discharge_w": 5e4, **changes})


def buys(*cars: Any, **changes: Any) -> Problem:
    return problem(**{"import_price": FALLING, "sessions": cars or (roomy(),), **changes})


def sells(*cars: Any, **changes: Any) -> Problem:
    return problem(**{**SELLING, "sessions": cars, **changes})


def ordered(**values: Any) -> dict[str, Any]:
    return {"orders": (Order("order", **{"first_slot": 0, "last_slot": 4, "limit_w": None, **values}),)}


def each(**changes: Callable[[Any], Any]) -> Callable[[Problem], Problem]:
    """Every vehicle with these fields changed."""

    def relaxed(scene: Problem) -> Problem:
        cars = tuple(
            replace(car, **{name: change(getattr(car, name)) for name, change in changes.items()})
            for car in scene.sessions
        )
        return replace(scene, sessions=cars)

    return relaxed


def stored(**changes: Callable[[Any], Any]) -> Callable[[Problem], Problem]:
    """The local storage with these fields changed."""

    def relaxed(scene: Problem) -> Problem:
        if scene.storage is None:
            return scene
        values = {name: change(getattr(scene.storage, name)) for name, change in changes.items()}
        return replace(scene, storage=replace(scene.storage, **values))

    return relaxed


def ten(value: float) -> float:
    return value * 10


def none(value: object) -> float:
    return 0.0


WITHOUT: dict[str, Callable[[Problem], Problem]] = {
    "import limit": lambda it: replace(it, max_import_w=(1e6,) * 4),
    "export limit": lambda it: replace(it, max_export_w=(1e6,) * 4),
    "power of the point": each(max_charge_w=ten),
    "power back": each(max_discharge_w=ten),
    "point's own limit": each(limit_w=lambda value: None),
    "capacity": each(capacity_wh=ten),
    "floor": each(floor_wh=none),
    "taper": each(knee=lambda value: 1.0),
    "efficiency": each(charge_efficiency=lambda value: 1.0),
    "target on the way": each(targets=lambda targets: targets[-1:]),
    "fuse of a phase": lambda it: replace(it, max_phase_w=None),
    "order": lambda it: replace(it, orders=()),
    "power of the storage": stored(max_charge_w=ten, max_discharge_w=ten),
    "capacity of the storage": stored(capacity_wh=ten),
    "least content of the storage": stored(min_energy_wh=none),
    "last content of the storage": stored(end_energy_wh=none),
    "peak so far": lambda it: replace(it, peak_so_far_w=1e6),
}

SCENES: dict[str, tuple[str, Problem]] = {
    "import limit": ("import limit", buys(max_import_w=(12_000.0,) * 4)),
    "export limit": ("export limit", sells(trading(), max_export_w=(5_000.0,) * 4)),
    "power of the point": ("power of the point", buys(roomy(max_charge_w=10_000.0))),
    "power back": ("power back", sells(trading(max_discharge_w=10_000.0))),
    "point's own limit": ("point's own limit", buys(roomy(limit_w=(9_000.0,) * 4))),
    "capacity": ("capacity", problem(sessions=(roomy(targets=(), capacity_wh=15_000.0),), **BUYING)),
    "floor": ("floor", sells(trading(energy_wh=30_000.0, floor_wh=20_000.0))),
    "efficiency": ("efficiency", buys(roomy(charge_efficiency=0.9))),
    "target on the way": ("target on the way", buys(roomy(targets=(Target(2, 9_000), Target(4, 20_000))))),
    "fuse of a phase": ("fuse of a phase", buys(roomy(phases=(1,)), max_phase_w=(7_000.0,) * 4)),
    "order for each": ("order", buys(**ordered(limit_w=6_000.0, session_keys=("a",)))),
    "order for several": (
        "order",
        buys(roomy("a"), roomy("b"), **ordered(limit_w=15_000.0, session_keys=("a", "b"), scope=Scope.TOGETHER)),
    ),
    "order for the connection": ("order", buys(**ordered(limit_w=6_000.0))),
    "order on what flows back": (
        "order",
        sells(trading(), **ordered(export_limit_w=3_000.0, session_keys=("a",))),
    ),
    "order to draw": ("order", buys(**ordered(least_w=3_000.0, session_keys=("a",)))),
    "order to give back": (
        "order",
        problem(sessions=(trading(wear_cost_per_kwh=0.1),), **ordered(limit_w=-2_000.0, session_keys=("a",))),
    ),
    "offer": ("order", buys(**ordered(limit_w=6_000.0, session_keys=("a",), mandatory=False))),
    "power of the storage": ("power of the storage", sells(storage=store(max_discharge_w=5_000.0))),
    "capacity of the storage": (
        "capacity of the storage",
        problem(storage=store(capacity_wh=15_000.0, energy_wh=1_000.0), **BUYING),
    ),
    "least content of the storage": (
        "least content of the storage",
        sells(storage=store(energy_wh=30_000.0, min_energy_wh=20_000.0)),
    ),
    "last content of the storage": (
        "last content of the storage",
        sells(storage=store(energy_wh=30_000.0, end_energy_wh=20_000.0)),
    ),
    "peak so far": ("peak so far", buys(demand_charge_per_kw=0.8, peak_so_far_w=8_000.0)),
    "taper": (
        "taper",
        buys(roomy(capacity_wh=50_000, energy_wh=40_000, need=49_000, knee=0.8), slot_hours=(0.25,) * 4),
    ),
}
# How slowly a battery fills near full comes from its size and from the power of the point.
SAME = {"taper": {"capacity", "power of the point"}}


def worth(scene: Problem) -> float:
    """What the day costs; a missed kWh is dear."""
    plan = solve(scene, preview=True)
    return plan.cost + plan.unmet_wh


@pytest.mark.parametrize("name", SCENES)
def test_a_constraint_binds_and_it_alone(name: str) -> None:
    binding, scene = SCENES[name]
    cost = worth(scene)
    for what, relaxed in WITHOUT.items():
        if what == binding:
            assert worth(relaxed(scene)) < cost - 0.01, f"without {what} nothing changes"
        elif what not in SAME.get(name, ()):
            assert worth(relaxed(scene)) == pytest.approx(cost, abs=1e-3), f"{what} binds, too"


def test_no_constraint_is_without_its_scene() -> None:
    assert {binding for binding, _ in SCENES.values()} == set(WITHOUT)
