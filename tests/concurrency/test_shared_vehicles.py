"""Fifty drivers book the same shared vehicle at the same instant."""

import itertools
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from chargepoints.domain.errors import Refused
from drivers.models import VehicleBooking
from drivers.services import sharing
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
DRIVERS = 50
HOUR = timedelta(hours=1)


def test_of_fifty_who_book_overlapping_hours_at_once_no_two_overlap() -> None:
    car = factories.vehicle(factories.driver(), is_shared=True)
    drivers = [factories.driver() for _ in range(DRIVERS)]
    cards = [factories.id_token(driver) for driver in drivers]
    barrier = threading.Barrier(DRIVERS)
    answers: list[str] = []

    def ask(index: int) -> None:
        """Two hours each, begun at one of four: 3 to 5, 4 to 6, 5 to 7, 6 to 8."""
        close_old_connections()
        starts_at = NOW + HOUR * (3 + index % 4)
        wish = {"driver": drivers[index], "id_token": cards[index], "starts_at": starts_at, "now": NOW}
        barrier.wait()
        try:
            sharing.book(vehicle=car, ends_at=starts_at + 2 * HOUR, **wish)
            answers.append("booked")
        except Refused as refusal:
            answers.append(refusal.code)
        except Exception as error:
            answers.append(f"failed: {error!r}")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[index]) for index in range(DRIVERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = list(VehicleBooking.objects.order_by("starts_at").values_list("starts_at", "ends_at"))
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(held)), held
    assert 1 <= len(held) <= 2
    assert Counter(answers) == {"booked": len(held), "taken": DRIVERS - len(held)}


def test_the_database_itself_refuses_an_overlap_where_it_can() -> None:
    car = factories.vehicle(factories.driver(), is_shared=True)
    first = {"vehicle": car, "driver": car.owner, "starts_at": NOW, "ends_at": NOW + 2 * HOUR}
    held = VehicleBooking.objects.create(**first)
    VehicleBooking.objects.create(**{**first, "starts_at": NOW + 2 * HOUR, "ends_at": NOW + 3 * HOUR})
    assert refuses({**first, "starts_at": NOW + HOUR}) == (connection.vendor == "postgresql")
    VehicleBooking.objects.filter(pk=held.pk).update(cancelled_at=NOW)
    assert not refuses(first)


def refuses(values: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            VehicleBooking.objects.create(**values)
    except IntegrityError:
        return True
    return False
