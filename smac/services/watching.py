"""Whether a session goes as planned."""

from __future__ import annotations

from datetime import datetime, timedelta

from chargepoints.models import Transaction
from smac import selectors
from smac.models import ChargingNeed, PlannedCurve, PlanningState
from smac.services.requests import request
from smac.snapshot.sessions import CHARGE_EFFICIENCY, energy_wh

# A battery may be this far from its plan before the plan is made anew (the next slot brings one anyway).
TOLERANCE_PERCENT = 3.0
# Meter values come every few seconds; a plan that was just made gets some time to show its effect.
PATIENCE = timedelta(minutes=2)


def look(*, transaction: Transaction, now: datetime) -> bool:
    """Ask for a new plan when the battery is not where the plan has it; whether it was asked for."""
    need = ChargingNeed.objects.filter(transaction=transaction, status=ChargingNeed.Status.RUNNING).first()
    if need is None or _just_planned(transaction.charge_point.supply_point_id, now):
        return False
    expected = expected_soc_percent(need, now)
    need.transaction = transaction
    actual = energy_wh(need) / need.battery_capacity_wh * 100
    if expected is None or abs(expected - actual) <= TOLERANCE_PERCENT:
        return False
    request(supply_point_id=transaction.charge_point.supply_point_id, reason="battery off plan", now=now)
    return True


def _just_planned(supply_point_id: int, now: datetime) -> bool:
    return PlanningState.objects.filter(supply_point_id=supply_point_id, planned_at__gt=now - PATIENCE).exists()


def expected_soc_percent(need: ChargingNeed, now: datetime) -> float | None:
    """Where the newest plan has the battery at `now`, between slots in proportion to time; None without a plan."""
    curve = selectors.latest_curve(need=need)
    if curve is None:
        return None
    return soc_at(curve, now)


def soc_at(curve: PlannedCurve, at: datetime) -> float | None:
    """The planned state of charge at a moment of the run's horizon."""
    starts = [datetime.fromisoformat(text) for text in curve.run.slot_starts]
    passed = [index for index, start in enumerate(starts) if start <= at]
    if not passed or passed[-1] + 1 >= len(starts):
        return None
    slot = passed[-1]
    after = curve.soc_percent[slot]
    before = curve.soc_percent[slot - 1] if slot else after - _gain(curve, starts)
    share = (at - starts[slot]) / (starts[slot + 1] - starts[slot])
    return float(before + (after - before) * share)


def _gain(curve: PlannedCurve, starts: list[datetime]) -> float:
    """What the first slot adds, in per cent: its power over its length."""
    hours = (starts[1] - starts[0]) / timedelta(hours=1)
    capacity = curve.need.battery_capacity_wh
    return float(curve.power_w[0]) * hours * CHARGE_EFFICIENCY / capacity * 100 if capacity else 0.0
