"""Reserving in the browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePoint, DeviceVariable, Evse, Reservation
from drivers.models import Vehicle
from tests import factories
from tests.drivers.views.conftest import HTMX
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def reserve(client: Client, evse: Evse, car: Vehicle, **values: Any) -> Any:
    url = reverse("drivers:reserve", args=[evse.pk])
    return client.post(url, {"vehicle": car.pk, **values}, headers=HTMX)


def test_the_dialog_names_the_charger_and_the_time_limit(mine: Client, public_evse: Evse, car: Vehicle) -> None:
    page = reserve(mine, public_evse, car, mode="cheap", soc_percent=38).content.decode()
    assert public_evse.charge_point.identity in page
    assert "13:30" in page  # 12:30 UTC at the station's place
    assert "/charge/?mode=cheap&amp;soc_percent=38" in page
    assert "Guide me there" in page


def test_the_limit_follows_the_way(mine: Client, public_evse: Evse, car: Vehicle) -> None:
    reserve(mine, public_evse, car, latitude="51.871", longitude="9.091")
    assert Reservation.objects.get().expires_at == NOW + timedelta(minutes=10)


def test_without_scripts_it_leads_to_the_charge_screen(mine: Client, public_evse: Evse, car: Vehicle) -> None:
    response = mine.post(reverse("drivers:reserve", args=[public_evse.pk]), {"vehicle": car.pk})
    assert response["Location"] == reverse("drivers:charge")


def test_the_second_driver_gets_words_and_an_alternative(
    theirs: Client, other_driver: Any, reservation: Reservation, public_evse: Evse
) -> None:
    free = factories.evse()
    response = reserve(theirs, public_evse, factories.vehicle(other_driver))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else has just reserved this charger." in page
    assert reverse("drivers:reserve", args=[free.pk]) in page


def test_a_second_reservation_is_refused_and_leads_to_the_first(
    mine: Client, reservation: Reservation, car: Vehicle
) -> None:
    response = reserve(mine, factories.evse(), car)
    assert response.status_code == 409
    assert reverse("drivers:charge") in response.content.decode()
    assert Reservation.objects.count() == 1


def test_a_charger_that_went_away_is_refused_in_words(mine: Client, public_evse: Evse, car: Vehicle) -> None:
    ChargePoint.objects.update(connection_key="")
    assert reserve(mine, public_evse, car).status_code == 409


def test_a_private_charger_cannot_be_reserved(theirs: Client, other_driver: Any, home_evse: Evse) -> None:
    assert reserve(theirs, home_evse, factories.vehicle(other_driver)).status_code == 404


def test_nobody_reserves_for_another_drivers_vehicle(theirs: Client, public_evse: Evse, car: Vehicle) -> None:
    assert reserve(theirs, public_evse, car).status_code == 404
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("vehicle", ["", "abc", "-1"])
def test_a_senseless_vehicle_is_no_server_error(mine: Client, public_evse: Evse, vehicle: str) -> None:
    url = reverse("drivers:reserve", args=[public_evse.pk])
    assert mine.post(url, {"vehicle": vehicle}).status_code == 404


@pytest.mark.parametrize(("evses", "told", "is_offered"), [(2, "true", True), (2, "false", False), (1, "true", False)])
def test_any_connector_is_offered_where_the_charger_has_several_and_keeps_any_free(
    mine: Client, car: Vehicle, evses: int, told: str, is_offered: bool
) -> None:
    evse = factories.evse(evses=evses)
    holds_any(evse, told)
    page = mine.get(reverse("drivers:station", args=[evse.charge_point_id])).content.decode()
    assert ("Any connector of this charger" in page) == is_offered


def holds_any(evse: Evse, told: str = "true") -> None:
    DeviceVariable.objects.create(
        charge_point=evse.charge_point, name="ReserveConnectorZeroSupported", value=told, reported_at=NOW
    )


def test_whoever_takes_any_connector_is_told_so_and_which_is_kept_free(mine: Client, car: Vehicle) -> None:
    evse = factories.evse(evses=2)
    holds_any(evse)
    page = reserve(mine, evse, car, any_evse="on").content.decode()
    assert "any connector; 1 is kept free" in page
    assert Reservation.objects.get().any_evse
    assert "any connector; 1 is kept free" in mine.get(reverse("drivers:charge")).content.decode()
