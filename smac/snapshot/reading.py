"""Supply points at one moment: their sessions, orders, limits and curves put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chargepoints.models import SupplyPoint
from smac import selectors
from smac.models import ChargingNeed, FlexOrder
from smac.optimisation.problem import Problem, Session
from smac.services.series import Reading
from smac.slots import Horizon
from smac.snapshot import charge, expected, external, offers, sessions, supply
from smac.snapshot.charge import Charge
from smac.snapshot.orders import concerned, orders_for
from smac.snapshot.supply import Substitute

# Slots are cut at the minute before a moment: an order's last minute is not to be cut off.
_PAST_THE_MINUTE = timedelta(seconds=59)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The question for one supply point, with the rows that its keys stand for.

    `substitutes` says what stands in for series that were not told, `charges` what each session's charge is from.
    """

    supply_point: SupplyPoint
    horizon: Horizon
    problem: Problem
    needs: dict[str, ChargingNeed]
    substitutes: tuple[Substitute, ...] = ()
    charges: Mapping[str, Charge] = field(default_factory=dict)

    @property
    def assumed(self) -> tuple[str, ...]:
        """The series of which nobody has told anything, not even of another day."""
        return tuple(one.kind for one in self.substitutes if one.is_nobodys)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was read of one supply point before there was a horizon."""

    point: SupplyPoint
    needs: list[ChargingNeed]
    wishes: list[sessions.Wish]
    orders: list[FlexOrder]


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
    (found,) = take_all(
        supply_point_ids=[supply_point_id],
        now=now,
        extra_sessions=extra_sessions,
        extra_orders=extra_orders,
        extra_order_charge_points=extra_order_charge_points,
        without_orders=without_orders,
    )
    return found


def take_all(
    *,
    supply_point_ids: Sequence[int],
    now: datetime,
    extra_sessions: Sequence[sessions.Wish] = (),
    extra_orders: Sequence[FlexOrder] = (),
    extra_order_charge_points: Sequence[int] = (),
    without_orders: Sequence[int] = (),
) -> list[Snapshot]:
    """The problems of several supply points on one common horizon, as they are planned together; extras as in `take`.

    Raises SupplyPoint.DoesNotExist when one of them does not exist.
    """
    read = [
        _rows(point, now, extra_sessions, without_orders, single=len(supply_point_ids) == 1)
        for point in _points(supply_point_ids)
    ]
    horizon = Horizon.at(now).cut(moment for rows in read for moment in _edges(rows, extra_orders, now))
    curves = supply.read_curves([rows.point for rows in read], horizon, now)
    extra = [(order, extra_order_charge_points) for order in extra_orders]
    return [_snapshot(rows, horizon, now, extra, curves[rows.point.pk]) for rows in read]


def _points(supply_point_ids: Sequence[int]) -> list[SupplyPoint]:
    found = SupplyPoint.objects.select_related("location").in_bulk(list(supply_point_ids))
    if missing := set(supply_point_ids) - set(found):
        raise SupplyPoint.DoesNotExist(f"no supply point {sorted(missing)}")
    return [found[pk] for pk in supply_point_ids]


def _rows(
    point: SupplyPoint,
    now: datetime,
    extra_sessions: Sequence[sessions.Wish],
    without_orders: Sequence[int],
    *,
    single: bool,
) -> _Rows:
    wishes = [wish for wish in extra_sessions if single or wish.evse.charge_point.supply_point_id == point.pk]
    found = selectors.open_needs(supply_point_ids=[point.pk], now=now)
    needs = [need for need in found if not any(wish.replaces(need) for wish in wishes)]
    end = Horizon.at(now).end
    stored = selectors.orders_at(supply_point_id=point.pk, start=now, end=end).exclude(pk__in=without_orders)
    taken = [need.evse_id for need in needs] + [wish.evse.pk for wish in wishes]
    visits = expected.wishes(supply_point_id=point.pk, taken_evse_ids=taken, now=now, end=end)
    return _Rows(point, needs, [*wishes, *visits], list(stored))


def _edges(rows: _Rows, extra_orders: Iterable[FlexOrder], now: datetime) -> list[datetime]:
    """When cars leave or are to have reached something, and when orders begin and end."""
    found = [sessions.departure(need.departure_at, now) for need in rows.needs]
    found += [sessions.departure(wish.departure_at, now) for wish in rows.wishes if not wish.is_visit]
    found += [at for need in rows.needs for at, _ in sessions.targets_of(need)]
    found += [at for wish in rows.wishes for at, _ in wish.targets]
    for order in (*rows.orders, *extra_orders):
        found += [order.starts_at, order.ends_at + _PAST_THE_MINUTE]
    return found


def _snapshot(
    rows: _Rows,
    horizon: Horizon,
    now: datetime,
    extra: Sequence[tuple[FlexOrder, Sequence[int]]],
    curves: Mapping[str, Reading],
) -> Snapshot:
    charges = charge.charges(rows.needs)
    tracks = [sessions.track_of(need, horizon, charges[need.pk]) for need in rows.needs]
    tracks += [sessions.track_of_wish(wish, horizon) for wish in rows.wishes]
    tracks = external.limited([one for one in tracks if one.session.last_slot > one.session.first_slot], horizon)
    mine = concerned(extra, supply_point_id=rows.point.pk)
    orders = orders_for(supply_point_id=rows.point.pk, stored=rows.orders, extra=mine, tracks=tracks, horizon=horizon)
    raising = [*rows.orders, *(order for order, _ in mine)]
    frame, substitutes = supply.frame(rows.point, horizon, now, read=curves, orders=raising)
    needs = _by_key(rows.needs, tracks)
    wanted = (*orders, *offers.offers_for(needs.values(), horizon))
    problem = replace(frame, sessions=tuple(track.session for track in tracks), orders=wanted)
    told = {key: charges[need.pk] for key, need in needs.items()}
    return Snapshot(rows.point, horizon, problem, needs, substitutes, told)


def _by_key(needs: Sequence[ChargingNeed], tracks: Sequence[sessions.Track]) -> dict[str, ChargingNeed]:
    found = {sessions.key_of(need): need for need in needs}
    return {track.session.key: found[track.session.key] for track in tracks if track.session.key in found}


def session_of(snapshot: Snapshot, key: str) -> Session:
    """The session with this key. Raises KeyError."""
    for session in snapshot.problem.sessions:
        if session.key == key:
            return session
    raise KeyError(key)
