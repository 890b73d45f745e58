"""Stations as drivers see them."""

import pytest
from django.core.cache import cache

from chargepoints.models import ChargePoint, Connector
from chargepoints.services import reservations
from drivers.services import stations
from drivers.services.stations import Availability
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def availability(charge_point: ChargePoint) -> Availability:
    found = stations.station_of(charge_point.pk)
    assert found is not None
    return found.availability


def test_a_connected_charger_with_an_available_connector_is_free() -> None:
    assert availability(factories.charge_point()) is Availability.FREE


def test_a_charger_without_a_link_is_offline_whatever_its_connectors_last_said() -> None:
    assert availability(factories.charge_point(connected=False)) is Availability.OFFLINE


def test_a_charger_that_is_reserved_charging_or_out_of_service_is_not_free() -> None:
    reserved, charging, broken = (factories.charge_point() for _ in range(3))
    holder = factories.driver()
    reservations.reserve(
        evse=reserved.evses.get(), driver=holder, id_token=factories.id_token(holder), until=NOW, now=NOW
    )
    factories.transaction(charging.evses.get())
    Connector.objects.filter(evse__charge_point=broken).update(status=Connector.Status.FAULTED)
    assert {availability(point) for point in (reserved, charging, broken)} == {Availability.BUSY}


def test_a_private_charger_is_no_station() -> None:
    home = factories.charge_point(owner=factories.driver())
    assert stations.station_of(home.pk) is None
    assert stations.grouped(list(stations.public_evses())) == []


def test_chargers_that_stand_together_are_one_station_and_distant_ones_are_two() -> None:
    place = factories.supply_point()
    first, second, far = (factories.charge_point(at=place) for _ in range(3))
    ChargePoint.objects.filter(pk=second.pk).update(latitude=51.8704)
    ChargePoint.objects.filter(pk=far.pk).update(latitude=51.8900)
    assert [len(station.evses) for station in stations.grouped(list(stations.public_evses()))] == [2, 1]
    beside = stations.station_of(second.pk)
    assert beside is not None
    assert beside.key == first.pk


def test_the_map_opens_at_home_else_where_most_stations_are() -> None:
    athens = factories.supply_point()
    for number in range(3):
        point = factories.charge_point(at=athens)
        ChargePoint.objects.filter(pk=point.pk).update(latitude=37.97 + number / 100, longitude=23.73)
    factories.charge_point()
    at_home = factories.driver()
    factories.charge_point(owner=at_home)
    assert stations.centre_for(factories.driver()).latitude == pytest.approx(37.98)
    assert stations.centre_for(at_home).latitude == pytest.approx(51.87)
