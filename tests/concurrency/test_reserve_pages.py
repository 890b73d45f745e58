"""Fifty drivers press "Reserve" in their browsers for the same charger at the same instant."""

import threading
from collections import Counter

import pytest
from django.utils import timezone

from chargepoints.models import ChargePoint, Reservation
from tests import factories
from tests.flows.support import Phone
from tests.servers import Stack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
DRIVERS = 50


def test_of_fifty_browsers_one_gets_the_charger_and_the_others_a_clear_page(live_stack: Stack) -> None:
    evse = factories.evse()
    ChargePoint.objects.filter(pk=evse.charge_point_id).update(last_heard_at=timezone.now())
    holders = [factories.driver() for _ in range(DRIVERS)]
    cars = [factories.vehicle(holder).pk for holder in holders]
    phones = [Phone(live_stack, holder) for holder in holders]
    barrier = threading.Barrier(DRIVERS)
    answers: list[tuple[int, str]] = []

    def press(index: int) -> None:
        barrier.wait()
        answers.append(phones[index].post(f"/reserve/{evse.pk}/", vehicle=cars[index]))

    threads = [threading.Thread(target=press, args=[index]) for index in range(DRIVERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = Counter(status for status, _ in answers)
    assert statuses == {200: 1, 409: DRIVERS - 1}, statuses
    assert all("Somebody else has just reserved this charger." in page for status, page in answers if status == 409)
    assert Reservation.objects.count() == 1
