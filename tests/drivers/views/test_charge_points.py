"""The driver's own charge points on the screen."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePoint, Evse
from chargepoints.services.security import hashed
from drivers.services import private_points
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
FORM = {
    "identity": "WALLBOX-7",
    "address": "Lindenweg 5",
    "postal_code": "32839",
    "city": "Steinheim",
    "country": "DE",
    "latitude": "51.868",
    "longitude": "9.094",
    "standard": "IEC_62196_T2",
    "max_power_kw": "11",
    "min_power_kw": "",
    "connection_kw": "17",
    "can_defer": "on",
    "can_limit": "on",
    "ocpp_version": "1.6",
    "remote_address": "192.168.1.20",
    "heartbeat_interval_s": "300",
}
ADD = "/me/charge-points/add/"


def test_adding_tells_the_password_once_and_how_to_point_the_charger_here(mine: Client, driver: Any) -> None:
    page = mine.post(ADD, FORM).content.decode()
    point = private_points.points(driver).get()
    shown = re.search(r'id="secret">([0-9a-f]{32})<', page)
    assert shown is not None
    assert point.secret_hash == hashed(shown[1])
    assert "ws://testserver/ocpp/WALLBOX-7" in page
    assert (point.evses.get().min_power_w, point.can_pause) == (4_140, False)
    later = mine.get(reverse("drivers:charge-point", args=[point.pk])).content.decode()
    assert shown[1] not in later
    assert "never connected" in later


@pytest.mark.parametrize(
    "wrong",
    [
        {"identity": "a b"},
        {"identity": "x"},
        {"latitude": ""},
        {"longitude": "200"},
        {"country": "XX"},
        {"max_power_kw": "0"},
        {"min_power_kw": "12"},
        {"ocpp_version": "1.5"},
        {"remote_address": "<script>"},
        {"heartbeat_interval_s": "1"},
    ],
)
def test_what_makes_no_charger_is_said_beside_the_field_and_nothing_is_lost(mine: Client, wrong: Any) -> None:
    answer = mine.post(ADD, FORM | wrong)
    assert answer.status_code == 422
    assert "Lindenweg 5" in answer.content.decode()
    assert not ChargePoint.objects.exists()


def test_a_name_that_is_taken_is_said_at_the_name(mine: Client) -> None:
    factories.charge_point(identity="wallbox-7")
    answer = mine.post(ADD, FORM)
    assert answer.status_code == 422
    assert "already" in answer.content.decode()


def test_the_page_tells_whether_it_has_connected(mine: Client, home_evse: Evse) -> None:
    point = home_evse.charge_point
    address = reverse("drivers:charge-point-link", args=[point.pk])
    assert "Connected." in mine.get(address).content.decode()
    ChargePoint.objects.filter(pk=point.pk).update(connection_key="", last_heard_at=NOW)
    assert "Not connected now" in mine.get(address).content.decode()


def test_it_is_corrected_and_removed(mine: Client, driver: Any) -> None:
    mine.post(ADD, FORM)
    point = private_points.points(driver).get()
    mine.post(reverse("drivers:charge-point", args=[point.pk]), FORM | {"identity": "OTHER", "max_power_kw": "22"})
    point.refresh_from_db()
    assert (point.identity, point.evses.get().max_power_w) == ("WALLBOX-7", 22_000)
    mine.post(reverse("drivers:charge-point-remove", args=[point.pk]))
    assert "WALLBOX-7" not in mine.get(reverse("drivers:charge-points")).content.decode()


def test_a_stranger_and_another_driver_reach_none_of_it(client: Client, theirs: Client, home_evse: Evse) -> None:
    secret = home_evse.charge_point.secret_hash
    for name in ("charge-point", "charge-point-link"):
        address = reverse(f"drivers:{name}", args=[home_evse.charge_point_id])
        assert theirs.get(address).status_code == 404
        assert client.get(address)["Location"].startswith(reverse("identity:login"))
    for name in ("charge-point", "charge-point-password", "charge-point-remove"):
        address = reverse(f"drivers:{name}", args=[home_evse.charge_point_id])
        assert theirs.post(address, FORM).status_code == 404
        assert client.post(address, FORM).status_code == 302
    assert home_evse.charge_point.identity not in theirs.get(reverse("drivers:charge-points")).content.decode()
    home_evse.charge_point.refresh_from_db()
    assert home_evse.charge_point.secret_hash == secret


def test_the_public_chargers_of_operators_are_nobodys_own(mine: Client, public_evse: Evse) -> None:
    assert mine.get(reverse("drivers:charge-point", args=[public_evse.charge_point_id])).status_code == 404
