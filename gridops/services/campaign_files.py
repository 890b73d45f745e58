"""An offer drawn and as a file: all participants together, quarter hour by quarter hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gridops.campaigns import CampaignRow
from gridops.services import curves
from gridops.services.ledger.export import utc
from smac.models import Campaign
from smac.services.campaigns import shifting, uptake
from smac.services.campaigns.uptake import Quarter
from smac.slots import SLOT

_MOMENT = timedelta(seconds=1)
COLUMNS = (
    "slot_start",
    "slot_end",
    "local_start",
    "sessions",
    "baseline_wh",
    "promised_wh",
    "measured_wh",
    "proven_baseline_wh",
)


def chart(campaign: Campaign, *, now: datetime) -> dict[str, Any]:
    """What the participants' sessions would draw without the offer, what they promised, what the meters showed."""
    found = uptake.by_quarter(campaign, uptake.live(campaign))
    if not any(one.sessions for one in found):
        return curves.chart([], now=now)
    series = [
        curves.line("baseline", _("Without the offer"), [(one.starts_at, one.baseline_w) for one in found]),
        curves.line("plan", _("Promised"), [(one.starts_at, one.promised_w) for one in found]),
        curves.line("measured", _("Measured"), _held(found)),
    ]
    return curves.chart(series, now=now)


def _held(found: Sequence[Quarter]) -> list[tuple[datetime, float]]:
    """What meters showed, held through each quarter hour: these are means, and are not drawn as slopes."""
    shown = [(one.starts_at, one.measured_w) for one in found if one.measured_w is not None]
    return [(at, watts) for start, watts in shown for at in (start, start + SLOT - _MOMENT)]


def lines(row: CampaignRow) -> Iterator[tuple[Any, ...]]:
    """The rows of the file: the quarter hours, then what the offer was and what came of it."""
    yield COLUMNS
    zone = ZoneInfo(row.zone)
    for one in uptake.by_quarter(row.campaign, uptake.live(row.campaign)):
        yield (
            utc(one.starts_at),
            utc(one.starts_at + SLOT),
            one.starts_at.astimezone(zone).isoformat(timespec="seconds"),
            one.sessions,
            _wh(one.baseline_w),
            _wh(one.promised_w),
            None if one.measured_w is None else _wh(one.measured_w),
            None if one.measured_w is None else _wh(one.proven_baseline_w),
        )
    for name, value in _facts(row):
        yield (f"# {name}", value)


def _facts(row: CampaignRow) -> Iterator[tuple[str, Any]]:
    campaign, sums = row.campaign, row.uptake
    yield from (("offer", campaign.pk), ("direction", campaign.direction), ("wanted_w", campaign.wanted_w))
    yield from (("incentive_per_kwh", str(campaign.incentive_per_kwh)), ("currency", campaign.currency))
    yield from (("budget", str(campaign.budget)), ("committed", str(sums.committed)), ("paid", str(sums.paid)))
    yield from (("starts_at", utc(campaign.starts_at)), ("ends_at", utc(campaign.ends_at)))
    yield ("withdrawn_at", utc(campaign.withdrawn_at) if campaign.withdrawn_at else None)
    yield ("settled_at", utc(campaign.settled_at) if campaign.settled_at else None)
    yield from (("charge_points", len(row.points)), ("taking_part", sums.taking_part), ("joined", sums.joined))
    yield from (("declined", sums.declined), ("promised_wh", sums.promised_wh), ("delivered_wh", sums.delivered_wh))


def _wh(watts: float) -> int:
    return round(watts * shifting.HOURS)
