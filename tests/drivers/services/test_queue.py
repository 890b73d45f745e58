"""The queue for a busy station: fair, one turn at a time, and never stuck."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain.errors import AlreadyReserved, NotAvailable
from chargepoints.models import ChargePoint, Command, Connector, Evse, Reservation, Transaction
from chargepoints.services import reservations
from drivers.models import Notice, QueueEntry
from drivers.services import booking, queue, stations, waiting
from drivers.services.stations import Station
from drivers.services.travel import Position
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
State = QueueEntry.State
MINUTE = timedelta(minutes=1)


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


def waits(point: ChargePoint, *, after: timedelta = timedelta(0), **car: Any) -> QueueEntry:
    """A new driver in the queue."""
    driver = factories.driver()
    vehicle = factories.vehicle(driver, **car)
    return queue.join(driver=driver, station=station_at(point), vehicle=vehicle, now=NOW + after)


def is_unplugged(point: ChargePoint) -> None:
    Transaction.objects.filter(charge_point=point).update(state=Transaction.State.ENDED)


def states(*entries: QueueEntry) -> list[str]:
    for entry in entries:
        entry.refresh_from_db()
    return [entry.state for entry in entries]


def test_who_came_first_is_served_first_and_told(point: ChargePoint) -> None:
    first, second = waits(point), waits(point, after=MINUTE)
    assert queue.standing(second.driver).position == 2  # type: ignore[union-attr]
    is_unplugged(point)
    waiting.freed(charge_point_ids=[point.pk], now=NOW + 2 * MINUTE)
    assert states(first, second) == [State.TURN, State.WAITING]
    assert queue.standing(second.driver).position == 1  # type: ignore[union-attr]
    turn = Reservation.objects.get()
    assert (turn.driver, turn.expires_at) == (first.driver, NOW + 2 * MINUTE + queue.TURN)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (first.driver, Notice.Kind.TURN)


def test_a_turn_that_is_taken_lasts_as_long_as_the_way_and_the_charger_is_told(point: ChargePoint) -> None:
    entry = waits(point)
    is_unplugged(point)
    waiting.sweep(now=NOW)
    entry.refresh_from_db()
    taken = queue.take(entry=entry, position=Position(52.1, 9.09), now=NOW + MINUTE)
    assert taken.expires_at > NOW + 30 * MINUTE
    assert states(entry) == [State.TAKEN]
    told = Command.objects.filter(kind="reserve_now").latest("pk")
    assert told.intent.expires_at > taken.expires_at  # type: ignore[union-attr]
    assert queue.standing(entry.driver) is None


def test_a_turn_that_is_not_taken_is_the_next_ones(point: ChargePoint) -> None:
    first, second = waits(point), waits(point, after=MINUTE)
    is_unplugged(point)
    waiting.sweep(now=NOW)
    late = NOW + queue.TURN + timedelta(seconds=1)
    reservations.sweep(now=late)
    waiting.sweep(now=late)
    assert states(first, second) == [State.MISSED, State.TURN]
    with pytest.raises(NotAvailable):
        queue.take(entry=first, position=None, now=late)


def test_who_leaves_makes_room_and_gives_the_turn_back(point: ChargePoint) -> None:
    first, second = waits(point), waits(point, after=MINUTE)
    is_unplugged(point)
    waiting.sweep(now=NOW)
    assert queue.leave(entry=first, now=NOW)
    assert not queue.leave(entry=first, now=NOW)
    waiting.sweep(now=NOW)
    assert states(first, second) == [State.LEFT, State.TURN]


def test_a_turn_cancelled_on_the_page_of_bookings_is_given_back(point: ChargePoint) -> None:
    entry = waits(point)
    is_unplugged(point)
    waiting.sweep(now=NOW)
    booking.cancel(reservation=Reservation.objects.get(), now=NOW)
    waiting.sweep(now=NOW)
    assert states(entry) == [State.LEFT]
    assert not Reservation.objects.filter(status=Reservation.Status.ACTIVE).exists()


def test_a_fault_during_a_turn_gives_the_old_place_back(point: ChargePoint) -> None:
    first = waits(point)
    second = waits(point, after=MINUTE)
    is_unplugged(point)
    waiting.sweep(now=NOW)
    Connector.objects.update(status=Connector.Status.FAULTED)
    reservations.release_unusable(evse_id=point.evses.get().pk, now=NOW)
    waiting.reservation_moved(reservation_id=Reservation.objects.get().pk, now=NOW)
    assert states(first, second) == [State.WAITING, State.WAITING]
    assert queue.standing(first.driver).position == 1  # type: ignore[union-attr]


def test_a_plug_goes_to_the_first_whose_car_it_fits(point: ChargePoint) -> None:
    factories.charge_point(at=point.supply_point, standard=Connector.Standard.CHADEMO, connected=False)
    rare = waits(point, connector_standard=Connector.Standard.CHADEMO)
    ChargePoint.objects.filter(pk=point.pk).update(connection_key="link")
    # A CHAdeMO car reaches a Type 2 socket with its own cable; a Schuko car does not.
    schuko = factories.vehicle(factories.driver(), connector_standard=Connector.Standard.SCHUKO)
    with pytest.raises(NotAvailable):
        queue.join(driver=schuko.owner, station=station_at(point), vehicle=schuko, now=NOW)
    is_unplugged(point)
    waiting.sweep(now=NOW)
    assert states(rare) == [State.TURN]


def test_nobody_passes_the_queue_on_the_map(point: ChargePoint) -> None:
    first = waits(point)
    is_unplugged(point)
    passer = factories.driver()
    with pytest.raises(AlreadyReserved):
        booking.reserve(
            driver=passer, evse=point.evses.get(), vehicle=factories.vehicle(passer), position=None, now=NOW
        )
    assert states(first) == [State.TURN]
    assert not passer.reservations.exists()


def test_a_free_charger_is_given_at_once() -> None:
    point = factories.charge_point()
    assert waits(point).state == State.TURN


def test_nobody_stands_in_two_queues_or_queues_with_a_reservation(point: ChargePoint) -> None:
    entry = waits(point)
    with pytest.raises(AlreadyReserved):
        queue.join(driver=entry.driver, station=station_at(point), vehicle=entry.vehicle, now=NOW)
    holder = factories.driver()
    car = factories.vehicle(holder)
    booking.reserve(driver=holder, evse=factories.evse(), vehicle=car, position=None, now=NOW)
    with pytest.raises(AlreadyReserved):
        queue.join(driver=holder, station=station_at(point), vehicle=car, now=NOW)


def test_who_finds_another_charger_leaves_the_queue(point: ChargePoint) -> None:
    entry = waits(point)
    booking.reserve(driver=entry.driver, evse=factories.evse(), vehicle=entry.vehicle, position=None, now=NOW)
    assert states(entry) == [State.LEFT]


def test_nobody_waits_for_ever(point: ChargePoint) -> None:
    entry = waits(point)
    waiting.sweep(now=NOW + queue.PATIENCE)
    assert states(entry) == [State.LEFT]


def test_a_turn_that_is_used_is_taken(point: ChargePoint) -> None:
    entry = waits(point)
    is_unplugged(point)
    waiting.sweep(now=NOW)
    reservations.use(reservation=Reservation.objects.get(), now=NOW)
    waiting.sweep(now=NOW)
    assert states(entry) == [State.TAKEN]


def test_two_free_sockets_serve_two(point: ChargePoint) -> None:
    Evse.objects.filter(charge_point=point).update(max_power_w=11_000)
    other = factories.charge_point(at=point.supply_point)
    factories.transaction(other.evses.get())
    first, second, third = waits(point), waits(point, after=MINUTE), waits(point, after=2 * MINUTE)
    Transaction.objects.update(state=Transaction.State.ENDED)
    waiting.sweep(now=NOW)
    assert states(first, second, third) == [State.TURN, State.TURN, State.WAITING]
