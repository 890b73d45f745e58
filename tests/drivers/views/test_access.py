"""Every address is tried by a stranger, by a driver without terms and, where it is somebody's, by another driver."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import IdToken, Reservation
from drivers.models import ChargeSession, Vehicle
from drivers.urls import urlpatterns
from tests import factories
from tests.drivers.views.conftest import HTMX

pytestmark = pytest.mark.django_db

PUBLIC = {"map", "stations", "station", "station-list", "terms", "manifest", "worker", "offline"}
# One's own without consent to the terms: what was told, and what is kept.
NOTICES = {"bell", "notices", "notices-read", "push-subscribe", "push-unsubscribe"}
WITHOUT_TERMS = {"status", "my-data", "my-data-export", "terms-withdraw"} | NOTICES
SESSION_POSTS = {"session-end", "session-pick-up"}
POST_ONLY = {"reserve", "quote", "booking-cancel", "vehicle-remove", "card-add", "card-block"} | SESSION_POSTS
GUARDED = sorted({str(pattern.name) for pattern in urlpatterns} - PUBLIC)
OWNED = ["session", "session-details", "session-chart", "session-end", "session-pick-up"]


def address(name: str, pk: int = 1) -> str:
    pattern = next(each for each in urlpatterns if each.name == name)
    return reverse(f"drivers:{name}", args=[pk] if pattern.pattern.converters else [])


def request(client: Client, name: str, pk: int = 1, **extra: Any) -> Any:
    send = client.post if name in POST_ONLY else client.get
    return send(address(name, pk), **extra)


@pytest.mark.parametrize("name", GUARDED)
def test_a_stranger_is_sent_to_the_log_in_page(client: Client, name: str) -> None:
    response = request(client, name)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("identity:login"))


@pytest.mark.parametrize("name", sorted(set(GUARDED) - WITHOUT_TERMS))
def test_a_driver_who_has_not_accepted_the_terms_is_asked_first(as_user: Callable[[Any], Client], name: str) -> None:
    response = request(as_user(factories.user()), name)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("drivers:terms"))


def test_a_fragment_for_a_stranger_moves_the_whole_page(client: Client) -> None:
    response = client.get(address("search"), headers=HTMX)
    assert response["HX-Redirect"].startswith(reverse("identity:login"))
    assert not response.content


@pytest.mark.parametrize("name", OWNED)
def test_another_drivers_session_does_not_exist(theirs: Client, charging: ChargeSession, name: str) -> None:
    assert request(theirs, name, charging.pk).status_code == 404
    charging.refresh_from_db()
    assert charging.stop_requested_at is None


def test_another_drivers_reservation_cannot_be_cancelled(theirs: Client, reservation: Reservation) -> None:
    assert request(theirs, "booking-cancel", reservation.pk).status_code == 404
    reservation.refresh_from_db()
    assert reservation.status == Reservation.Status.ACTIVE


@pytest.mark.parametrize("name", ["vehicle", "vehicle-remove"])
@pytest.mark.parametrize("is_shared", [False, True])
def test_another_drivers_vehicle_can_be_neither_seen_nor_removed(
    theirs: Client, car: Vehicle, name: str, is_shared: bool
) -> None:
    Vehicle.objects.update(is_shared=is_shared)
    assert request(theirs, name, car.pk).status_code == 404
    assert Vehicle.objects.filter(pk=car.pk).exists()


def test_another_drivers_card_cannot_be_blocked(theirs: Client, driver: Any) -> None:
    card = factories.id_token(driver)
    assert request(theirs, "card-block", card.pk).status_code == 404
    card.refresh_from_db()
    assert card.status == IdToken.Status.ACTIVE


@pytest.mark.parametrize("name", sorted(POST_ONLY))
def test_what_changes_something_is_not_done_by_a_link(mine: Client, name: str) -> None:
    assert mine.get(address(name)).status_code == 405


def test_nobody_is_sent_to_a_foreign_site_after_accepting_the_terms(as_user: Callable[[Any], Client]) -> None:
    client = as_user(factories.user())
    response = client.post(reverse("drivers:terms"), {"next": "https://evil.example/"})
    assert response["Location"] == reverse("drivers:map")
