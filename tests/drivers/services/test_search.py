"""Search: only what is free, fits and can be reached."""

from typing import Any

import pytest
from django.core.cache import cache

from chargepoints.models import ChargePoint, Connector
from drivers.models import Vehicle
from drivers.services import search
from drivers.services.ranking import Mode
from drivers.services.search import Need
from drivers.services.travel import Position
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def car(driver: Any) -> Vehicle:
    return factories.vehicle(driver, connector_standard=Connector.Standard.TYPE2)


def need(car: Vehicle, **values: Any) -> Need:
    usual = {"position": Position(51.87, 9.09), "max_distance_m": 30_000, "soc_percent": 40, "target_soc_percent": 80}
    return Need(vehicle=car, **{**usual, **values})


def keys(car: Vehicle, **values: Any) -> set[int]:
    return {found.station.key for found in search.find(need=need(car, **values), now=NOW)}


def test_only_free_stations_with_a_fitting_plug_are_found(car: Vehicle) -> None:
    good = factories.charge_point()
    factories.charge_point(connected=False)
    factories.charge_point(standard=Connector.Standard.CHADEMO)
    factories.transaction(factories.evse())
    assert keys(car) == {good.pk}


def test_a_station_beyond_the_distance_is_not_found(car: Vehicle) -> None:
    far = factories.charge_point()
    ChargePoint.objects.filter(pk=far.pk).update(latitude=52.0)
    assert keys(car, max_distance_m=10_000) == set()
    assert keys(car, max_distance_m=30_000) == {far.pk}


def test_a_station_that_the_battery_does_not_reach_is_not_found(car: Vehicle) -> None:
    far = factories.charge_point()
    ChargePoint.objects.filter(pk=far.pk).update(latitude=52.0)
    assert keys(car, soc_percent=1) == set()


def test_the_strongest_socket_that_the_car_can_use_is_offered(car: Vehicle) -> None:
    place = factories.supply_point()
    factories.charge_point(at=place, max_power_w=3_700)
    strong = factories.charge_point(at=place, max_power_w=22_000)
    [found] = search.find(need=need(car), now=NOW)
    assert found.option.evse.charge_point == strong
    assert found.option.power_w == 22_000


def test_each_found_station_has_a_price_and_a_place_in_all_four_modes(car: Vehicle) -> None:
    cheap = factories.charge_point(tariff=factories.tariff(energy_price_per_kwh="0.10", follows_market=False))
    dear = factories.charge_point(tariff=factories.tariff(energy_price_per_kwh="0.50", follows_market=False))
    found = {each.station.key: each for each in search.find(need=need(car), now=NOW)}
    for mode in Mode:
        assert found[cheap.pk].facts.offers[mode].price < found[dear.pk].facts.offers[mode].price
    assert found[cheap.pk].standings[Mode.CHEAP].rank == 1
    assert found[dear.pk].standings[Mode.CHEAP].colour == 0


def test_the_price_is_energy_times_tariff(car: Vehicle) -> None:
    factories.charge_point(tariff=factories.tariff(energy_price_per_kwh="0.50", follows_market=False))
    [found] = search.find(need=need(car), now=NOW)
    offer = found.facts.offers[Mode.FAST]
    assert float(offer.price) == pytest.approx(found.option.energy_wh / 1000 * 0.5, abs=0.01)


def test_the_number_of_queries_does_not_grow_with_the_stations(car: Vehicle, django_assert_max_num_queries) -> None:
    for _ in range(8):
        factories.charge_point()
    with django_assert_max_num_queries(20):
        search.find(need=need(car), now=NOW)
