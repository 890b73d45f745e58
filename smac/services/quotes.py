"""What a session would cost and bring: solved for one charge point, estimated for many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from chargepoints.domain.tariff import CostBreakdown
from chargepoints.models import Evse
from smac import records
from smac.optimisation.plan import Plan
from smac.optimisation.problem import Mode
from smac.services import at_once, costs, planning
from smac.services.at_once import AtOnce
from smac.services.ranking import Ask, Estimate, quick_rank
from smac.snapshot import reading
from smac.snapshot.reading import Snapshot
from smac.snapshot.sessions import Wish

KEY = "quote"
_NOTHING_W = 1.0


@dataclass(frozen=True, slots=True)
class Quote:
    """The promise before the start. Curves have one value a slot, from now to the departure.

    `green_share` from 0 to 1; `co2_g` is None where nobody told the grid's mix; `unmet_wh` is what the wanted charge
    misses; `reason` is what smac.words takes; `at_once` is what a charge as early as possible would be instead.
    """

    price: Decimal
    currency: str
    cost: CostBreakdown
    energy_wh: float
    starts_at: datetime | None
    ends_at: datetime
    soc_end: float
    unmet_wh: float
    green_share: float
    co2_g: float | None
    slot_starts: tuple[datetime, ...]
    slot_hours: tuple[float, ...]
    power_w: tuple[float, ...]
    soc_percent: tuple[float, ...]
    price_per_kwh: tuple[float, ...]
    reason: dict[str, Any]
    at_once: AtOnce

    @property
    def curve(self) -> list[tuple[datetime, float]]:
        """(slot start, power in W), negative while giving back."""
        return list(zip(self.slot_starts, self.power_w, strict=True))

    def as_json(self) -> dict[str, Any]:
        """The promise as it is kept with a session."""
        return {
            "price": str(self.price),
            "currency": self.currency,
            "energy_wh": round(self.energy_wh),
            "ends_at": self.ends_at.isoformat(),
            "soc_end": self.soc_end,
            "unmet_wh": round(self.unmet_wh),
            "green_share": round(self.green_share, 3),
            "co2_g": None if self.co2_g is None else round(self.co2_g),
            "at_once_co2_g": None if self.at_once.co2_g is None else round(self.at_once.co2_g),
            "at_once_price": str(self.at_once.price),
            "reason": self.reason,
        }


def quote(
    *,
    evse: Evse,
    mode: str,
    battery_capacity_wh: float,
    soc_percent: float,
    target_soc_percent: float,
    departure_at: datetime,
    now: datetime,
    driver: Any = None,
    max_charge_w: float = 0.0,
    min_charge_w: float = 0.0,
    max_discharge_w: float = 0.0,
    v2g_allowed: bool = False,
    floor_soc_percent: float = 20.0,
) -> Quote:
    """What the optimiser would do with this wish now, beside everybody who is there. Nothing is stored.

    What is announced or running at this EVSE already is not counted beside it, nor what `driver` announced nearby.
    """
    wish = Wish(
        key=KEY,
        evse=evse,
        mode=Mode(mode),
        battery_capacity_wh=battery_capacity_wh,
        soc_percent=soc_percent,
        target_soc_percent=target_soc_percent,
        departure_at=departure_at,
        max_charge_w=max_charge_w,
        min_charge_w=min_charge_w,
        max_discharge_w=max_discharge_w,
        v2g_allowed=v2g_allowed,
        floor_soc_percent=floor_soc_percent,
        driver_id=driver.pk if driver else None,
    )
    snapshot, plan = planning.preview(supply_point_id=evse.charge_point.supply_point_id, now=now, extra_sessions=[wish])
    return _quote(snapshot, plan, evse, now)


def _quote(snapshot: Snapshot, plan: Plan, evse: Evse, now: datetime) -> Quote:
    planned = plan.session(KEY)
    session = reading.session_of(snapshot, KEY)
    starts, hours = plan.slot_starts, plan.slot_hours
    slices = costs.planned_slices(starts=starts, hours=hours, power_w=planned.power_w)
    cost = costs.cost_of(charge_point=evse.charge_point, slices=slices, now=now)
    green, grams = at_once.greenness_of(problem=snapshot.problem, plan=plan, key=KEY, power_w=planned.power_w)
    active = [slot for slot, power in enumerate(planned.power_w) if abs(power) > _NOTHING_W]
    until = slice(0, session.last_slot)
    return Quote(
        price=cost.total,
        currency=cost.currency,
        cost=cost,
        energy_wh=cost.energy_wh - cost.export_wh,
        starts_at=starts[active[0]] if active else None,
        ends_at=snapshot.horizon.ends_of(active[-1]) if active else now,
        soc_end=round(planned.energy_wh[session.last_slot - 1] / session.capacity_wh * 100, 1),
        unmet_wh=planned.unmet_wh,
        green_share=green,
        co2_g=grams,
        slot_starts=starts[until],
        slot_hours=hours[until],
        power_w=planned.power_w[until],
        soc_percent=tuple(round(energy / session.capacity_wh * 100, 1) for energy in planned.energy_wh[until]),
        price_per_kwh=snapshot.problem.import_price[until],
        reason=records.reason_data(snapshot, plan, planned),
        at_once=at_once.of_plan(charge_point=evse.charge_point, snapshot=snapshot, plan=plan, key=KEY, now=now),
    )


__all__ = ["Ask", "Estimate", "Quote", "quick_rank", "quote"]
