"""The queue for a busy station: who came first is served first, and whoever does not take a turn makes room.

A turn is a reservation with a short limit, made for the driver: the database gives an EVSE to one only, the charger
keeps it free, and when the limit passes it ends as every reservation does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chargepoints import realtime
from chargepoints.domain.errors import AlreadyReserved, NotAvailable, Refused
from chargepoints.models import Evse, Reservation
from chargepoints.services import authorization, reservations
from drivers.models import Notice, QueueEntry, Vehicle
from drivers.services import limits, notices, plugs, stations
from drivers.services.stations import Station
from drivers.services.travel import Position, trip

State = QueueEntry.State
OPEN = (State.WAITING, State.TURN)
# Long enough to hear a phone and press a button, short enough for those behind.
TURN = timedelta(minutes=5)
# Who has not been served for so long has charged elsewhere.
PATIENCE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Standing:
    """A driver's place: ``position`` from 1, ``length`` of the whole queue; ``turn``: the reservation that waits."""

    entry: QueueEntry
    position: int
    length: int
    turn: Reservation | None


def join(*, driver: Any, station: Station, vehicle: Vehicle, now: datetime) -> QueueEntry:
    """Stands at the end of a station's queue; a free charger is given at once.

    :raises Refused: in words for the driver.
    """
    if not any(fits(evse, vehicle) for evse in station.evses):
        raise NotAvailable(_("No plug of this station fits your vehicle."))
    if driver.reservations.filter(status=Reservation.Status.ACTIVE).exists():
        raise AlreadyReserved(_("You already hold a reservation. Cancel it first."), code="own")
    waits = {"vehicle": vehicle, "joined_at": now, "until": now + PATIENCE}
    try:
        with transaction.atomic():
            entry = QueueEntry.objects.create(driver=driver, station_id=station.key, **waits)
    except IntegrityError:
        raise AlreadyReserved(_("You wait in a queue already. Leave it first."), code="queue") from None
    _nudge([entry])
    serve(station=station, now=now)
    entry.refresh_from_db()
    return entry


def leave(*, entry: QueueEntry, now: datetime) -> bool:
    """Gives the place back, and the turn with it, also one that is just being given; whether there was one."""
    with transaction.atomic():
        row = QueueEntry.objects.select_for_update(of=("self",)).select_related("reservation__evse").get(pk=entry.pk)
        if not _close(row, State.LEFT, now=now):
            return False
        if row.reservation is not None:
            reservations.cancel(reservation=row.reservation, now=now, reason=_("Cancelled by the driver"))
    return True


def take(*, entry: QueueEntry, position: Position | None, now: datetime) -> Reservation:
    """The driver comes: the reservation lasts as long as the way takes.

    :raises NotAvailable: the turn has passed.
    """
    turn = entry.reservation
    if entry.state == State.TURN and turn is not None:
        point = turn.evse.charge_point
        there = Position(point.latitude, point.longitude)
        drive_s = trip(position, there, consumption_wh_per_km=0.0).drive_s if position else None
        until = limits.reservation_until(now=now, drive_s=drive_s)
        if reservations.extend(reservation=turn, until=until, now=now):
            _close(entry, State.TAKEN, now=now)
            return turn
    raise NotAvailable(_("Your turn has passed."))


def standing(driver: Any) -> Standing | None:
    """Where the driver stands; None: in no queue."""
    entry = (
        QueueEntry.objects.filter(driver=driver, state__in=OPEN)
        .select_related("station__supply_point__location", "vehicle", "reservation__evse__charge_point")
        .first()
    )
    if entry is None:
        return None
    waiting = list(_waiting(entry.station_id).values_list("pk", flat=True))
    position = waiting.index(entry.pk) + 1 if entry.pk in waiting else 1
    return Standing(entry, position, len(waiting), entry.reservation if entry.state == State.TURN else None)


def length(station_key: int) -> int:
    """How many wait at a station."""
    return _waiting(station_key).count()


def is_claimed(*, evse: Evse, driver: Any) -> bool:
    """Whether somebody else waits for this EVSE: then it is theirs before it is anybody's."""
    place = evse.charge_point.supply_point.location_id
    waiting = QueueEntry.objects.filter(state=State.WAITING, station__supply_point__location=place)
    entries = list(waiting.exclude(driver=driver).select_related("vehicle"))
    entries = [entry for entry in entries if fits(evse, entry.vehicle)]
    if not entries:
        return False
    here = stations.station_of(evse.charge_point_id)
    return here is not None and any(entry.station_id == here.key for entry in entries)


def serve(*, station: Station, now: datetime) -> int:
    """Gives what is free to those who wait, in their order; how many turns began.

    Whoever else serves this queue meanwhile waits for the lock, and finds these turns given.
    """
    with transaction.atomic():
        waiting = _waiting(station.key).select_for_update(of=("self",)).select_related("driver", "vehicle")
        turns = [entry for entry in waiting if _give_turn(entry, station, now)]
    _nudge(turns)
    return len(turns)


