"""Limits that a building's energy manager or the grid set in a charger, told by the charger."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chargepoints.domain import charging_profile as stacking
from chargepoints.domain.charging_profile import Profile, Session, Stretch
from chargepoints.domain.intents import Period
from chargepoints.models import Evse, ExternalLimit


def in_force(charge_point_ids: Iterable[int]) -> dict[int, list[ExternalLimit]]:
    """The limits that were not cleared, by charge point."""
    rows = ExternalLimit.objects.filter(charge_point_id__in=set(charge_point_ids), cleared_at=None)
    found: dict[int, list[ExternalLimit]] = {}
    for row in rows.select_related("evse"):
        if row.periods:
            found.setdefault(row.charge_point_id, []).append(row)
    return found


def as_profile(row: ExternalLimit) -> Profile:
    """A limit from elsewhere as a profile of its charger."""
    return Profile(
        purpose=stacking.EXTERNAL,
        periods=tuple(Period(int(start_s), limit_w) for start_s, limit_w in row.periods),
        starts_at=row.starts_at,
        evse_number=row.evse.number if row.evse else 0,
    )


def external_limit(*, evse: Evse, start: datetime, end: datetime, shared_by: int = 1) -> tuple[Stretch, ...]:
    """What limits from elsewhere leave an EVSE between two moments: stretches from ``start`` on, None: no limit.

    A limit of the whole charger is divided among ``shared_by`` sessions. Of several limits the least holds.
    """
    rows = in_force([evse.charge_point_id]).get(evse.charge_point_id, [])
    return left_to(evse.number, rows, start=start, end=end, shared_by=shared_by)


def left_to(
    evse_number: int, rows: Iterable[ExternalLimit], *, start: datetime, end: datetime, shared_by: int = 1
) -> tuple[Stretch, ...]:
    """The same from rows that were read already."""
    duration_s, session = int((end - start).total_seconds()), Session(evse_number)
    each = [
        stacking.composite([_shared(as_profile(row), shared_by)], session, at=start, duration_s=duration_s)
        for row in rows
    ]
    moments = sorted({0, *(one.start_s for stretches in each for one in stretches)})
    return tuple(Stretch(moment, _least(each, moment)) for moment in moments)


def _shared(profile: Profile, shared_by: int) -> Profile:
    if not profile.is_shared or shared_by <= 1:
        return profile
    periods = tuple(replace(period, limit_w=period.limit_w / shared_by) for period in profile.periods)
    return replace(profile, periods=periods)


def _least(each: Iterable[tuple[Stretch, ...]], moment_s: int) -> float | None:
    limits = [[one.limit_w for one in stretches if one.start_s <= moment_s][-1] for stretches in each]
    return min((limit for limit in limits if limit is not None), default=None)
