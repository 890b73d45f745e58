import pytest

from chargepoints.domain.errors import AlreadyReserved, NotAvailable
from chargepoints.models import ChargePoint, Command, Connector, Evse, Reservation
from chargepoints.services import commands, reservations
from tests import factories
from tests.factories import NOW, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def evse() -> Evse:
    return factories.evse()


def reserve(evse: Evse, driver=None) -> Reservation:
    driver = driver or factories.driver()
    return reservations.reserve(
        evse=evse, driver=driver, id_token=factories.id_token(driver), until=NOW + minutes(20), now=NOW
    )


def answer(kind: str, status: str, *, accepted: bool) -> None:
    command = Command.objects.filter(kind=kind).latest("pk")
    claimed = commands.claim(charge_point_id=command.charge_point_id, connection_key="link", now=NOW)
    assert claimed is not None
    commands.answered(command_id=claimed.pk, accepted=accepted, answer={"status": status}, now=NOW)


def test_a_reservation_is_told_to_the_charger(evse: Evse) -> None:
    held = reserve(evse)
    command = Command.objects.get(kind="reserve_now")
    assert command.payload["reservation_number"] == held.pk
    assert command.charge_point == evse.charge_point


def test_a_second_driver_is_told_that_somebody_was_faster(evse: Evse) -> None:
    reserve(evse)
    with pytest.raises(AlreadyReserved) as refusal:
        reserve(evse)
    assert refusal.value.code == "taken"


def test_a_driver_holds_one_reservation_at_a_time(evse: Evse) -> None:
    driver = factories.driver()
    reserve(evse, driver)
    with pytest.raises(AlreadyReserved) as refusal:
        reserve(factories.evse(), driver)
    assert refusal.value.code == "own"


@pytest.mark.parametrize("status", ["faulted", "unavailable", "charging", "unknown"])
def test_a_charger_that_is_not_free_cannot_be_reserved(evse: Evse, status: str) -> None:
    Connector.objects.filter(evse=evse).update(status=status)
    with pytest.raises(NotAvailable):
        reserve(evse)


def test_a_charger_that_is_away_cannot_be_reserved(evse: Evse) -> None:
    ChargePoint.objects.filter(pk=evse.charge_point_id).update(connection_key="")
    evse.charge_point.refresh_from_db()
    with pytest.raises(NotAvailable):
        reserve(evse)


def test_a_stranger_cannot_reserve_a_private_charger() -> None:
    home = factories.charge_point(owner=factories.driver()).evses.get()
    with pytest.raises(NotAvailable):
        reserve(home)


def test_a_reservation_lapses_by_itself_and_frees_the_charger(evse: Evse) -> None:
    held = reserve(evse)
    assert reservations.sweep(now=NOW + minutes(19)) == 0
    assert reservations.sweep(now=NOW + minutes(20)) == 1
    assert reservations.sweep(now=NOW + minutes(21)) == 0
    held.refresh_from_db()
    assert held.status == Reservation.Status.NOT_USED
    assert Command.objects.filter(kind="cancel_reservation").exists()
    assert reserve(evse).status == Reservation.Status.ACTIVE


def test_a_charger_that_says_occupied_ends_the_reservation(evse: Evse) -> None:
    held = reserve(evse)
    answer("reserve_now", "Occupied", accepted=False)
    held.refresh_from_db()
    assert (held.status, held.charger_answer) == ("cancelled", "Occupied")
    assert held.changes.last().reason


def test_a_charger_that_cannot_hold_reservations_leaves_it_held_here(evse: Evse) -> None:
    held = reserve(evse)
    answer("reserve_now", "NotSupported", accepted=False)
    held.refresh_from_db()
    assert (held.status, held.charger_answer) == ("active", "NotSupported")


def test_a_fault_releases_the_reservation(evse: Evse) -> None:
    held = reserve(evse)
    Connector.objects.filter(evse=evse).update(status="faulted")
    reservations.release_unusable(evse_id=evse.pk, now=NOW)
    held.refresh_from_db()
    assert (held.status, held.why) == ("cancelled", "The charger reports a fault.")


def test_the_history_tells_when_and_why(evse: Evse) -> None:
    held = reserve(evse)
    reservations.cancel(reservation=held, now=NOW + minutes(3), reason="changed my mind")
    assert list(held.changes.values_list("status", "reason")) == [("active", ""), ("cancelled", "changed my mind")]


def test_a_reservation_can_be_cancelled_once(evse: Evse) -> None:
    held = reserve(evse)
    assert reservations.cancel(reservation=held, now=NOW)
    assert not reservations.cancel(reservation=held, now=NOW)
