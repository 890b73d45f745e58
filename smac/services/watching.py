"""Whether a session goes as planned."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from chargepoints.models import Transaction
from smac import selectors
from smac.models import ChargingNeed, PlannedCurve, PlanningState
from smac.services.requests import request
from smac.snapshot.charge import Charge, charge_of

# Meter values come every few seconds; a plan that was just made gets some time to show its effect.
PATIENCE = timedelta(minutes=2)
REASON = "battery off plan"


def look(*, transaction: Transaction, now: datetime) -> bool:
    """Ask for a new plan when the battery is not where the plan has it; whether it was asked for.

    A charge that cannot have come about since the plan (the car tells it for the first time, or another one) counts at
    once. What flows otherwise than planned gets a little time.
    """
    need = ChargingNeed.objects.filter(transaction=transaction, status=ChargingNeed.Status.RUNNING).first()
    curve = selectors.latest_curve(need=need) if need else None
    expected = soc_at(curve, now) if curve else None
    if need is None or curve is None or expected is None:
        return False
    need.transaction = transaction
    charge = charge_of(need)
    off = abs(expected - charge.percent_of(need.battery_capacity_wh))
    if off <= settings.SMAC_SOC_TOLERANCE_PERCENT:
        return False
    supply_point_id = transaction.charge_point.supply_point_id
    if not _is_news(curve, charge, off, now) and _just_planned(supply_point_id, now):
        return False
    request(supply_point_id=supply_point_id, reason=REASON, now=now)
    return True


def _is_news(curve: PlannedCurve, charge: Charge, off_percent: float, now: datetime) -> bool:
    """Whether the battery is further from its plan than anything that flowed since could have brought it."""
    if curve.soc_origin != charge.origin:
        return True
    need = curve.need
    hours = max((now - curve.run.made_at) / timedelta(hours=1), 0.0)
    flowed = max(need.max_charge_w, need.max_discharge_w) * hours / (need.battery_capacity_wh or 1) * 100
    return off_percent > settings.SMAC_SOC_TOLERANCE_PERCENT + flowed


def _just_planned(supply_point_id: int, now: datetime) -> bool:
    return PlanningState.objects.filter(supply_point_id=supply_point_id, planned_at__gt=now - PATIENCE).exists()


def expected_soc_percent(need: ChargingNeed, now: datetime) -> float | None:
    """Where the newest plan has the battery at `now`, between slots in proportion to time; None without a plan."""
    curve = selectors.latest_curve(need=need)
    return None if curve is None else soc_at(curve, now)


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
    """What the first slot adds, in per cent: its power over its length; below zero when it gives back."""
    hours, need, power_w = (starts[1] - starts[0]) / timedelta(hours=1), curve.need, float(curve.power_w[0])
    stored_w = power_w * need.charge_efficiency if power_w > 0 else power_w / need.discharge_efficiency
    return stored_w * hours / need.battery_capacity_wh * 100 if need.battery_capacity_wh else 0.0
