"""Offers to drivers, as the console shows them: counts and sums, never a driver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints.models import ChargePoint
from gridops.access import charge_points_of
from gridops.campaign_forms import zone_of
from smac.models import Campaign
from smac.services.campaigns import uptake
from smac.services.campaigns.uptake import Uptake


class Phase(models.TextChoices):
    """Where an offer stands in time."""

    UPCOMING = "upcoming", _("Upcoming")
    ACTIVE = "active", _("Active")
    COUNTING = "counting", _("Meters are read")
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", _("Withdrawn")


LOOKS = {
    Phase.UPCOMING: ("reserved", "clock"),
    Phase.ACTIVE: ("charging", "bolt"),
    Phase.COUNTING: ("neutral", "gauge"),
    Phase.SETTLED: ("finished", "check"),
    Phase.WITHDRAWN: ("offline", "close"),
}


@dataclass(frozen=True)
class CampaignRow:
    """An offer with its sums; ``zone``: whose clocks its window follows."""

    campaign: Campaign
    points: list[ChargePoint]
    phase: Phase
    uptake: Uptake

    @property
    def zone(self) -> str:
        return zone_of(self.points)

    @property
    def look(self) -> tuple[str, str]:
        return LOOKS[self.phase]

    @property
    def is_open(self) -> bool:
        """Whether it can still be withdrawn."""
        return self.phase in (Phase.UPCOMING, Phase.ACTIVE)

    @property
    def is_settled(self) -> bool:
        return self.campaign.settled_at is not None

    @property
    def promised_percent(self) -> float:
        """How much of the wanted change is promised, in the quarter hour with the most."""
        return min(self.uptake.promised_w / self.campaign.wanted_w * 100, 100.0)

    @property
    def committed_percent(self) -> float:
        return float(self.uptake.committed / self.campaign.budget * 100)

    @property
    def left(self) -> Decimal:
        """What of the budget nobody is promised."""
        return self.campaign.budget - self.uptake.committed

    @property
    def delivered_percent(self) -> float:
        """How much of what was promised the meters show."""
        promised = self.uptake.promised_wh
        return self.uptake.delivered_wh / promised * 100 if promised else 0.0

    @property
    def places(self) -> list[str]:
        """Where the charge points are; of a private one the town alone."""
        found = (point.supply_point.location for point in self.points)
        return list(dict.fromkeys(place.city or (place.name if place.is_public else "") for place in found if place))


def campaigns_of(user: Any) -> QuerySet[Campaign]:
    """The offers all of whose charge points are in the user's groups: the sums of one tell of all."""
    own = charge_points_of(user).values("pk")
    foreign = ChargePoint.objects.exclude(pk__in=own).values("pk")
    return Campaign.objects.filter(charge_points__in=own).exclude(charge_points__in=foreign).distinct()


def rows(found: Iterable[Campaign], now: datetime) -> list[CampaignRow]:
    """The offers with their sums."""
    found = list(found)
    models.prefetch_related_objects(found, "charge_points__supply_point__location", "participations")
    return [
        CampaignRow(
            campaign,
            list(campaign.charge_points.all()),
            phase_of(campaign, now),
            uptake.of(campaign, list(campaign.participations.all())),
        )
        for campaign in found
    ]


def phase_of(campaign: Campaign, now: datetime) -> Phase:
    """Where an offer stands at ``now``."""
    if campaign.withdrawn_at:
        return Phase.WITHDRAWN
    if campaign.settled_at:
        return Phase.SETTLED
    if campaign.ends_at <= now:
        return Phase.COUNTING
    return Phase.ACTIVE if campaign.starts_at <= now else Phase.UPCOMING
