"""One supply point at one moment: its sessions, orders, limits and curves put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chargepoints.models import SupplyPoint
from smac import selectors
from smac.models import ChargingNeed, FlexOrder
from smac.optimisation.problem import Problem, Session
from smac.slots import Horizon
from smac.snapshot import external, sessions, supply
from smac.snapshot.orders import orders_for

# Slots are cut at the minute before a moment: an order's last minute is not to be cut off.
_PAST_THE_MINUTE = timedelta(seconds=59)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The question for one supply point, with the rows that its keys stand for.

    `assumed` names the series that nobody has told and that were assumed.
    """

    supply_point: SupplyPoint
    horizon: Horizon
    problem: Problem
    needs: dict[str, ChargingNeed]
    assumed: tuple[str, ...] = ()


def take(
    *,
    supply_point_id: int,
    now: datetime,
    extra_sessions: Sequence[sessions.Wish] = (),
    extra_orders: Sequence[FlexOrder] = (),
    extra_order_charge_points: Sequence[int] = (),
    without_orders: Sequence[int] = (),
) -> Snapshot:
    """The problem of a supply point at `now`. The extras are for previews: they are not in the database.

    An extra session takes the place of what is announced or running at its EVSE.

    Raises SupplyPoint.DoesNotExist.
    """
    point = SupplyPoint.objects.select_related("location").get(pk=supply_point_id)
    found = selectors.open_needs(supply_point_ids=[point.pk], now=now)
    needs = [need for need in found if not any(wish.replaces(need) for wish in extra_sessions)]
    whole = Horizon.at(now)
    stored = selectors.orders_at(supply_point_id=point.pk, start=now, end=whole.end).exclude(pk__in=without_orders)
    horizon = whole.cut(_edges([*needs, *extra_sessions], [*stored, *extra_orders], now))
    tracks = [sessions.track_of(need, horizon) for need in needs]
    tracks += [sessions.track_of_wish(wish, horizon) for wish in extra_sessions]
    tracks = external.limited([one for one in tracks if one.session.last_slot > one.session.first_slot], horizon)
    orders = orders_for(
        supply_point_id=point.pk,
        stored=stored,
        extra=[(order, extra_order_charge_points) for order in extra_orders],
        tracks=tracks,
        horizon=horizon,
    )
    frame, assumed = supply.frame(point, horizon, now)
    problem = replace(frame, sessions=tuple(track.session for track in tracks), orders=orders)
    return Snapshot(point, horizon, problem, _by_key(needs, tracks), assumed)


def _edges(
    wishes: Sequence[ChargingNeed | sessions.Wish], orders: Sequence[FlexOrder], now: datetime
) -> list[datetime]:
    """When cars leave and orders begin and end."""
    leaving = [sessions.departure(wish.departure_at, now) for wish in wishes]
    return leaving + [moment for order in orders for moment in (order.starts_at, order.ends_at + _PAST_THE_MINUTE)]


def _by_key(needs: Sequence[ChargingNeed], tracks: Sequence[sessions.Track]) -> dict[str, ChargingNeed]:
    found = {sessions.key_of(need): need for need in needs}
    return {track.session.key: found[track.session.key] for track in tracks if track.session.key in found}


def session_of(snapshot: Snapshot, key: str) -> Session:
    """The session with this key. Raises KeyError."""
    for session in snapshot.problem.sessions:
        if session.key == key:
            return session
    raise KeyError(key)
