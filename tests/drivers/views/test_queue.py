"""Waiting for a busy station, as the browser sees it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargepoints.models import ChargePoint, Reservation, Transaction
from drivers.models import QueueEntry, Vehicle, Watch
from drivers.services import waiting
from tests import factories
from tests.drivers.views.conftest import HTMX

pytestmark = pytest.mark.django_db
State = QueueEntry.State


@pytest.fixture
def point() -> ChargePoint:
    """A charger that is in use."""
    row = factories.charge_point()
    factories.transaction(row.evses.get(), factories.driver(), started_at=timezone.now())
    return row


def join(client: Client, point: ChargePoint, car: Vehicle) -> Any:
    return client.post(reverse("drivers:queue-join", args=[point.pk]), {"vehicle": car.pk})


def free(point: ChargePoint) -> None:
    Transaction.objects.filter(charge_point=point).update(state=Transaction.State.ENDED)
    waiting.sweep(now=timezone.now())


def test_a_station_in_use_offers_to_wait_for_it(mine: Client, point: ChargePoint, car: Vehicle) -> None:
    page = mine.get(reverse("drivers:station", args=[point.pk])).content.decode()
    assert reverse("drivers:queue-join", args=[point.pk]) in page
    assert reverse("drivers:station-watch", args=[point.pk]) in page


def test_the_place_is_shown_and_can_be_left(mine: Client, point: ChargePoint, car: Vehicle) -> None:
    assert join(mine, point, car)["Location"] == reverse("drivers:queue")
    assert 'data-place="1"' in mine.get(reverse("drivers:queue")).content.decode()
    assert "You are number 1 in the queue" in mine.get(reverse("drivers:map")).content.decode()
    mine.post(reverse("drivers:queue-leave", args=[QueueEntry.objects.get().pk]))
    assert QueueEntry.objects.get().state == State.LEFT
    assert "You wait in no queue" in mine.get(reverse("drivers:queue")).content.decode()


def test_a_turn_is_shown_and_taken_on_the_way_to_the_charge_screen(
    mine: Client, point: ChargePoint, car: Vehicle
) -> None:
    join(mine, point, car)
    free(point)
    assert "data-turn" in mine.get(reverse("drivers:queue")).content.decode()
    before = Reservation.objects.get().expires_at
    answer = mine.post(reverse("drivers:queue-take", args=[QueueEntry.objects.get().pk]), {"vehicle": car.pk})
    assert answer["Location"] == reverse("drivers:charge")
    assert Reservation.objects.get().expires_at > before
    assert QueueEntry.objects.get().state == State.TAKEN


def test_another_drivers_place_can_be_neither_taken_nor_left(
    mine: Client, theirs: Client, point: ChargePoint, car: Vehicle
) -> None:
    join(mine, point, car)
    free(point)
    entry = QueueEntry.objects.get()
    for name in ("queue-take", "queue-leave"):
        assert theirs.post(reverse(f"drivers:{name}", args=[entry.pk]), {"vehicle": car.pk}).status_code == 404
    entry.refresh_from_db()
    assert entry.state == State.TURN
    assert "data-turn" not in theirs.get(reverse("drivers:queue")).content.decode()


def test_nobody_waits_with_another_drivers_vehicle_or_for_a_private_charger(
    theirs: Client, driver: Any, point: ChargePoint, car: Vehicle
) -> None:
    assert join(theirs, point, car).status_code == 404
    home = factories.charge_point(owner=driver)
    assert join(theirs, home, car).status_code == 404
    assert not QueueEntry.objects.exists()


def test_a_watch_is_pressed_on_and_off(mine: Client, point: ChargePoint, car: Vehicle) -> None:
    url = reverse("drivers:station-watch", args=[point.pk])
    pressed = mine.post(url, {"vehicle": car.pk}, headers=HTMX).content.decode()
    assert 'aria-pressed="true"' in pressed
    assert Watch.objects.count() == 1
    released = mine.post(url, {"vehicle": car.pk, "stop": "1"}, headers=HTMX).content.decode()
    assert 'aria-pressed="false"' in released
    assert not Watch.objects.exists()


def test_stations_in_use_are_listed_when_asked_for(mine: Client, point: ChargePoint, car: Vehicle) -> None:
    query = {"vehicle": car.pk, "distance_km": 30, "soc_percent": 40, "target_soc_percent": 80}
    url = reverse("drivers:search")
    assert f'data-busy="{point.pk}"' not in mine.get(url, query, headers=HTMX).content.decode()
    page = mine.get(url, {**query, "with_busy": "1"}, headers=HTMX).content.decode()
    assert f'data-busy="{point.pk}"' in page
    assert "0 free stations fit" in page
