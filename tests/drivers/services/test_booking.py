"""What there is when a charger is taken."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, Evse
from drivers.models import Vehicle
from drivers.services import booking
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def at(latitude: float, **values: Any) -> Evse:
    point = factories.charge_point(**values)
    ChargePoint.objects.filter(pk=point.pk).update(latitude=latitude)
    return point.evses.get()


def test_the_nearest_free_stations_that_fit_come_first_each_once(car: Vehicle) -> None:
    taken = at(51.87)
    far, near = at(51.92), at(51.88)
    beside = factories.charge_point(at=taken.charge_point.supply_point, evses=2)
    at(51.871, standard="CHADEMO")
    factories.transaction(at(51.872))
    found = [evse for _station, evse in booking.alternatives(evse=taken, vehicle=car)]
    assert found == [beside.evses.get(number=1), near, far]


def test_there_are_at_most_three(car: Vehicle) -> None:
    taken = at(51.87)
    for number in range(5):
        at(51.88 + number / 100)
    assert len(booking.alternatives(evse=taken, vehicle=car)) == 3


def test_the_reservation_remembers_the_vehicle_by_name(driver: Any, car: Vehicle, public_evse: Evse) -> None:
    made = booking.reserve(driver=driver, evse=public_evse, vehicle=car, position=None, now=NOW)
    assert made.vehicle_name == str(car)
    assert booking.active(driver) == made
