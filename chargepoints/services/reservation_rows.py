"""How a reservation moves: by conditional UPDATE, with a row of history for when and why."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import override

from chargepoints import events, realtime
from chargepoints.domain.reservation import ReservationStatus
from chargepoints.models import Reservation, ReservationChange


def with_chargers(reservations: QuerySet[Reservation]) -> QuerySet[Reservation]:
    """What telling a charger and its driver needs of each."""
    return reservations.select_related("evse__charge_point", "id_token", "driver")


def close(reservation: Reservation, status: ReservationStatus, *, now: datetime, reason: Any = "") -> bool:
    """End one that was not used; whether it was still open. ``reason``: may be a lazy translation."""
    return move(reservation, ReservationStatus.ACTIVE, status, now=now, reason=reason, closed_at=now)


def move(
    reservation: Reservation,
    old: ReservationStatus,
    new: ReservationStatus,
    *,
    now: datetime,
    reason: Any = "",
    **values: Any,
) -> bool:
    """Move by conditional UPDATE and believe the row count."""
    with transaction.atomic():
        moved = Reservation.objects.filter(pk=reservation.pk, status=old).update(status=new, **values)
        if not moved:
            return False
        for name, value in {"status": new, **values}.items():
            setattr(reservation, name, value)
        ReservationChange.objects.create(
            reservation=reservation, status=new, reason=in_words_of(reservation.driver, reason)[:120], at=now
        )
        announce(reservation)
    return True


def in_words_of(person: Any, text: Any) -> str:
    """A text in the language of the person who will read it: a sweep has none of its own."""
    language = getattr(person, "language", "")
    if not language:
        return str(text)
    with override(language):
        return str(text)


def announce(reservation: Reservation) -> None:
    events.announce(events.reservation_changed, reservation_id=reservation.pk)
    realtime.nudge("map", f"user.{reservation.driver_id}.session")
