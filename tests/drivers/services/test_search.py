"""Search: only what is free, fits and can be reached."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from chargepoints.models import ChargePoint, Connector
from chargepoints.services import reservations
from drivers.models import Vehicle
from drivers.services import quotes, search
from drivers.services.ranking import Mode
from drivers.services.search import Need
from drivers.services.travel import Position
from drivers.services.wish import Wish
from smac.models import Series
from smac.services.ranking import USUAL_STAY
from smac.services.series import store_values
from smac.typical import TYPICAL
from tests import factories
from tests.factories import NOW
from tests.smac import world

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


@pytest.mark.parametrize("follows_market", [True, False])
def test_the_price_of_the_ranking_is_the_price_of_the_quote_on_arrival(driver: Any, follows_market: bool) -> None:
    """For this car and this need, in every mode: what the list says is what the charge will ask to confirm."""
    car = factories.vehicle(driver, connector_standard=Connector.Standard.TYPE2, max_charge_w=11_000)
    tariff = factories.tariff(energy_price_per_kwh="0.2345", follows_market=follows_market, session_fee="0.35")
    evse = factories.evse(tariff=tariff)
    _market_by_the_hour()
    [found] = search.find(need=need(car, soc_percent=30), now=NOW)
    arrives_at = NOW + timedelta(seconds=found.option.trip.drive_s)
    for mode in Mode:
        wish = Wish(
            vehicle=car,
            evse=evse,
            mode=mode.value,
            soc_percent=found.option.arrival_soc_percent,
            target_soc_percent=80,
            departure_at=arrives_at + USUAL_STAY,
        )
        quoted = quotes.quote(driver=driver, wish=wish, now=arrives_at)
        assert quoted.unmet_wh == 0
        assert found.facts.offers[mode].price == quoted.price, mode
        assert found.facts.offers[mode].green_share == pytest.approx(quoted.green_share, abs=0.005), mode


def _market_by_the_hour() -> None:
    """Dear and cheap hours, dirty and clean ones."""
    for kind, values in (
        ("import_price", (0.30, 0.10, 0.25, 0.15, 0.40)),
        ("co2", (500.0, 300.0, 200.0, 400.0, 600.0)),
    ):
        series = Series.objects.create(kind=kind, zone="DE-LU")
        known = [(NOW + timedelta(hours=hour), value) for hour, value in enumerate(values)]
        store_values(series=series, values=known, known_at=NOW - timedelta(days=1), duration_s=3600)


def test_of_many_stations_the_best_of_each_mode_are_shown_and_all_are_counted(car: Vehicle) -> None:
    place = factories.supply_point()
    for number in range(search.SHOWN_OF_EACH_MODE + 4):
        point = factories.charge_point(at=place)
        ChargePoint.objects.filter(pk=point.pk).update(latitude=51.87 + number / 200)
    answer = search.search(need=need(car), now=NOW)
    assert answer.total == search.SHOWN_OF_EACH_MODE + 4
    assert len(answer.found) == search.SHOWN_OF_EACH_MODE
    assert {found.standings[Mode.FAST].rank for found in answer.found} == set(range(1, search.SHOWN_OF_EACH_MODE + 1))


def test_stations_in_use_tell_when_they_are_expected_to_be_free(car: Vehicle) -> None:
    leaves_at = NOW + timedelta(minutes=40)
    charging, reserved, broken = (factories.evse() for _ in range(3))
    world.running(charging, departure_at=leaves_at)
    holder = factories.driver()
    reservations.reserve(
        evse=reserved, driver=holder, id_token=factories.id_token(holder), until=NOW + timedelta(minutes=20), now=NOW
    )
    Connector.objects.filter(evse=broken).update(status=Connector.Status.FAULTED)
    answer = search.search(need=need(car), now=NOW, with_busy=True)
    assert answer.found == []
    # What is out of service is not in use, and not waited for.
    free_at = {each.station.key: each.free_at for each in answer.busy}
    assert free_at == {
        charging.charge_point_id: leaves_at,
        reserved.charge_point_id: NOW + timedelta(minutes=20) + TYPICAL.stay,
    }
