"""The shared car that a visitor of the demo finds at hand."""

from datetime import timedelta
from typing import Any

import pytest

from drivers.models import Vehicle, VehicleBooking
from tests import factories
from tests.factories import NOW
from twinev.demo import bootstrap
from twinev.demo.people import SHARED_CAR

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def car() -> Vehicle:
    return factories.vehicle(factories.driver(), plate=SHARED_CAR.plate, is_shared=True)


def held() -> list[tuple[Any, ...]]:
    return list(VehicleBooking.objects.order_by("starts_at").values_list("driver__username", "starts_at", "ends_at"))


def test_the_shared_car_is_lent_and_lent_on_when_the_demo_starts_again(car: Vehicle) -> None:
    factories.driver("demo")
    bootstrap.lend_shared_car(now=NOW)
    bootstrap.lend_shared_car(now=NOW + HOUR)
    assert held() == [("demo", NOW, NOW + HOUR + bootstrap.LOAN)]


def test_whoever_has_booked_it_gets_it(car: Vehicle) -> None:
    factories.driver("demo")
    other = factories.driver("other")
    VehicleBooking.objects.create(vehicle=car, driver=other, starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR)
    bootstrap.lend_shared_car(now=NOW)
    assert held() == [("demo", NOW, NOW + HOUR), ("other", NOW + HOUR, NOW + 3 * HOUR)]
    bootstrap.lend_shared_car(now=NOW + 2 * HOUR)
    assert held()[1:] == [("other", NOW + HOUR, NOW + 3 * HOUR)]
