"""What the same energy would have cost, and emitted, with full power from the start: what a plan is measured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chargepoints.models import ChargePoint
from smac import filling, greenness
from smac.optimisation.plan import Plan
from smac.optimisation.problem import Mode, Problem, Session
from smac.services import costs
from smac.snapshot import reading
from smac.snapshot.reading import Snapshot

_NOTHING_W = 1.0


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Charging at once. ``co2_g`` is None where nobody told the grid's mix."""

    price: Decimal
    co2_g: float | None
    ends_at: datetime


def of_plan(*, charge_point: ChargePoint, snapshot: Snapshot, plan: Plan, key: str, now: datetime) -> AtOnce:
    """Instead of a session's plan: its battery as full in the end, as soon as charger and car can."""
    problem, session, planned = snapshot.problem, reading.session_of(snapshot, key), plan.session(key)
    gained_wh = max(planned.energy_wh[session.last_slot - 1] - session.energy_wh, 0.0)
    until = slice(0, session.last_slot)
    filled = filling.fill(
        energy_wh=gained_wh / session.charge_efficiency,
        limits_w=_limits(session),
        hours=plan.slot_hours[until],
        ranks=filling.ranks(Mode.FAST, price=problem.import_price[until], surplus_w=(), co2=(), power_w=0.0),
    )
    power_w = (*filled.power_w, *(0.0 for _ in problem.slots[session.last_slot :]))
    slices = costs.planned_slices(starts=plan.slot_starts, hours=plan.slot_hours, power_w=power_w)
    _green, grams = greenness_of(problem=problem, plan=plan, key=key, power_w=power_w)
    return AtOnce(
        price=costs.cost_of(charge_point=charge_point, slices=slices, now=now).total,
        co2_g=grams,
        ends_at=plan.slot_starts[filled.last_slot] + timedelta(hours=filled.last_slot_hours),
    )


def _limits(session: Session) -> list[float]:
    return [session.max_charge_w if slot >= session.first_slot else 0.0 for slot in range(session.last_slot)]


def greenness_of(*, problem: Problem, plan: Plan, key: str, power_w: Sequence[float]) -> tuple[float, float | None]:
    """(green share from 0 to 1, grams of CO2) of a session that draws ``power_w`` beside the others of a plan.

    Its part of the own surplus is in proportion to what each vehicle draws. Grams are None without the grid's mix.
    """
    others = [sum(max(one.power_w[slot], 0.0) for one in plan.sessions if one.key != key) for slot in problem.slots]
    own = [
        fair_share(problem.production_w[slot] - problem.demand_w[slot], mine, others[slot])
        for slot, mine in enumerate(power_w)
    ]
    co2 = problem.co2_g_per_kwh or (None,) * len(problem.slots)
    green, grams = greenness.of_curve(power_w=power_w, own_w=own, hours=problem.slot_hours, co2_g_per_kwh=co2)
    return green, grams if problem.co2_g_per_kwh else None


def fair_share(surplus_w: float, mine_w: float, others_w: float) -> float:
    """What of an own surplus one of several vehicles uses."""
    drawn = max(mine_w, 0.0) + others_w
    return max(surplus_w, 0.0) * max(mine_w, 0.0) / drawn if drawn > _NOTHING_W else 0.0
