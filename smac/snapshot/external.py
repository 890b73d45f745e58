"""Limits from elsewhere, told by chargers, as limits on the sessions there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from chargepoints.domain.charging_profile import Stretch
from chargepoints.models import Evse
from chargepoints.selectors import external_limits
from smac.slots import Horizon
from smac.snapshot.sessions import Track


def limited(tracks: Sequence[Track], horizon: Horizon) -> list[Track]:
    """The tracks, with what a building or the grid leaves each; vehicles at one charger share its limit evenly."""
    rows = external_limits.in_force(track.charge_point_id for track in tracks)
    if not rows:
        return list(tracks)
    numbers = dict(Evse.objects.filter(pk__in=[track.evse_id for track in tracks]).values_list("pk", "number"))
    sharing = Counter(track.charge_point_id for track in tracks)
    found = []
    for track in tracks:
        limits = external_limits.left_to(
            numbers[track.evse_id],
            rows.get(track.charge_point_id, []),
            start=horizon.starts[0],
            end=horizon.end,
            shared_by=sharing[track.charge_point_id],
        )
        found.append(replace(track, session=replace(track.session, limit_w=_by_slot(limits, track, horizon))))
    return found


def _by_slot(limits: Sequence[Stretch], track: Track, horizon: Horizon) -> tuple[float, ...] | None:
    """The least limit that holds at any moment of each slot; None where none does."""
    if all(one.limit_w is None for one in limits):
        return None
    first, most = horizon.starts[0], track.session.max_charge_w
    return tuple(
        _least_within(limits, start - first, horizon.ends_of(slot) - first, most)
        for slot, start in enumerate(horizon.starts)
    )


def _least_within(limits: Sequence[Stretch], start: timedelta, end: timedelta, most_w: float) -> float:
    begun = [one for one in limits if one.start_s <= start.total_seconds()][-1:]
    within = [one for one in limits if start.total_seconds() < one.start_s < end.total_seconds()]
    said = [one.limit_w for one in (*begun, *within) if one.limit_w is not None]
    return max(min([most_w, *said]), 0.0)
