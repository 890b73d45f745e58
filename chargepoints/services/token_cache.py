"""What a charger remembers of cards by itself (1.6 5.4, 2.0.1 C10 to C12)."""

from datetime import datetime
from typing import Any

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands


def clear(*, charge_point: ChargePoint, now: datetime, requested_by: Any = None, reason: str = "") -> Command:
    """Let it forget what it learnt; its local list stays."""
    return commands.enqueue(
        charge_point=charge_point,
        intent=intents.ClearCache(),
        now=now,
        requested_by=requested_by,
        reason=reason,
        supersede_key="cache",
    )
