"""An offer begins, and may be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chargepoints import realtime
from chargepoints.domain.errors import Refused
from chargepoints.events import announce as send
from chargepoints.models import ChargePoint
from smac import events
from smac.models import Campaign
from smac.services.campaigns import planned_again
from smac.slots import SLOT, floor

TOPIC = "orders"
_LONGEST = timedelta(hours=24)
_FARTHEST = timedelta(days=14)


@transaction.atomic
def announce(
    *,
    created_by: Any,
    charge_points: Sequence[ChargePoint],
    direction: str,
    wanted_w: int,
    incentive_per_kwh: Decimal,
    budget: Decimal,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    message: str = "",
) -> Campaign:
    """Save an offer and have its drivers told. The window is whole quarter hours. Raises Refused."""
    campaign = Campaign(
        created_by=created_by,
        direction=direction,
        wanted_w=wanted_w,
        incentive_per_kwh=incentive_per_kwh,
        budget=budget,
        message=message,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
    )
    check(campaign, charge_points, now)
    campaign.save()
    campaign.charge_points.set(charge_points)
    tell(campaign)
    return campaign


def check(campaign: Campaign, charge_points: Sequence[ChargePoint], now: datetime) -> None:
    """Raises Refused with what is wrong with an offer."""
    if not charge_points:
        raise Refused(_("Choose at least one group with charge points."))
    if campaign.direction not in Campaign.Direction.values:
        raise Refused(_("Choose whether less or more power is wanted."))
    if campaign.wanted_w <= 0 or campaign.incentive_per_kwh <= 0 or campaign.budget <= 0:
        raise Refused(_("Power, incentive and budget must be above zero."))
    if floor(campaign.starts_at) != campaign.starts_at or floor(campaign.ends_at) != campaign.ends_at:
        raise Refused(_("An offer begins and ends with a quarter of an hour."))
    if campaign.ends_at <= campaign.starts_at:
        raise Refused(_("The end must be after the start."))
    if campaign.ends_at <= floor(now) + SLOT:
        raise Refused(_("The end must be in the future."))
    if campaign.starts_at < floor(now):
        raise Refused(_("The start must not be in the past."))
    if campaign.ends_at - campaign.starts_at > _LONGEST or campaign.starts_at > now + _FARTHEST:
        raise Refused(_("An offer lasts 24 hours at most and begins within 14 days."))


@transaction.atomic
def withdraw(*, campaign: Campaign, now: datetime) -> Campaign:
    """Take back an offer that has not ended; what was delivered until now is still paid. Raises Refused."""
    still = Campaign.objects.filter(pk=campaign.pk, withdrawn_at=None, ends_at__gt=now)
    if not still.update(withdrawn_at=now):
        raise Refused(_("This offer has ended or was withdrawn already."))
    campaign.withdrawn_at = now
    planned_again.request_for(campaign, reason="offer withdrawn", now=now)
    tell(campaign)
    return campaign


def tell(campaign: Campaign) -> None:
    """News of an offer: to the apps above, and to the pages that show it."""
    send(events.campaign_changed, campaign_id=campaign.pk)
    realtime.nudge(TOPIC)
