"""Shared vehicles."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.models import IdToken, Location
from chargepoints.services import authorization
from drivers.models import Vehicle, VehicleBooking
from drivers.services import sharing
from drivers.services.sharing import SlotState
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 23)


@pytest.fixture
def shared(other_driver: Any) -> Vehicle:
    return factories.vehicle(other_driver, is_shared=True)


def book(vehicle: Vehicle, driver: Any, start_h: float = 3, hours: float = 2, **values: Any) -> VehicleBooking:
    card = values.pop("id_token", None) or factories.id_token(driver)
    starts_at = NOW + start_h * HOUR
    wish = {"starts_at": starts_at, "ends_at": starts_at + hours * HOUR, "now": NOW, **values}
    return sharing.book(vehicle=vehicle, driver=driver, id_token=card, **wish)


def refusal(*args: Any, **values: Any) -> str:
    with pytest.raises(Refused) as refused:
        book(*args, **values)
    return refused.value.code


def test_a_booked_vehicle_is_held_and_picked_up_with_the_card(driver: Any, shared: Vehicle) -> None:
    card = factories.id_token(driver)
    booking = book(shared, driver, id_token=card)
    assert (booking.driver, booking.vehicle, booking.id_token) == (driver, shared, card)
    assert list(sharing.ahead(driver, NOW)) == [booking]


def test_no_hour_is_booked_twice_and_neighbours_may_touch(driver: Any, other_driver: Any, shared: Vehicle) -> None:
    book(shared, driver, start_h=3, hours=2)
    assert refusal(shared, other_driver, start_h=4, hours=2) == "taken"
    assert refusal(shared, other_driver, start_h=2, hours=5) == "taken"
    book(shared, other_driver, start_h=5, hours=1)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"start_h": 1.9}, "too-soon"),
        ({"hours": 25}, "too-long"),
        ({"hours": 0}, "hours"),
        ({"start_h": 24 * 31}, "too-far"),
    ],
)
def test_what_cannot_be_booked_is_said(driver: Any, shared: Vehicle, values: dict[str, Any], code: str) -> None:
    assert refusal(shared, driver, **values) == code


def test_only_shared_vehicles_can_be_booked(driver: Any, other_driver: Any) -> None:
    assert refusal(factories.vehicle(other_driver), driver) == "gone"


def test_the_card_must_be_ones_own_and_valid(driver: Any, other_driver: Any, shared: Vehicle) -> None:
    blocked = factories.id_token(driver)
    IdToken.objects.filter(pk=blocked.pk).update(status=IdToken.Status.BLOCKED)
    cards = [factories.id_token(other_driver), blocked, authorization.app_token(driver=driver)]
    assert [refusal(shared, driver, id_token=card) for card in cards] == ["card"] * 3


def test_a_day_shows_what_is_free_taken_mine_and_too_soon(driver: Any, other_driver: Any, shared: Vehicle) -> None:
    book(shared, driver, start_h=3, hours=1)
    book(shared, other_driver, start_h=5, hours=1)
    slots = sharing.day(vehicle=shared, on=TODAY, driver=driver, now=NOW)
    states = {slot.starts_at: slot.state for slot in slots}
    shown = [states[NOW + hour * HOUR] for hour in (1, 2, 3, 4, 5)]
    assert shown == [SlotState.TOO_SOON, SlotState.FREE, SlotState.MINE, SlotState.FREE, SlotState.TAKEN]


@pytest.mark.parametrize(("month", "day", "hours"), [(11, 24, 24), (3, 28, 23), (10, 31, 25)])
def test_a_day_has_the_hours_of_its_zone(driver: Any, home_evse: Any, month: int, day: int, hours: int) -> None:
    Location.objects.update(time_zone="Europe/Berlin")
    mine = factories.vehicle(driver, is_shared=True)
    slots = sharing.day(vehicle=mine, on=date(2027, month, day), driver=driver, now=NOW)
    assert len(slots) == hours
    assert slots[0].starts_at.astimezone(sharing.zone_of(mine)).hour == 0


def test_chosen_hours_must_follow_each_other() -> None:
    at = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert sharing.span([at + HOUR, at]) == (at, at + 2 * HOUR)
    for hours in ([], [at, at + 2 * HOUR]):
        with pytest.raises(Refused):
            sharing.span(hours)


def test_a_booking_given_back_frees_its_hours(driver: Any, other_driver: Any, shared: Vehicle) -> None:
    booking = book(shared, driver)
    assert sharing.cancel(booking=booking, now=NOW)
    assert not sharing.cancel(booking=booking, now=NOW)
    book(shared, other_driver)


def test_a_vehicle_brought_back_early_is_free_from_then_on(driver: Any, shared: Vehicle) -> None:
    booking = book(shared, driver, start_h=3, hours=4)
    assert sharing.cancel(booking=booking, now=NOW + 4 * HOUR)
    booking.refresh_from_db()
    assert (booking.cancelled_at, booking.ends_at) == (None, NOW + 4 * HOUR)
    assert not Vehicle.objects.usable_by(driver, NOW + 4 * HOUR).exists()


def test_a_cancelled_booking_gives_no_vehicle(driver: Any, shared: Vehicle) -> None:
    booking = book(shared, driver)
    assert list(Vehicle.objects.usable_by(driver, NOW + 4 * HOUR)) == [shared]
    sharing.cancel(booking=booking, now=NOW)
    assert not Vehicle.objects.usable_by(driver, NOW + 4 * HOUR).exists()
