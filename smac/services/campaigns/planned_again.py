"""New plans for the sessions that an answer to an offer changes."""

from __future__ import annotations

from datetime import datetime

from smac.models import Campaign, ChargingNeed, Participation
from smac.services.requests import request


def request_one(need: ChargingNeed, *, reason: str, now: datetime) -> None:
    """Plan one session's supply point again."""
    request(supply_point_id=need.evse.charge_point.supply_point_id, reason=reason, now=now)


def request_for(campaign: Campaign, *, reason: str, now: datetime) -> None:
    """Plan again wherever somebody takes part with a session."""
    rows = campaign.participations.filter(state=Participation.State.IN, need__isnull=False)
    ids = rows.values_list("need__evse__charge_point__supply_point_id", flat=True)
    for supply_point_id in sorted({pk for pk in ids if pk is not None}):
        request(supply_point_id=supply_point_id, reason=reason, now=now)
