"""The map for everybody."""

import pytest
from django.core.cache import cache

from chargepoints.models import ChargePoint
from drivers.services import public_map
from drivers.services.public_map import Box
from tests import factories

pytestmark = pytest.mark.django_db
AROUND_STEINHEIM = Box(9.0, 51.8, 9.2, 51.9)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


def test_a_district_is_told_as_a_whole_and_of_a_country_only_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    here, athens = factories.charge_point(), factories.charge_point()
    ChargePoint.objects.filter(pk=athens.pk).update(latitude=37.98, longitude=23.73)
    assert len(public_map.geojson(AROUND_STEINHEIM)["features"]) == 2
    cache.clear()
    monkeypatch.setattr(public_map, "_MOST", 1)
    features = public_map.geojson(AROUND_STEINHEIM)["features"]
    assert [feature["id"] for feature in features] == [here.pk]


def test_neighbours_look_at_the_same_part() -> None:
    assert Box(9.01, 51.82, 9.17, 51.93).widened() == Box(9.04, 51.86, 9.19, 51.96).widened()
    wide = Box(-3.0, 40.0, 20.0, 55.0).widened()
    assert wide.west <= -3.0
    assert wide.east >= 20.0


def test_a_station_says_whether_it_is_free_in_use_or_away() -> None:
    free, used, away = factories.charge_point(), factories.charge_point(), factories.charge_point(connected=False)
    factories.transaction(used.evses.get())
    states = {feature["id"]: feature["properties"]["state"] for feature in public_map.geojson()["features"]}
    assert states == {free.pk: "free", used.pk: "charging", away.pk: "offline"}


def test_too_many_to_see_are_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_map, "_MOST", 3)
    for number in range(5):
        point = factories.charge_point()
        ChargePoint.objects.filter(pk=point.pk).update(longitude=9.02 if number < 4 else 9.19)
    features = public_map.geojson(AROUND_STEINHEIM)["features"]
    assert sorted(feature["properties"]["rank"] for feature in features) == [1, 4]
    assert all(feature["id"].startswith("cell:") for feature in features)


def test_the_number_of_queries_does_not_grow_with_the_stations(django_assert_max_num_queries) -> None:
    for _ in range(6):
        factories.charge_point(evses=2)
    with django_assert_max_num_queries(6):
        public_map.geojson(AROUND_STEINHEIM)
