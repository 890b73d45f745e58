"""Many at once at a busy station: each charger goes to one of them, in the order in which they came."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from chargepoints.models import Reservation, Transaction
from drivers.models import Notice, QueueEntry
from drivers.services import queue, stations, waiting
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
WAITING, CHARGERS, SERVERS = 12, 3, 8
State = QueueEntry.State


def _at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    def one(number: int) -> Any:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def key() -> int:
    """A station with three chargers, all in use."""
    place = factories.supply_point()
    points = [factories.charge_point(at=place) for _ in range(CHARGERS)]
    for point in points:
        factories.transaction(point.evses.get())
    return points[0].pk


def test_whoever_serves_at_the_same_moment_gives_each_charger_once_and_in_order(key: int) -> None:
    cars = [factories.vehicle(factories.driver()) for _ in range(WAITING)]

    def join(number: int) -> int:
        station = stations.station_of(key)
        assert station is not None
        at = NOW + timedelta(seconds=number)
        return queue.join(driver=cars[number].owner, station=station, vehicle=cars[number], now=at).pk

    _at_once(WAITING, join)
    Transaction.objects.update(state=Transaction.State.ENDED)
    later = NOW + timedelta(minutes=1)
    _at_once(SERVERS, lambda _number: waiting.freed(charge_point_ids=[key], now=later))

    served = QueueEntry.objects.filter(state=State.TURN).values_list("driver", flat=True)
    assert list(served) == [car.owner_id for car in cars[:CHARGERS]]
    turns = Reservation.objects.filter(status=Reservation.Status.ACTIVE)
    assert turns.values("evse").distinct().count() == turns.count() == CHARGERS
    assert Notice.objects.filter(kind=Notice.Kind.TURN).count() == CHARGERS


def test_who_leaves_while_the_turn_is_given_keeps_no_charger(key: int) -> None:
    cars = [factories.vehicle(factories.driver()) for _ in range(2)]
    station = stations.station_of(key)
    assert station is not None
    first, _ = (queue.join(driver=car.owner, station=station, vehicle=car, now=NOW) for car in cars)
    Transaction.objects.update(state=Transaction.State.ENDED)

    def act(number: int) -> None:
        if number:
            waiting.freed(charge_point_ids=[key], now=NOW)
        else:
            queue.leave(entry=first, now=NOW)

    _at_once(4, act)
    first.refresh_from_db()
    assert first.state == State.LEFT
    assert not first.driver.reservations.filter(status=Reservation.Status.ACTIVE).exists()
