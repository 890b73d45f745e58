"""What a session costs, by the one price function of quote, running cost and receipt."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from chargepoints.domain.tariff import CostBreakdown
from drivers.models import ChargeSession
from drivers.services import limits
from smac.services import costs, footprints
from smac.services.footprints import Footprint


def cost_of(*, session: ChargeSession, now: datetime) -> CostBreakdown | None:
    """The cost until now, with a penalty that runs; None before the charger began.

    Once the vehicle is gone it is what was kept then, whatever price is told later.
    """
    row = session.transaction
    if row is None:
        return None
    cost = costs.session_cost(transaction=row, now=now, overdue_minutes=overdue_minutes(session=session, now=now))
    if session.picked_up_at is None or not row.cost_components:
        return cost
    kept = {name: Decimal(amount) for name, amount in row.cost_components.items()}
    return replace(
        cost,
        energy=kept["energy"],
        session_fee=kept["session_fee"],
        export_credit=kept["export_credit"],
        penalty=kept["penalty"],
    )


def overdue_minutes(*, session: ChargeSession, now: datetime) -> int:
    """Begun minutes that the vehicle stood, or stands, beyond its time."""
    return limits.overdue_minutes(pick_up_by=session.pick_up_by, until=session.picked_up_at or now)


def settle(*, session: ChargeSession, now: datetime) -> None:
    """Keeps the final cost with the transaction, and how green it was with the session."""
    if session.transaction is None:
        return
    costs.settle(transaction=session.transaction, now=now, overdue_minutes=overdue_minutes(session=session, now=now))
    found = footprints.of_transaction(transaction=session.transaction, max_charge_w=session.need.max_charge_w, now=now)
    session.footprint = _kept(found) if found else {}
    session.save(update_fields=["footprint"])


def _kept(found: Footprint) -> dict[str, Any]:
    return {
        "green_share": round(found.green_share, 3),
        "co2_g": None if found.co2_g is None else round(found.co2_g),
        "at_once_co2_g": None if found.at_once_co2_g is None else round(found.at_once_co2_g),
        "at_once_price": str(found.at_once_price),
    }
