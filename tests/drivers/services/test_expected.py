"""Visits that the optimiser counts on."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.models import Evse, Reservation, Transaction
from drivers.models import ChargeSession, Vehicle, VehicleBooking
from drivers.services import expected
from smac.models import ChargingNeed
from smac.snapshot import reading
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def visits(evse: Evse) -> list[Any]:
    point = evse.charge_point.supply_point_id
    return expected.visits(supply_point_id=point, start=NOW, end=NOW + 24 * HOUR)


def book(vehicle: Vehicle, starts: int, ends: int) -> VehicleBooking:
    return VehicleBooking.objects.create(
        vehicle=vehicle, driver=factories.driver(), starts_at=NOW + starts * HOUR, ends_at=NOW + ends * HOUR
    )


@pytest.fixture
def shared(charging: ChargeSession) -> Vehicle:
    """A shared vehicle whose session, begun with 40 %, is over."""
    vehicle = charging.vehicle
    assert vehicle is not None
    Vehicle.objects.filter(pk=vehicle.pk).update(is_shared=True)
    ChargeSession.objects.update(state="picked_up")
    ChargingNeed.objects.update(status="closed", closed_at=NOW, transaction=charging.transaction)
    Transaction.objects.update(state="ended", ended_at=NOW, soc_percent=80)
    Reservation.objects.update(status="done")
    vehicle.refresh_from_db()
    return vehicle


def test_a_reservation_brings_the_vehicle_it_was_made_for(
    reservation: Reservation, car: Vehicle, public_evse: Evse
) -> None:
    (visit,) = visits(public_evse)
    assert (visit.evse_id, visit.arrives_at) == (public_evse.pk, reservation.expires_at)
    assert (visit.battery_capacity_wh, visit.max_charge_w) == (car.battery_capacity_wh, car.max_charge_w)
    (session,) = reading.take(supply_point_id=public_evse.charge_point.supply_point_id, now=NOW).problem.sessions
    assert (session.key, session.capacity_wh) == (f"reservation:{reservation.pk}", car.battery_capacity_wh)


def test_a_shared_vehicle_comes_back_to_where_it_charged_last(shared: Vehicle, public_evse: Evse) -> None:
    booking = book(shared, 1, 4)
    (visit,) = visits(public_evse)
    assert (visit.key, visit.evse_id) == (f"booking:{booking.pk}", public_evse.pk)
    assert (visit.arrives_at, visit.departs_at) == (NOW + 4 * HOUR, NOW + 12 * HOUR)
    driven = 40 * shared.consumption_wh_per_km / shared.battery_capacity_wh * 100
    assert visit.soc_percent == pytest.approx(80 - driven)


def test_it_is_to_be_ready_for_whoever_booked_it_next(shared: Vehicle, public_evse: Evse) -> None:
    book(shared, 1, 4)
    book(shared, 7, 30)
    (visit,) = visits(public_evse)
    assert visit.departs_at == NOW + 7 * HOUR


def test_a_vehicle_that_never_charged_here_or_is_not_shared_is_not_expected(shared: Vehicle, public_evse: Evse) -> None:
    book(shared, 1, 4)
    assert visits(factories.evse()) == []
    Vehicle.objects.filter(pk=shared.pk).update(is_shared=False)
    assert visits(public_evse) == []


def test_a_booking_that_was_cancelled_brings_nothing(shared: Vehicle, public_evse: Evse) -> None:
    book(shared, 1, 4)
    VehicleBooking.objects.update(cancelled_at=NOW)
    assert visits(public_evse) == []
