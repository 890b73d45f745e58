"""How an offer goes: who takes part, what is promised, committed and delivered; counts and sums, no names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from smac.models import Campaign, Participation
from smac.services.campaigns import shifting
from smac.slots import SLOT, quarters

_State = Participation.State
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Quarter:
    """All participants in one quarter hour, W. ``measured_w`` is None where nothing is proven (yet); then of
    ``proven_baseline_w`` there is none either: the baseline of those whose meters tell."""

    starts_at: datetime
    sessions: int
    baseline_w: float
    promised_w: float
    proven_baseline_w: float
    measured_w: float | None


@dataclass(frozen=True, slots=True)
class Uptake:
    """``taking_part`` said yes; ``joined`` of them have a session that is planned by the offer."""

    taking_part: int
    joined: int
    declined: int
    promised_w: float
    promised_wh: int
    committed: Decimal
    delivered_wh: int
    paid: Decimal


def live(campaign: Campaign) -> list[Participation]:
    """Those that take part, or took part until the end."""
    return list(campaign.participations.exclude(state=_State.OUT))


def of(campaign: Campaign, rows: Sequence[Participation] | None = None) -> Uptake:
    """The sums of an offer. ``rows``: its participations, where they were read."""
    rows = list(campaign.participations.all()) if rows is None else rows
    taking = [row for row in rows if row.state != _State.OUT]
    return Uptake(
        taking_part=len(taking),
        joined=sum(1 for row in taking if row.joined_at),
        declined=len(rows) - len(taking),
        promised_w=max((quarter_w for quarter_w in promised_shifts_w(campaign, taking)), default=0.0),
        promised_wh=sum(row.promised_wh for row in taking),
        committed=committed(taking),
        delivered_wh=sum(row.delivered_wh or 0 for row in taking),
        paid=sum((row.incentive or _NOTHING for row in taking), _NOTHING),
    )


def committed(rows: Sequence[Participation]) -> Decimal:
    """What the budget has to be kept for: what was promised, and once it is settled what is paid."""
    return sum((row.committed if row.incentive is None else row.incentive for row in rows), _NOTHING)


def promised_shifts_w(campaign: Campaign, rows: Sequence[Participation]) -> list[float]:
    """What participants promised together in each quarter hour of the window, W."""
    is_less = campaign.direction == Campaign.Direction.LESS
    total = [0.0] * len(quarters(campaign.starts_at, campaign.ends_at))
    for row in rows:
        first = _index(campaign, row)
        for number, shift in enumerate(shifting.shifts_w(row.baseline_w, row.promised_w, is_less=is_less)):
            total[first + number] += shift
    return total


def by_quarter(campaign: Campaign, rows: Sequence[Participation]) -> list[Quarter]:
    """All participants together in each quarter hour of the window."""
    return [_quarter(start, number, campaign, rows) for number, start in enumerate(_starts(campaign))]


def _quarter(start: datetime, number: int, campaign: Campaign, rows: Sequence[Participation]) -> Quarter:
    here = [(row, number - _index(campaign, row)) for row in rows]
    here = [(row, at) for row, at in here if 0 <= at < len(row.baseline_w)]
    shown = [(row.baseline_w[at], row.measured_w[at]) for row, at in here if at < len(row.measured_w)]
    known = [(base, measured) for base, measured in shown if measured is not None]
    return Quarter(
        starts_at=start,
        sessions=len(here),
        baseline_w=sum(row.baseline_w[at] for row, at in here),
        promised_w=sum(row.promised_w[at] for row, at in here),
        proven_baseline_w=sum(base for base, _ in known),
        measured_w=sum(measured for _, measured in known) if known else None,
    )


def _starts(campaign: Campaign) -> list[datetime]:
    return quarters(campaign.starts_at, campaign.ends_at)


def _index(campaign: Campaign, row: Participation) -> int:
    """The quarter of the window that a participation begins with."""
    return (row.starts_at - campaign.starts_at) // SLOT if row.starts_at else 0
