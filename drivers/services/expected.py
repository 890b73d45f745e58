"""Visits that the optimiser should count on: reserved chargers and shared vehicles that come back from a booking."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from chargepoints.models import Reservation
from drivers.models import ChargeSession, Vehicle, VehicleBooking
from drivers.services import battery, vehicles
from smac.ports import Visit
from smac.services import guessing
from smac.snapshot.charge import charge_of
from smac.typical import TYPICAL

# What a shared vehicle is driven on a booking of which nobody said where it leads.
_USUAL_TRIP_KM = 40
# A shared vehicle is to be ready for whoever comes next; where nobody has booked it yet, until then.
_IDLE_STAY = timedelta(hours=8)


def visits(*, supply_point_id: int, start: datetime, end: datetime) -> list[Visit]:
    """The visits to a supply point that begin in [start, end) (`smac.ports.ExpectedVisits`)."""
    return [*_of_bookings(supply_point_id, start, end), *_of_reservations(supply_point_id, start)]


def _of_reservations(supply_point_id: int, now: datetime) -> Iterable[Visit]:
    """A reservation says for which vehicle it is."""
    held = Reservation.objects.filter(
        evse__charge_point__supply_point=supply_point_id,
        status=Reservation.Status.ACTIVE,
        expires_at__gt=now,
    ).exclude(vehicle_name="")
    for row in held.select_related("driver").order_by("pk"):
        vehicle = vehicles.named(row.driver, row.vehicle_name, now)
        if vehicle is not None:
            found = guessing.guess(driver_id=row.driver_id, now=now, capacity_wh=vehicle.battery_capacity_wh)
            leaves_at = row.expires_at + TYPICAL.stay
            yield _visit(f"reservation:{row.pk}", row, vehicle, row.expires_at, leaves_at, found.soc_percent)


def _of_bookings(supply_point_id: int, start: datetime, end: datetime) -> Iterable[Visit]:
    """A shared vehicle comes back to where it charged last."""
    been_here = Vehicle.objects.filter(
        is_shared=True, charge_sessions__evse__charge_point__supply_point=supply_point_id
    )
    held = VehicleBooking.objects.filter(cancelled_at=None, ends_at__gt=start, ends_at__lt=end, vehicle__in=been_here)
    for booking in held.select_related("vehicle").order_by("ends_at", "pk"):
        last = _last_session(booking.vehicle)
        if last is not None and last.evse.charge_point.supply_point_id == supply_point_id:
            soc = _after_trip(last, booking.vehicle)
            leaves_at = _needed_again(booking)
            yield _visit(f"booking:{booking.pk}", last, booking.vehicle, booking.ends_at, leaves_at, soc)


def _last_session(vehicle: Vehicle) -> ChargeSession | None:
    sessions = vehicle.charge_sessions.exclude(transaction=None).select_related(
        "evse__charge_point", "need__transaction"
    )
    return sessions.order_by("-requested_at", "-pk").first()


def _after_trip(last: ChargeSession, vehicle: Vehicle) -> float:
    return battery.after_driving(
        soc_percent=charge_of(last.need).percent_of(last.need.battery_capacity_wh),
        energy_wh=_USUAL_TRIP_KM * vehicle.consumption_wh_per_km,
        capacity_wh=vehicle.battery_capacity_wh,
    )


def _needed_again(booking: VehicleBooking) -> datetime:
    held = booking.vehicle.bookings.filter(cancelled_at=None, starts_at__gte=booking.ends_at)
    later = held.order_by("starts_at").first()
    idle_until = booking.ends_at + _IDLE_STAY
    return max(min(later.starts_at, idle_until), booking.ends_at + timedelta(minutes=15)) if later else idle_until


def _visit(
    key: str,
    where: Reservation | ChargeSession,
    vehicle: Vehicle,
    arrives_at: datetime,
    departs_at: datetime,
    soc_percent: float,
) -> Visit:
    return Visit(
        key=key,
        evse_id=where.evse_id,
        driver_id=where.driver_id,
        arrives_at=arrives_at,
        departs_at=departs_at,
        battery_capacity_wh=float(vehicle.battery_capacity_wh),
        soc_percent=soc_percent,
        target_soc_percent=TYPICAL.target_percent,
        max_charge_w=float(vehicle.max_charge_w),
    )
