"""Vehicles: list, add, edit, remove."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from drivers.models import ChargeSession, Vehicle, VehicleBooking
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
URL = "/vehicles/"
FORM = {
    "brand": "Renault",
    "model": "Zoe",
    "plate": "hx  ab 1e",
    "connector_standard": "IEC_62196_T2",
    "battery_kwh": "52",
    "max_charge_kw": "22",
    "min_charge_kw": "1.38",
    "consumption_kwh_100km": "17.4",
}


def test_kilowatts_are_kept_as_watts(mine: Client, driver: Any) -> None:
    assert mine.post(URL + "add/", FORM)["Location"] == URL
    car = Vehicle.objects.get()
    assert (car.owner, car.plate) == (driver, "HX AB 1E")
    assert (car.battery_capacity_wh, car.max_charge_w, car.min_charge_w) == (52_000, 22_000, 1_380)
    assert car.consumption_wh_per_km == 174


def test_what_was_kept_is_shown_again(mine: Client, car: Vehicle) -> None:
    url = reverse("drivers:vehicle", args=[car.pk])
    page = mine.get(url).content.decode()
    assert 'value="52"' in page
    mine.post(url, {**FORM, "battery_kwh": "45.5"})
    car.refresh_from_db()
    assert car.battery_capacity_wh == 45_500


def test_a_plate_is_entered_once(mine: Client) -> None:
    mine.post(URL + "add/", FORM)
    response = mine.post(URL + "add/", FORM)
    assert response.status_code == 422
    assert "with this plate already" in response.content.decode()


def test_v2g_needs_a_power(mine: Client) -> None:
    response = mine.post(URL + "add/", {**FORM, "v2g": "on"})
    assert response.status_code == 422
    assert not Vehicle.objects.exists()
    mine.post(URL + "add/", {**FORM, "v2g": "on", "max_discharge_kw": "10"})
    assert Vehicle.objects.get().max_discharge_w == 10_000


def test_the_least_power_is_below_the_greatest(mine: Client) -> None:
    assert mine.post(URL + "add/", {**FORM, "min_charge_kw": "30"}).status_code == 422


def test_typical_values_of_known_models_are_offered(mine: Client) -> None:
    assert "Volkswagen ID.3 Pro" in mine.get(URL + "add/").content.decode()


def test_a_shared_vehicle_is_listed_while_it_is_booked(theirs: Client, other_driver: Any, driver: Any) -> None:
    shared = factories.vehicle(driver, is_shared=True, plate="SHARED 1")
    assert "SHARED 1" not in theirs.get(URL).content.decode()
    VehicleBooking.objects.create(
        vehicle=shared, driver=other_driver, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=1)
    )
    page = theirs.get(URL).content.decode()
    assert "SHARED 1" in page
    assert "Shared vehicle" in page
    assert reverse("drivers:vehicle", args=[shared.pk]) not in page


def test_remove_takes_it_off_the_list(mine: Client, car: Vehicle) -> None:
    mine.post(reverse("drivers:vehicle-remove", args=[car.pk]))
    assert not Vehicle.objects.exists()


def test_a_vehicle_that_charges_stays(mine: Client, car: Vehicle, charging: ChargeSession) -> None:
    response = mine.post(reverse("drivers:vehicle-remove", args=[car.pk]), follow=True)
    assert "End the session first" in response.content.decode()
    assert Vehicle.objects.exists()
