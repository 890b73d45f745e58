"""After the window: what the meters say against the baselines, and what is paid for it. Once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Least

from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT
from chargepoints.domain.quarters import by_quarter
from chargepoints.models import Transaction
from chargepoints.services import registers
from smac.models import Campaign, Participation
from smac.services.campaigns import shifting
from smac.services.campaigns.announcing import tell
from smac.slots import SLOT

# Chargers tell their meter every quarter of an hour at the latest, and may have lost their link for a moment.
GRACE = timedelta(minutes=20)
State = Participation.State


def settle_due(*, now: datetime) -> int:
    """Settle every offer whose window, or what a withdrawal left of it, is over for a while; how many."""
    ended = Campaign.objects.filter(settled_at=None).annotate(
        over_at=Least("ends_at", Coalesce("withdrawn_at", F("ends_at")))
    )
    return sum(settle(campaign=campaign, now=now) for campaign in ended.filter(over_at__lte=now - GRACE))


@transaction.atomic
def settle(*, campaign: Campaign, now: datetime) -> bool:
    """Count what was delivered and keep what is paid; whether it was this call that did. A second one pays nothing."""
    if not Campaign.objects.filter(pk=campaign.pk, settled_at=None).update(settled_at=now):
        return False
    campaign.settled_at = now
    rows = campaign.participations.select_for_update(of=("self",)).filter(state=State.IN)
    for row in rows.select_related("need__transaction__evse"):
        _settle(campaign, row, now)
    tell(campaign)
    return True


def _settle(campaign: Campaign, row: Participation, now: datetime) -> None:
    running = row.need.transaction if row.need else None
    row.measured_w = _measured_w(campaign, row, running) if running else []
    row.delivered_wh = min(
        shifting.delivered_wh(
            row.baseline_w, row.promised_w, row.measured_w, is_less=campaign.direction == Campaign.Direction.LESS
        ),
        row.promised_wh,
    )
    row.incentive = min(shifting.incentive(row.delivered_wh, campaign.incentive_per_kwh), row.committed)
    row.state, row.settled_at = State.SETTLED, now
    row.save(update_fields=["measured_w", "delivered_wh", "incentive", "state", "settled_at"])


def _measured_w(campaign: Campaign, row: Participation, running: Transaction) -> list[float | None]:
    """Mean power by quarter hour; None for one that the meter does not cover, or in which the session was not there."""
    if row.starts_at is None:
        return []
    until = min(campaign.withdrawn_at or campaign.ends_at, running.ended_at or campaign.ends_at)
    starts = [row.starts_at + number * SLOT for number in range(len(row.baseline_w))]
    drawn = registers.register(running, ENERGY_IMPORT)
    given = registers.register(running, ENERGY_EXPORT)
    energies, back = dict(by_quarter(drawn)), dict(by_quarter(given))
    return [
        (energies.get(start, 0.0) - back.get(start, 0.0)) / shifting.HOURS if _is_known(start, until, drawn) else None
        for start in starts
    ]


def _is_known(start: datetime, until: datetime, readings: Sequence[tuple[datetime, float]]) -> bool:
    """Whether readings bound the quarter on both sides, and it was over before the session or the offer was."""
    return bool(readings) and readings[0][0] <= start and readings[-1][0] >= start + SLOT and start + SLOT <= until
