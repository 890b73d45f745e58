"""The grid operator's order that is under way in the demo."""

from __future__ import annotations

from datetime import datetime, timedelta

from chargepoints.models import ChargePoint
from smac.models import FlexOrder
from smac.services import limits
from twinev.identity.models import User

ORDERED_BY = "dso1"
GROUP = "Steinheim town"
MAX_POWER_W = 7_000
FLOOR_W = 4_200  # §14a EnWG: what a controllable consumer keeps at least
MOST_AC_W = 22_000
LASTS = timedelta(hours=3)
REASON = "Transformer Steinheim at its limit"


def ensure(*, now: datetime) -> FlexOrder | None:
    """Give an order on the town's charge points if none is under way."""
    running = FlexOrder.objects.filter(withdrawn_at=None, starts_at__lte=now, ends_at__gt=now)
    if running.exists():
        return None
    return limits.create_order(
        ordered_by=User.objects.get(username=ORDERED_BY),
        charge_points=_ac_points(),
        scope=FlexOrder.Scope.EACH,
        max_power_w=MAX_POWER_W,
        floor_w=FLOOR_W,
        reason=REASON,
        starts_at=now,
        ends_at=now + LASTS,
        now=now,
    )


def _ac_points() -> list[ChargePoint]:
    """The town's AC points: a fast charger's guests have no time to give."""
    town = ChargePoint.objects.filter(groups__name=GROUP)
    return list(town.exclude(evses__max_power_w__gt=MOST_AC_W).distinct())
