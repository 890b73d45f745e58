"""Booking shared vehicles."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargepoints.models import Evse, IdToken
from drivers.models import ChargeSession, Vehicle, VehicleBooking
from drivers.services import sharing
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
URL = "/vehicles/shared/"
HOUR = timedelta(hours=1)


@pytest.fixture
def shared(other_driver: Any) -> Vehicle:
    return factories.vehicle(other_driver, is_shared=True, plate="SHARED 1", battery_capacity_wh=40_000)


@pytest.fixture
def rfid(driver: Any) -> IdToken:
    return factories.id_token(driver, "CARDOFANN")


def wish(shared: Vehicle, rfid: IdToken, *hours: int) -> dict[str, Any]:
    chosen = [(NOW + hour * HOUR).isoformat() for hour in hours]
    return {"vehicle": shared.pk, "id_token": rfid.pk, "hours": chosen, "day": "2026-11-23"}


def test_a_day_shows_its_hours_and_the_card(mine: Client, shared: Vehicle, rfid: IdToken) -> None:
    page = mine.get(URL).content.decode()
    for words in ("SHARED 1", "CARDOFANN", "too soon", "Day after", (NOW + 3 * HOUR).isoformat()):
        assert words in page
    assert "Day before" not in page


def test_the_arrows_lead_over_the_days_that_can_be_booked(mine: Client, shared: Vehicle, rfid: IdToken) -> None:
    tomorrow = mine.get(URL, {"vehicle": shared.pk, "day": "2026-11-24"}).content.decode()
    assert "Tuesday" in tomorrow
    assert "Day before" in tomorrow
    assert "Day after" not in mine.get(URL, {"day": "2027-05-01"}).content.decode()
    assert "Monday" in mine.get(URL, {"day": "no day"}).content.decode()


def test_reserve_books_the_hours_and_says_so(mine: Client, driver: Any, shared: Vehicle, rfid: IdToken) -> None:
    page = mine.post(URL, wish(shared, rfid, 3, 4), follow=True).content.decode()
    held = VehicleBooking.objects.get()
    assert (held.driver, held.id_token, held.starts_at, held.ends_at) == (driver, rfid, NOW + 3 * HOUR, NOW + 5 * HOUR)
    assert "The vehicle is booked." in page
    assert 'id="vehicle-bookings"' in page


@pytest.mark.parametrize(
    ("hours", "status", "words"),
    [
        ((), 422, "Choose the hours"),
        ((3, 5), 422, "follow each other"),
        ((1,), 409, "from two hours ahead"),
        ((6,), 409, "Somebody else has just booked"),
    ],
)
def test_what_cannot_be_booked_is_told_and_the_choice_stays(
    mine: Client, other_driver: Any, shared: Vehicle, rfid: IdToken, hours: tuple[int, ...], status: int, words: str
) -> None:
    theirs = {"id_token": factories.id_token(other_driver), "now": NOW}
    sharing.book(vehicle=shared, driver=other_driver, starts_at=NOW + 6 * HOUR, ends_at=NOW + 7 * HOUR, **theirs)
    answer = mine.post(URL, wish(shared, rfid, *hours))
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert VehicleBooking.objects.count() == 1


def test_others_see_hours_taken_but_not_by_whom(
    theirs: Client, driver: Any, shared: Vehicle, rfid: IdToken, other_driver: Any
) -> None:
    factories.id_token(other_driver)
    hours = {"starts_at": NOW + 3 * HOUR, "ends_at": NOW + 4 * HOUR, "now": NOW}
    held = sharing.book(vehicle=shared, driver=driver, id_token=rfid, **hours)
    page = theirs.get(URL).content.decode()
    assert "taken" in page
    for secret in (driver.username, "CARDOFANN", 'id="vehicle-bookings"'):
        assert secret not in page
    assert theirs.post(reverse("drivers:shared-cancel", args=[held.pk])).status_code == 404
    held.refresh_from_db()
    assert held.cancelled_at is None


def test_a_booking_is_cancelled_by_its_driver(mine: Client, driver: Any, shared: Vehicle, rfid: IdToken) -> None:
    mine.post(URL, wish(shared, rfid, 3))
    held = VehicleBooking.objects.get()
    page = mine.post(reverse("drivers:shared-cancel", args=[held.pk]), follow=True).content.decode()
    assert "free for others again" in page
    assert "Earlier bookings" in page


def test_without_a_charge_card_the_page_leads_to_the_profile(mine: Client, shared: Vehicle) -> None:
    assert "First your charge card" in mine.get(URL).content.decode()


def test_without_shared_vehicles_the_page_says_so(mine: Client) -> None:
    assert "No shared vehicles yet" in mine.get(URL).content.decode()


def test_strangers_are_asked_to_log_in(client: Client, shared: Vehicle) -> None:
    assert "/accounts/login/" in client.get(URL)["Location"]
    assert "/accounts/login/" in client.post(URL)["Location"]


def test_the_booked_vehicle_is_charged_while_it_is_the_drivers(
    mine: Client, home_evse: Evse, shared: Vehicle, rfid: IdToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine.post(URL, wish(shared, rfid, 3, 4))
    charge = {"vehicle": shared.pk, "evse": home_evse.pk, "mode": "basic", "minutes": 60}
    charge |= {"soc_percent": 40, "target_soc_percent": 60}
    assert mine.post("/charge/", charge).status_code == 422
    monkeypatch.setattr(timezone, "now", lambda: NOW + 3 * HOUR)
    assert mine.post("/charge/", charge).status_code == 302
    session = ChargeSession.objects.get()
    assert (session.vehicle, session.need.battery_capacity_wh) == (shared, 40_000)


def test_whoever_has_not_accepted_the_terms_goes_there_first(as_user: Callable[[Any], Client], shared: Vehicle) -> None:
    assert as_user(factories.staff(factories.operator())).get(URL)["Location"].startswith("/terms/")
