"""Shared vehicles: who has one when, and booking it. Each driver sees the own bookings, and of others only "taken"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from chargepoints.domain.errors import Refused
from chargepoints.models import IdToken, Location
from chargepoints.services.authorization import APP_TOKEN_TYPE
from drivers.models import Vehicle, VehicleBooking

# The source's rule: whoever has the vehicle now can rely on the time until then.
NOTICE = timedelta(hours=2)
SLOT = timedelta(hours=1)
# One driver shall not keep a vehicle from all the others.
LONGEST = timedelta(hours=24)
FURTHEST = timedelta(days=30)


class SlotState(StrEnum):
    FREE = "free"
    TAKEN = "taken"
    MINE = "mine"
    TOO_SOON = "too_soon"


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour of a day of a vehicle."""

    starts_at: datetime
    ends_at: datetime
    state: SlotState


def vehicles() -> QuerySet[Vehicle]:
    """All vehicles that may be booked."""
    return Vehicle.objects.filter(is_shared=True, owner__is_active=True).order_by("brand", "model", "plate")


def cards(driver: Any, now: datetime) -> QuerySet[IdToken]:
    """The charge cards that a vehicle can be picked up with."""
    own = IdToken.objects.filter(driver=driver, status=IdToken.Status.ACTIVE).exclude(type=APP_TOKEN_TYPE)
    return own.filter(Q(expires_at=None) | Q(expires_at__gt=now)).order_by("token")


def mine(driver: Any) -> QuerySet[VehicleBooking]:
    """The driver's own bookings, the newest first."""
    return driver.vehicle_bookings.select_related("vehicle", "id_token").order_by("-starts_at", "-pk")


def ahead(driver: Any, now: datetime) -> QuerySet[VehicleBooking]:
    """Those that run or are to come, the next one first."""
    return mine(driver).filter(cancelled_at=None, ends_at__gt=now).order_by("starts_at", "pk")


def zone_of(vehicle: Vehicle) -> ZoneInfo:
    """The zone in which a vehicle's days begin: of where it charged last, else of its owner's home."""
    last = vehicle.charge_sessions.order_by("-requested_at").values_list(
        "evse__charge_point__supply_point__location__time_zone", flat=True
    )
    home = Location.objects.filter(owner=vehicle.owner_id).values_list("time_zone", flat=True)
    return ZoneInfo(last.first() or home.first() or settings.TIME_ZONE)


def day(*, vehicle: Vehicle, on: date, driver: Any, now: datetime) -> list[Slot]:
    """The hours of a local day: 24, or 23 and 25 when the clocks change."""
    zone = zone_of(vehicle)
    start = datetime.combine(on, time.min, zone).astimezone(now.tzinfo)
    end = datetime.combine(on + timedelta(days=1), time.min, zone).astimezone(now.tzinfo)
    held = list(_held(vehicle, start, end))
    hours = (start + SLOT * number for number in range((end - start) // SLOT))
    return [Slot(at, at + SLOT, _state(at, held, driver, now)) for at in hours]


def _state(at: datetime, held: Iterable[VehicleBooking], driver: Any, now: datetime) -> SlotState:
    there = next((booking for booking in held if booking.starts_at < at + SLOT and booking.ends_at > at), None)
    if there is not None:
        return SlotState.MINE if there.driver_id == driver.pk else SlotState.TAKEN
    return SlotState.FREE if at >= now + NOTICE else SlotState.TOO_SOON


def _held(vehicle: Vehicle, start: datetime, end: datetime) -> QuerySet[VehicleBooking]:
    return vehicle.bookings.filter(cancelled_at=None, starts_at__lt=end, ends_at__gt=start)


def book(
    *, vehicle: Vehicle, driver: Any, id_token: IdToken, starts_at: datetime, ends_at: datetime, now: datetime
) -> VehicleBooking:
    """Book a shared vehicle. Of many who ask for the same hours at once exactly one gets them.

    The vehicle's row is locked, so that one after the other looks and writes; SQLite writes one at a time anyway. On
    PostgreSQL an exclusion constraint holds it as well, whatever else writes bookings.

    :raises Refused: in words for the driver.
    """
    _check(vehicle, driver, id_token, starts_at, ends_at, now)
    try:
        with transaction.atomic():
            locked = vehicles().select_for_update(of=("self",)).filter(pk=vehicle.pk).first()
            if locked is None:
                raise Refused(_("This vehicle is not shared any more."), code="gone")
            if _held(locked, starts_at, ends_at).exists():
                raise _taken()
            return VehicleBooking.objects.create(
                vehicle=locked, driver=driver, id_token=id_token, starts_at=starts_at, ends_at=ends_at
            )
    except IntegrityError:
        raise _taken() from None


def _taken() -> Refused:
    return Refused(_("Somebody else has just booked these hours. Please choose others."), code="taken")


def _check(
    vehicle: Vehicle, driver: Any, id_token: IdToken, starts_at: datetime, ends_at: datetime, now: datetime
) -> None:
    if ends_at <= starts_at:
        raise Refused(_("Choose the hours in which you need the vehicle."), code="hours")
    if starts_at < now + NOTICE:
        raise Refused(_("A vehicle can be booked from two hours ahead."), code="too-soon")
    if ends_at - starts_at > LONGEST:
        raise Refused(_("A vehicle can be booked for 24 hours at most."), code="too-long")
    if starts_at > now + FURTHEST:
        raise Refused(_("A vehicle can be booked up to 30 days ahead."), code="too-far")
    if not cards(driver, now).filter(pk=id_token.pk).exists():
        raise Refused(_("Choose one of your charge cards."), code="card")


def span(slots: Sequence[datetime]) -> tuple[datetime, datetime]:
    """From when until when the chosen hours last.

    :raises Refused: they have a gap.
    """
    hours = sorted(set(slots))
    if not hours:
        raise Refused(_("Choose the hours in which you need the vehicle."), code="hours")
    if hours[-1] - hours[0] != SLOT * (len(hours) - 1):
        raise Refused(_("Choose hours that follow each other."), code="gap")
    return hours[0], hours[-1] + SLOT


def cancel(*, booking: VehicleBooking, now: datetime) -> bool:
    """Give a vehicle back: a booking to come altogether, one that runs from now on; whether it was still held."""
    held = VehicleBooking.objects.filter(pk=booking.pk, cancelled_at=None, ends_at__gt=now)
    if held.filter(starts_at__gte=now).update(cancelled_at=now):
        return True
    return bool(held.filter(starts_at__lt=now).update(ends_at=now))
