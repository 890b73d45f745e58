"""What the optimiser answers: a curve for every vehicle, what it means for the supply point, and why it looks so.

Units as in problem.py: power W (negative = discharging), energy Wh, money as the prices'. Tuples have one value a slot.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How much the plan may be trusted to be the best."""

    OPTIMAL = "optimal"
    INCUMBENT = "incumbent"
    FALLBACK = "fallback"


class SlotReason(StrEnum):
    """What bound one slot of one vehicle."""

    AWAY = "away"  # not plugged in
    FULL_POWER = "full_power"  # as much as point and vehicle can
    OWN_LIMIT = "own_limit"  # the point's own limit in this slot
    ORDER = "order"  # a grid operator's order
    SUPPLY_LIMIT = "supply_limit"  # the supply point's import limit
    GROUP_LIMIT = "group_limit"  # the limit of a feeder or transformer that supply points share
    PHASE_LIMIT = "phase_limit"  # the fuse of a phase
    PEAK = "peak"  # a higher import would be a new peak, which costs
    TAPER = "taper"  # the battery takes less near full
    SURPLUS = "surplus"  # follows the surplus of production
    PRICE = "price"  # charges because the price is low enough
    TARGET = "target"  # charges before a better slot, for a target comes first
    OPPORTUNITY = "opportunity"  # charges before a better slot, for waiting costs more than it saves
    SHARED = "shared"  # a share in proportion to the headroom
    ENOUGH = "enough"  # takes only what is still missing
    WAITING = "waiting"  # a better slot comes later
    DONE = "done"  # needs nothing more
    DISCHARGING = "discharging"  # gives back
    FLOOR = "floor"  # would give back (more), but for the driver's floor


class MainReason(StrEnum):
    """The one reason told to the driver."""

    CHEAP_SLOTS = "cheap_slots"  # charges in the cheapest slots; price = the highest price paid
    EARLY = "early"  # as early as possible
    SURPLUS = "surplus"  # follows the sun; energy_wh = what comes from surplus
    EVEN = "even"  # spread over the stay in proportion to the headroom
    ORDER = "order"  # an order shapes it; order_key says which
    SUPPLY_LIMIT = "supply_limit"  # the supply point's limit shapes it
    GROUP_LIMIT = "group_limit"  # the limit of the feeder or transformer shapes it
    UNREACHABLE = "unreachable"  # the target cannot be met; energy_wh = what is missing
    NOTHING_NEEDED = "nothing_needed"
    GIVES_BACK = "gives_back"  # charges and discharges for money; price = the least price sold at


