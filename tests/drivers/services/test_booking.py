"""What there is when a charger is taken."""

from typing import Any

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint, Connector, DeviceVariable, Evse
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


def two_sockets(**values: Any) -> Evse:
    """The first of a charger that can keep any of its two free."""
    evse = factories.evse(evses=2, **values)
    DeviceVariable.objects.create(
        charge_point=evse.charge_point, name="ReserveConnectorZeroSupported", value="true", reported_at=NOW
    )
    return evse


def test_any_connector_is_another_one_when_somebody_was_faster(driver: Any, other_driver: Any, car: Vehicle) -> None:
    wanted = two_sockets()
    booking.reserve(driver=other_driver, evse=wanted, vehicle=car, position=None, now=NOW)
    made = booking.reserve(driver=driver, evse=wanted, vehicle=car, position=None, now=NOW, any_evse=True)
    assert made.any_evse
    assert made.evse.number == 2
    assert made.connector_standard == ""  # all have it


def test_any_connector_is_of_those_that_fit(driver: Any, car: Vehicle) -> None:
    wanted = two_sockets()
    Connector.objects.filter(evse__charge_point=wanted.charge_point, evse__number=2).update(standard="CHADEMO")
    running = factories.transaction(wanted)
    with pytest.raises(Refused):
        booking.reserve(driver=driver, evse=wanted, vehicle=car, position=None, now=NOW, any_evse=True)
    running.delete()
    made = booking.reserve(driver=driver, evse=wanted, vehicle=car, position=None, now=NOW, any_evse=True)
    assert (made.evse, made.connector_standard) == (wanted, car.connector_standard)