def _give_turn(entry: QueueEntry, station: Station, now: datetime) -> bool:
    for evse in station.free_evses:
        if not fits(evse, entry.vehicle):
            continue
        try:
            turn = _reserve(entry, evse, now)
        except Refused as error:
            if error.code == "own":
                return False  # holds another reservation: is served when that is over
            continue
        entry.state, entry.reservation = State.TURN, turn
        entry.save(update_fields=["state", "reservation"])
        _tell_turn(entry, turn, now)
        return True
    return False


def _reserve(entry: QueueEntry, evse: Evse, now: datetime) -> Reservation:
    return reservations.reserve(
        evse=evse,
        driver=entry.driver,
        id_token=authorization.app_token(driver=entry.driver),
        until=now + TURN,
        now=now,
        vehicle_name=str(entry.vehicle)[:80],
    )


def _tell_turn(entry: QueueEntry, turn: Reservation, now: datetime) -> None:
    place = turn.evse.charge_point.supply_point.location
    about = {"station": place.name, "zone": place.time_zone, "until": turn.expires_at.isoformat()}
    path = reverse("drivers:queue")
    key = f"turn:{turn.pk}"
    notices.tell(user=entry.driver, kind=Notice.Kind.TURN, about=about, path=path, now=now, key=key)


def follow(*, reservation_id: int, now: datetime) -> None:
    """A turn's reservation has moved."""
    entry = QueueEntry.objects.filter(reservation=reservation_id, state=State.TURN).select_related("reservation")
    for one in entry:
        _settle(one, now)


def driver_gave_back(*, reservation: Reservation, now: datetime) -> None:
    """Who cancels a turn by hand does not want another one."""
    for entry in QueueEntry.objects.filter(reservation=reservation, state=State.TURN):
        _close(entry, State.LEFT, now=now)


def found_elsewhere(*, driver: Any, now: datetime) -> None:
    """Who has a reservation waits no more."""
    for entry in QueueEntry.objects.filter(driver=driver, state=State.WAITING):
        _close(entry, State.LEFT, now=now)


def sweep(*, now: datetime) -> None:
    """Settles turns that are over, gives up those who waited too long, and serves every queue. Safe at any time."""
    for entry in QueueEntry.objects.filter(state=State.TURN).select_related("reservation"):
        _settle(entry, now)
    for entry in QueueEntry.objects.filter(state=State.WAITING, until__lte=now):
        _close(entry, State.LEFT, now=now)
    keys = QueueEntry.objects.filter(state=State.WAITING).order_by().values_list("station_id", flat=True)
    for key in sorted(set(keys)):
        serve_at(key, now=now)


def serve_at(charge_point_id: int, *, now: datetime) -> int:
    """Serves the queue of the station that a charge point belongs to."""
    station = stations.station_of(charge_point_id)
    return serve(station=station, now=now) if station else 0


def _settle(entry: QueueEntry, now: datetime) -> None:
    """What became of a turn. One that the charger ended goes back to its old place, ahead of who came later."""
    turn = entry.reservation
    status = turn.status if turn else Reservation.Status.CANCELLED
    if status in (Reservation.Status.IN_USE, Reservation.Status.DONE):
        _close(entry, State.TAKEN, now=now)
    elif status == Reservation.Status.NOT_USED:
        _close(entry, State.MISSED, now=now)
    elif status == Reservation.Status.CANCELLED:
        back = QueueEntry.objects.filter(pk=entry.pk, state=State.TURN)
        if back.update(state=State.WAITING, reservation=None):
            _nudge([entry])


def _close(entry: QueueEntry, state: QueueEntry.State, *, now: datetime) -> bool:
    closed = QueueEntry.objects.filter(pk=entry.pk, state__in=OPEN).update(state=state, closed_at=now)
    if closed:
        entry.state, entry.closed_at = state, now
        _nudge([entry])
    return bool(closed)


def _waiting(station_key: int) -> QuerySet[QueueEntry]:
    return QueueEntry.objects.filter(station=station_key, state=State.WAITING).order_by("joined_at", "pk")


def fits(evse: Evse, vehicle: Vehicle) -> bool:
    """Whether the vehicle can be plugged in there."""
    fitting = plugs.fitting(vehicle.connector_standard)
    return any(connector.standard in fitting for connector in evse.connectors.all())


def _nudge(entries: Iterable[QueueEntry]) -> None:
    """Everybody in a queue sees it move."""
    keys = {entry.station_id for entry in entries}
    if keys:
        open_ones = QueueEntry.objects.filter(Q(state__in=OPEN), station__in=keys)
        drivers = {entry.driver_id for entry in entries} | set(open_ones.values_list("driver_id", flat=True))
        realtime.nudge(*(f"user.{pk}.queue" for pk in sorted(drivers)))