@dataclass(frozen=True, slots=True)
class Reason:
    """The main reason as data; `slots` are those it concerns."""

    code: MainReason
    slots: tuple[int, ...] = ()
    price: float | None = None
    energy_wh: float | None = None
    order_key: str | None = None


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """One vehicle's curve. `energy_wh` is the content at the end of each slot, `unmet_wh` summed over its targets."""

    key: str
    power_w: tuple[float, ...]
    energy_wh: tuple[float, ...]
    unmet_wh: float
    slot_reasons: tuple[SlotReason, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class OrderExcess:
    """By how much an order is exceeded in each slot; all zero = it is kept."""

    key: str
    excess_w: tuple[float, ...]


class NoteCode(StrEnum):
    """What was changed in an impossible input before planning, or what happened to the solver."""

    WINDOW_CLIPPED = "window_clipped"
    WINDOW_EMPTY = "window_empty"
    ENERGY_CLIPPED = "energy_clipped"
    TARGET_CLIPPED = "target_clipped"
    BELOW_FLOOR = "below_floor"
    POWER_CLIPPED = "power_clipped"
    EFFICIENCY_CLIPPED = "efficiency_clipped"
    DEMAND_OVER_LIMIT = "demand_over_limit"
    SERIES_CLIPPED = "series_clipped"
    STORAGE_CLIPPED = "storage_clipped"
    ORDER_OUTSIDE = "order_outside"
    ORDER_UNKNOWN_SESSION = "order_unknown_session"
    TIME_LIMIT = "time_limit"
    SOLVER_FAILED = "solver_failed"
    GROUP_LIMIT_RAISED = "group_limit_raised"
    GROUP_SHARED = "group_shared"
    PREVIOUS_PLAN_USED = "previous_plan_used"
    EARLIEST_DEADLINE_USED = "earliest_deadline_used"


@dataclass(frozen=True, slots=True)
class Note:
    """`subject` is the key of a session or order, the name of a series, or "" for the whole problem."""

    code: NoteCode
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer for one supply point. `grid_w` is import minus export; `storage_w` positive when charging.

    `cost` is money for the whole supply point's exchange plus wear; `renewable_share` is the share (0 to 1) of the
    vehicles' energy that comes from own production.
    """

    slot_starts: tuple[datetime, ...]
    slot_hours: tuple[float, ...]
    sessions: tuple[SessionPlan, ...]
    grid_w: tuple[float, ...]
    storage_w: tuple[float, ...]
    storage_energy_wh: tuple[float, ...]
    curtailed_w: tuple[float, ...]
    cost: float
    renewable_share: float
    order_excess: tuple[OrderExcess, ...]
    flexibility_up_w: tuple[float, ...]
    flexibility_down_w: tuple[float, ...]
    solver: str
    status: Status
    notes: tuple[Note, ...] = ()

    def session(self, key: str) -> SessionPlan:
        """The curve of one vehicle. Raises KeyError."""
        for found in self.sessions:
            if found.key == key:
                return found
        raise KeyError(key)

    @property
    def unmet_wh(self) -> float:
        """What all targets together miss."""
        return sum(session.unmet_wh for session in self.sessions)


def plan_to_json(plan: Plan) -> str:
    """The plan as JSON text, e.g. to be the `previous` of a later solve."""
    data = asdict(plan)
    data["slot_starts"] = [start.isoformat() for start in plan.slot_starts]
    return json.dumps(data, sort_keys=True)


def plan_from_json(text: str) -> Plan:
    """The plan that `plan_to_json` wrote. Raises KeyError, TypeError or ValueError when it is malformed."""
    data: dict[str, Any] = json.loads(text)
    data["slot_starts"] = [datetime.fromisoformat(start) for start in data["slot_starts"]]
    data["sessions"] = [_session_plan(session) for session in data["sessions"]]
    data["order_excess"] = [OrderExcess(it["key"], tuple(it["excess_w"])) for it in data["order_excess"]]
    data["notes"] = [Note(NoteCode(note["code"]), note["subject"]) for note in data["notes"]]
    return Plan(**{**_frozen(data), "status": Status(data["status"])})


def _session_plan(data: dict[str, Any]) -> SessionPlan:
    reason = _frozen(data["reason"])
    return SessionPlan(
        **{
            **_frozen(data),
            "slot_reasons": tuple(SlotReason(code) for code in data["slot_reasons"]),
            "reason": Reason(**{**reason, "code": MainReason(reason["code"])}),
        }
    )


def _frozen(data: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of constant power that begins with `first_slot`."""

    first_slot: int
    power_w: float


def merge_periods(
    power_w: Sequence[float], *, tolerance_w: float = 1.0, max_periods: int | None = None
) -> tuple[Period, ...]:
    """The fewest periods that describe a curve within `tolerance_w`; each takes the lowest power of its slots.

    Taking the lowest never exceeds a limit. Where a charger holds at most `max_periods`, the tolerance grows until
    the curve fits.
    """
    periods = _merge(power_w, tolerance_w)
    while max_periods and len(periods) > max(max_periods, 1):
        tolerance_w = max(tolerance_w * 1.5, 1.0)
        periods = _merge(power_w, tolerance_w)
    return periods


def _merge(power_w: Sequence[float], tolerance_w: float) -> tuple[Period, ...]:
    periods: list[Period] = []
    low = high = 0.0
    for slot, power in enumerate(power_w):
        if periods and max(high, power) - min(low, power) <= tolerance_w:
            low, high = min(low, power), max(high, power)
            periods[-1] = Period(periods[-1].first_slot, low)
        else:
            low = high = power
            periods.append(Period(slot, power))
    return tuple(periods)
