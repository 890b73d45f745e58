"""What drivers promised under a grid operator's offers, as wishes on their sessions: they come after every target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from smac.models import Campaign, ChargingNeed, Participation
from smac.optimisation.problem import Order, Scope
from smac.slots import SLOT, Horizon
from smac.snapshot.sessions import key_of

PREFIX = "offer:"


def offers_for(needs: Iterable[ChargingNeed], horizon: Horizon) -> tuple[Order, ...]:
    """The promises of these sessions in offers that hold."""
    running = [need.pk for need in needs if need.status == ChargingNeed.Status.RUNNING]
    if not running:
        return ()
    rows = Participation.objects.filter(
        need__in=running,
        state=Participation.State.IN,
        campaign__withdrawn_at=None,
        campaign__ends_at__gt=horizon.starts[0],
        campaign__starts_at__lt=horizon.end,
    )
    found: list[Order] = []
    for row in rows.select_related("campaign", "need").order_by("pk"):
        if row.need is not None and row.starts_at is not None:
            found += orders_of(
                key=f"{PREFIX}{row.pk}",
                session_key=key_of(row.need),
                direction=row.campaign.direction,
                starts_at=row.starts_at,
                power_w=row.promised_w,
                horizon=horizon,
            )
    return tuple(found)


def orders_of(
    *, key: str, session_key: str, direction: str, starts_at: datetime, power_w: Sequence[float], horizon: Horizon
) -> list[Order]:
    """At most (or at least) so much power in each quarter hour from `starts_at` on, equal neighbours as one."""
    found: list[Order] = []
    for number, (first, last, watts) in enumerate(_stretches(starts_at, power_w, horizon)):
        is_least = direction == Campaign.Direction.MORE
        found.append(
            Order(
                key=f"{key}:{number}",
                first_slot=first,
                last_slot=last,
                limit_w=None if is_least else watts,
                least_w=watts if is_least else None,
                session_keys=(session_key,),
                scope=Scope.EACH,
                mandatory=False,
            )
        )
    return found


def _stretches(starts_at: datetime, power_w: Sequence[float], horizon: Horizon) -> list[tuple[int, int, float]]:
    """(first slot, slot after the last, W)."""
    found: list[tuple[int, int, float]] = []
    for number, watts in enumerate(power_w):
        start = starts_at + number * SLOT
        if start + SLOT <= horizon.starts[0] or start >= horizon.end:
            continue
        first, last = horizon.touched_from(start), horizon.touched_until(start + SLOT)
        if found and found[-1][1] == first and found[-1][2] == watts:
            found[-1] = (found[-1][0], last, watts)
        else:
            found.append((first, last, float(watts)))
    return found
