"""Reservations: history, filters, cancel."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import Evse, Reservation
from chargepoints.services import authorization, reservations
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
URL = "/bookings/"


def past(driver: Any, evse: Evse, status: str, vehicle_name: str = "Zoe") -> Reservation:
    return Reservation.objects.create(
        evse=evse,
        driver=driver,
        id_token=authorization.app_token(driver=driver),
        vehicle_name=vehicle_name,
        status=status,
        reserved_at=NOW - timedelta(days=1),
        expires_at=NOW - timedelta(hours=23),
    )


def shown(client: Client, **filters: Any) -> list[str]:
    return [row.status for row in client.get(URL, filters).context["page_obj"]]


def test_each_status_has_its_word(mine: Client, driver: Any, public_evse: Evse, reservation: Reservation) -> None:
    for status in ("done", "cancelled", "not_used"):
        past(driver, public_evse, status)
    page = mine.get(URL).content.decode()
    for word in ("Active", "Done", "Cancelled", "Not used"):
        assert word in page


def test_only_the_own_reservations_are_listed(theirs: Client, reservation: Reservation) -> None:
    assert shown(theirs) == []


def test_filters_live_in_the_address(mine: Client, driver: Any, public_evse: Evse) -> None:
    past(driver, public_evse, "done", "Zoe")
    past(driver, factories.evse(), "cancelled", "Leaf")
    place = public_evse.charge_point.location
    assert shown(mine, status="cancelled") == ["cancelled"]
    assert shown(mine, vehicle="Zoe") == ["done"]
    assert shown(mine, station=place.pk) == ["done"]
    assert shown(mine, station=place.pk, status="cancelled") == []
    assert shown(mine, status="nonsense") == ["cancelled", "done"]


def test_cancel_gives_the_charger_back(mine: Client, reservation: Reservation) -> None:
    response = mine.post(reverse("drivers:booking-cancel", args=[reservation.pk]), {"next": URL + "?status="})
    assert response["Location"] == URL + "?status="
    reservation.refresh_from_db()
    assert reservation.status == Reservation.Status.CANCELLED


def test_cancelling_twice_says_so(mine: Client, reservation: Reservation) -> None:
    url = reverse("drivers:booking-cancel", args=[reservation.pk])
    mine.post(url)
    assert "not open any more" in mine.post(url, follow=True).content.decode()


def test_a_reservation_that_the_charger_ended_says_why(mine: Client, reservation: Reservation) -> None:
    reservations.cancel(reservation=reservation, now=NOW, reason="The charger reports a fault.")
    assert "The charger reports a fault." in mine.get(URL).content.decode()


def test_the_reasons_cost_one_query_for_the_page(
    mine: Client, driver: Any, public_evse: Evse, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        past(driver, public_evse, "cancelled")
    with django_assert_max_num_queries(13):
        mine.get(URL)
