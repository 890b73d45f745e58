"""The public stations as a list, and the page of one."""

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePoint, Location
from drivers.models import Vehicle
from tests import factories
from tests.drivers.views.conftest import HTMX

pytestmark = pytest.mark.django_db
URL = "/stations/"


def station(name: str, *, latitude: float = 51.87, **values: str) -> ChargePoint:
    point = factories.charge_point()
    ChargePoint.objects.filter(pk=point.pk).update(latitude=latitude)
    place = Location.objects.filter(supply_points=point.supply_point_id)
    place.update(**{"name": name, "latitude": latitude, "address": "Marktstr. 1", "city": "Steinheim", **values})
    return point


def names(client: Client, **asked: object) -> list[str]:
    return [row.location.name for row in client.get(URL, asked).context["page_obj"]]


def test_anybody_reads_which_stations_are_free_the_nearest_first_and_no_private_ones(client: Client) -> None:
    far, near = station("Far", latitude=51.90), station("Near", latitude=51.871)
    factories.charge_point(owner=factories.driver())
    factories.transaction(far.evses.get())
    here = {"latitude": 51.87, "longitude": 9.09}
    assert names(client, **here) == ["Near", "Far"]
    page = client.get(URL, here).content.decode()
    assert "1 of 1 free" in page
    assert "In use" in page
    assert "Type 2 · 11\u00a0kW" in page
    assert f'href="/stations/{near.pk}/"' in page


def test_a_few_words_find_a_station_wherever_it_is(client: Client) -> None:
    station("Market")
    station("Harbour", latitude=38.0, city="Piraeus")
    assert names(client) == ["Market"] or names(client) == ["Harbour"]
    assert names(client, words="piraeus harb") == ["Harbour"]
    assert "No station of this name" in client.get(URL, {"words": "nowhere"}).content.decode()


def test_without_stations_the_list_says_so(client: Client) -> None:
    assert "No station here yet" in client.get(URL).content.decode()


def test_nonsense_in_the_address_is_left_out(client: Client) -> None:
    station("Market")
    assert names(client, latitude="x", longitude="1000", page="last", words="") == ["Market"]
    assert client.get(URL, {"words": "x" * 500}).status_code == 200


def test_a_long_list_has_pages(client: Client) -> None:
    for number in range(26):
        station(f"S{number:02}", latitude=51.87 + number / 100)
    assert len(names(client)) == 25
    assert len(names(client, page=2)) == 1


def test_a_list_costs_the_same_for_one_as_for_many(client: Client, django_assert_max_num_queries: object) -> None:
    for number in range(6):
        station(f"S{number}", latitude=51.87 + number / 100)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        client.get(URL)


def test_a_station_has_a_page_of_its_own_and_is_a_part_of_the_map_for_scripts(client: Client) -> None:
    address = reverse("drivers:station", args=[station("Market").pk])
    page, part = client.get(address).content.decode(), client.get(address, headers=HTMX).content.decode()
    assert "<h1" in page
    assert f"next={address}" in page
    assert "data-show-panel" not in page
    assert "<html" not in part
    assert 'data-show-panel="back"' in part


def test_a_station_that_has_gone_says_so_on_a_page(client: Client) -> None:
    answer = client.get(reverse("drivers:station", args=[1]))
    assert answer.status_code == 404
    assert URL in answer.content.decode()


def test_a_driver_reserves_from_the_page(mine: Client, car: Vehicle) -> None:
    point = station("Market")
    page = mine.get(reverse("drivers:station", args=[point.pk])).content.decode()
    assert reverse("drivers:reserve", args=[point.evses.get().pk]) in page
