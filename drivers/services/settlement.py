"""What a session costs, by the one price function of quote, running cost and receipt."""

from datetime import datetime

from chargepoints.domain.tariff import CostBreakdown
from drivers.models import ChargeSession
from drivers.services import limits
from smac.services import costs


def cost_of(*, session: ChargeSession, now: datetime) -> CostBreakdown | None:
    """The cost until now, with a penalty that runs; None before the charger began."""
    if session.transaction is None:
        return None
    return costs.session_cost(
        transaction=session.transaction, now=now, overdue_minutes=overdue_minutes(session=session, now=now)
    )


def overdue_minutes(*, session: ChargeSession, now: datetime) -> int:
    """Begun minutes that the vehicle stood, or stands, beyond its time."""
    return limits.overdue_minutes(pick_up_by=session.pick_up_by, until=session.picked_up_at or now)


def settle(*, session: ChargeSession, now: datetime) -> None:
    """Keeps the final cost with the transaction."""
    if session.transaction is not None:
        costs.settle(
            transaction=session.transaction, now=now, overdue_minutes=overdue_minutes(session=session, now=now)
        )
