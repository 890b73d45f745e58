"""Tell me when it is free."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.models import ChargePoint, Transaction
from drivers.models import Notice, Vehicle, Watch
from drivers.services import queue, stations, waiting, watch
from drivers.services.stations import Station
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def point() -> ChargePoint:
    """A charger that is in use."""
    row = factories.charge_point()
    factories.transaction(row.evses.get(), factories.driver())
    return row


def station_at(point: ChargePoint) -> Station:
    found = stations.station_of(point.pk)
    assert found is not None
    return found


@pytest.fixture
def watched(driver: Any, car: Vehicle, point: ChargePoint) -> Watch:
    return watch.watch(driver=driver, station=station_at(point), vehicle=car, now=NOW)


def test_the_driver_is_told_once_when_the_charger_is_free(driver: Any, watched: Watch, point: ChargePoint) -> None:
    waiting.sweep(now=NOW)
    assert not Notice.objects.exists()
    Transaction.objects.update(state=Transaction.State.ENDED)
    for _ in range(2):
        waiting.freed(charge_point_ids=[point.pk], now=NOW)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (driver, Notice.Kind.STATION_FREE)
    assert notice.path == f"/?station={point.pk}"
    assert watch.watched_by(driver, NOW) == set()


def test_who_asks_again_is_told_again(driver: Any, watched: Watch, point: ChargePoint) -> None:
    Transaction.objects.update(state=Transaction.State.ENDED)
    waiting.sweep(now=NOW)
    watch.watch(driver=driver, station=station_at(point), vehicle=watched.vehicle, now=NOW + timedelta(hours=1))
    assert Notice.objects.count() == 2


def test_what_the_queue_waits_for_is_not_free_for_those_who_watch(watched: Watch, point: ChargePoint) -> None:
    other = factories.driver()
    queue.join(driver=other, station=station_at(point), vehicle=factories.vehicle(other), now=NOW)
    Transaction.objects.update(state=Transaction.State.ENDED)
    waiting.freed(charge_point_ids=[point.pk], now=NOW)
    assert [notice.kind for notice in Notice.objects.all()] == [Notice.Kind.TURN]


def test_who_asked_long_ago_is_not_told(watched: Watch) -> None:
    Transaction.objects.update(state=Transaction.State.ENDED)
    waiting.sweep(now=NOW + timedelta(hours=13))
    assert not Notice.objects.exists()
    assert not Watch.objects.exists()


def test_a_watch_can_be_ended(driver: Any, watched: Watch, point: ChargePoint) -> None:
    assert watch.unwatch(driver=driver, station_key=point.pk)
    assert not watch.unwatch(driver=driver, station_key=point.pk)
