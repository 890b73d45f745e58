"""What the optimiser is asked: one supply point, its vehicles and its limits over a horizon of slots.

Units: power W, energy Wh, time hours, prices in money per kWh, CO2 in g per kWh. Tuples over time have one value a
slot. Slot indexes: windows are [first_slot, last_slot). A target at slot k must be reached before slot k begins
(k = last_slot is the departure).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

# Watts of a problem in a kilowatt of the model.
KILO = 1000.0


class Mode(StrEnum):
    """What the driver asked for."""

    BASIC = "basic"
    CHEAP = "cheap"
    FAST = "fast"
    GREEN = "green"


class Scope(StrEnum):
    """Whether an order's limit holds for each of its sessions, or for their sum."""

    EACH = "each"
    TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class Target:
    """Energy that must be in the battery before slot `slot` begins (1 ... last_slot)."""

    slot: int
    energy_wh: float


@dataclass(frozen=True, slots=True)
class Session:
    """A vehicle that is plugged in, or announced by a reservation, during [first_slot, last_slot).

    `energy_wh` is the content at the start of first_slot. `knee` is the share of the capacity above which the battery
    takes less and less power (1 = no taper). `phases` are the phases in use, e.g. (1,) or (1, 2, 3); () = not known.
    """

    key: str
    mode: Mode
    max_charge_w: float
    first_slot: int
    last_slot: int
    capacity_wh: float
    energy_wh: float
    targets: tuple[Target, ...] = ()
    min_charge_w: float = 0.0
    max_discharge_w: float = 0.0
    v2g: bool = False
    floor_wh: float = 0.0
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    phases: tuple[int, ...] = ()
    limit_w: tuple[float, ...] | None = None
    announced: bool = False
    wear_cost_per_kwh: float = 0.0
    knee: float = 1.0


@dataclass(frozen=True, slots=True)
class Storage:
    """The supply point's own battery. It must hold at least `end_energy_wh` at the end of the horizon."""

    capacity_wh: float
    energy_wh: float
    max_charge_w: float
    max_discharge_w: float
    min_energy_wh: float = 0.0
    end_energy_wh: float = 0.0
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    wear_cost_per_kwh: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """A grid operator's limit during [first_slot, last_slot).

    With `session_keys` the limit holds for the power to these vehicles: for each, or for their sum. With
    session_keys=() it holds for the grid exchange of the whole supply point. `floor_w` is granted to every vehicle
    whatever the limit. A mandatory order goes before targets, an offer after them. A negative `limit_w` asks for
    discharging. `export_limit_w` bounds what flows back (as a positive number). `least_w` asks for at least so much
    power, to use what the grid has too much of.
    """

    key: str
    first_slot: int
    last_slot: int
    limit_w: float | None
    session_keys: tuple[str, ...] = ()
    scope: Scope = Scope.EACH
    mandatory: bool = True
    floor_w: float = 0.0
    export_limit_w: float | None = None
    least_w: float | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything the optimiser looks at. `opportunity_cost_per_h`: money per kWh and hour of waiting since arrival.

    `max_phase_w` is the import limit of a single phase; None = phases are not looked at. `demand_charge_per_kw` is
    money for each kW by which the highest import exceeds the billing period's highest so far, `peak_so_far_w`.
    """

    slot_starts: tuple[datetime, ...]
    slot_hours: tuple[float, ...]
    demand_w: tuple[float, ...]
    production_w: tuple[float, ...]
    import_price: tuple[float, ...]
    export_price: tuple[float, ...]
    max_import_w: tuple[float, ...]
    max_export_w: tuple[float, ...]
    co2_g_per_kwh: tuple[float, ...] | None = None
    storage: Storage | None = None
    orders: tuple[Order, ...] = ()
    sessions: tuple[Session, ...] = ()
    opportunity_cost_per_h: float = 0.0
    max_phase_w: tuple[float, ...] | None = None
    demand_charge_per_kw: float = 0.0
    peak_so_far_w: float = 0.0

    @property
    def slots(self) -> range:
        """The slot indexes of the horizon."""
        return range(len(self.slot_starts))


def problem_to_json(problem: Problem) -> str:
    """The problem as JSON text, the shape of tests/smac/optimisation/cases/*.json (key "problem")."""
    return json.dumps(problem_to_dict(problem), sort_keys=True)


def problem_from_json(text: str) -> Problem:
    """The problem that `problem_to_json` wrote. Raises KeyError, TypeError or ValueError when it is malformed."""
    return problem_from_dict(json.loads(text))


def problem_to_dict(problem: Problem) -> dict[str, Any]:
    """The problem in JSON's own types."""
    data = asdict(problem)
    data["slot_starts"] = [start.isoformat() for start in problem.slot_starts]
    return data


def problem_from_dict(data: dict[str, Any]) -> Problem:
    """The problem from JSON's own types."""
    special = {"slot_starts", "storage", "orders", "sessions"}
    plain = {name: _frozen(value) for name, value in data.items() if name not in special}
    storage = data.get("storage")
    return Problem(
        slot_starts=tuple(datetime.fromisoformat(text) for text in data["slot_starts"]),
        storage=Storage(**storage) if storage else None,
        orders=tuple(_order(order) for order in data.get("orders", ())),
        sessions=tuple(_session(session) for session in data.get("sessions", ())),
        **plain,
    )


def _order(data: dict[str, Any]) -> Order:
    values = {name: _frozen(value) for name, value in data.items()}
    return Order(**{**values, "scope": Scope(values.get("scope", Scope.EACH))})


def _session(data: dict[str, Any]) -> Session:
    values = {name: _frozen(value) for name, value in data.items() if name != "targets"}
    targets = tuple(Target(**target) for target in data.get("targets", ()))
    return Session(**{**values, "mode": Mode(data["mode"]), "targets": targets})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
