"""The public map."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

from drivers.models import Vehicle
from drivers.views import station_map
from tests import factories

pytestmark = pytest.mark.django_db


def test_anybody_sees_the_map(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "Log in and search" in response.content.decode()


def test_anybody_gets_minimal_facts_of_public_stations_and_none_of_private_ones(client: Client) -> None:
    public = factories.charge_point()
    factories.charge_point(owner=factories.driver())
    collection = client.get(reverse("drivers:stations")).json()
    [feature] = collection["features"]
    assert feature["properties"]["id"] == public.pk
    assert feature["properties"]["state"] == "free"
    assert set(feature["properties"]) == {"id", "label", "state", "icon", "url"}
    assert feature["geometry"]["coordinates"] == [9.09, 51.87]


def test_the_page_brings_the_stations_that_are_seen_first_and_no_private_one_unless_they_are_too_many(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = factories.charge_point()
    factories.charge_point(owner=factories.driver())
    [text] = re.findall(r'<script id="first-stations" type="application/json">(.*?)</script>', _page(client))
    assert [feature["id"] for feature in json.loads(text)["features"]] == [public.pk]
    monkeypatch.setattr(station_map, "_MOST_IN_PAGE", 0)
    assert "first-stations" not in _page(client)


def _page(client: Client) -> str:
    return client.get("/").content.decode()


def test_a_stranger_sees_a_station_and_has_to_log_in_to_reserve(client: Client) -> None:
    page = client.get(reverse("drivers:station", args=[factories.charge_point().pk])).content.decode()
    assert "1 of 1" in page
    assert "Log in to reserve" in page


def test_a_private_or_unknown_station_is_not_shown(client: Client) -> None:
    home = factories.charge_point(owner=factories.driver())
    for key in (home.pk, home.pk + 1):
        assert client.get(reverse("drivers:station", args=[key])).status_code == 404


def test_a_driver_can_reserve_what_fits_a_vehicle(mine: Client, car: Vehicle) -> None:
    fitting, foreign = factories.charge_point(), factories.charge_point(standard="CHADEMO")
    assert "Reserve" in mine.get(reverse("drivers:station", args=[fitting.pk])).content.decode()
    assert "No free plug here fits" in mine.get(reverse("drivers:station", args=[foreign.pk])).content.decode()


def test_a_driver_without_a_vehicle_is_told_to_add_one(mine: Client) -> None:
    assert reverse("drivers:vehicle-add") in mine.get("/").content.decode()
