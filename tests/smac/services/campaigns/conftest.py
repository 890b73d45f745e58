"""A street with one charger, a session that runs, and an offer that begins an hour later."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from chargepoints.models import ChargePoint, Transaction
from smac.models import Campaign, ChargingNeed, Participation, Series
from smac.services import planning
from smac.services.campaigns import announcing, answering
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

START, END = NOW + HOUR, NOW + 2 * HOUR


def campaign(*points: ChargePoint, now: datetime = NOW, **values: Any) -> Campaign:
    """5 kW less from 13 to 14 o'clock for 0.50 EUR a kilowatt-hour, of at most 10 EUR."""
    usual = {
        "direction": "less",
        "wanted_w": 5_000,
        "incentive_per_kwh": Decimal("0.50"),
        "budget": Decimal("10.00"),
        "starts_at": START,
        "ends_at": END,
    }
    by = values.pop("created_by", None) or factories.grid_operator()
    return announcing.announce(created_by=by, charge_points=points, now=now, **{**usual, **values})


def session(*, hours: float = 4, target: float = 45.3, **values: Any) -> tuple[ChargingNeed, Transaction]:
    """A cheap session of 11 kW: 11 kWh from the socket within four hours, cheapest in the hour of the offer."""
    if not Series.objects.exists():
        world.prices((NOW - HOUR, 0.30), (START, 0.10), (END, 0.20))
    evse = values.pop("evse", None) or factories.evse()
    usual = {"mode": "cheap", "target_soc_percent": target, "departure_at": NOW + hours * HOUR}
    return world.running(evse, **{**usual, **values})


def joined(need: ChargingNeed, *, now: datetime = NOW, **values: Any) -> Participation:
    """The session's driver takes part in an offer for its charge point."""
    offer = campaign(need.evse.charge_point, **values)
    return answering.opt_in(campaign=offer, driver=need.driver, now=now)


def planned_w(need: ChargingNeed, at: datetime, *, now: datetime = NOW) -> float:
    """What the newest plan gives the session at a moment."""
    run = planning.run(supply_point_id=need.evse.charge_point.supply_point_id, now=now)
    assert run is not None
    curve = run.curves.get(need=need)
    starts = [datetime.fromisoformat(text) for text in run.slot_starts]
    return dict(zip(starts, curve.power_w, strict=True))[at]


def unmet_wh(need: ChargingNeed) -> float:
    return need.curves.order_by("-pk")[0].unmet_wh


def metered(row: Transaction, *powers_w: float, start: datetime = NOW) -> None:
    """Readings each quarter hour that tell these mean powers."""
    readings, wh = [(start, 0.0)], 0.0
    for number, watts in enumerate(powers_w, start=1):
        wh += watts / 4
        readings.append((start + number * QUARTER, wh))
    world.meter(row, *readings)
