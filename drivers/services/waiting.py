"""News of chargers for those who wait for one: first the queue is served, then whoever only wanted to know is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chargepoints.models import Reservation, Transaction
from drivers.models import QueueEntry, Watch
from drivers.services import queue, stations, watch


def freed(*, charge_point_ids: Collection[int], now: datetime) -> None:
    """Something may be free at these charge points; nothing is done where nobody waits."""
    for key in _waited_for(charge_point_ids):
        station = stations.station_of(key)
        if station is None:
            continue
        if queue.serve(station=station, now=now):
            station = stations.station_of(key) or station
        watch.tell(station=station, now=now)


def _waited_for(charge_point_ids: Collection[int]) -> list[int]:
    """The stations at these charge points' places that somebody waits for."""
    place = "station__supply_point__location__supply_points__charge_points__in"
    entries = QueueEntry.objects.filter(state=QueueEntry.State.WAITING, **{place: charge_point_ids})
    watches = Watch.objects.filter(**{place: charge_point_ids})
    keys = entries.order_by().values_list("station_id", flat=True).union(watches.order_by().values_list("station_id"))
    return sorted(keys)


def reservation_moved(*, reservation_id: int, now: datetime) -> None:
    """A turn may be over, and its charger free for the next."""
    queue.follow(reservation_id=reservation_id, now=now)
    points = Reservation.objects.filter(pk=reservation_id).values_list("evse__charge_point_id", flat=True)
    freed(charge_point_ids=list(points), now=now)


def transaction_ended(*, transaction_id: int, now: datetime) -> None:
    """A charger may be free."""
    points = Transaction.objects.filter(pk=transaction_id).values_list("charge_point_id", flat=True)
    freed(charge_point_ids=list(points), now=now)


def sweep(*, now: datetime) -> None:
    """What was lost on the way. Safe to run at any time, any number of times."""
    queue.sweep(now=now)
    watch.sweep(now=now)
