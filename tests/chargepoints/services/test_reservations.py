from datetime import datetime

import pytest

from chargepoints.domain import reports
from chargepoints.domain.errors import AlreadyReserved, NotAvailable
from chargepoints.models import ChargePoint, Command, Connector, DeviceVariable, Evse, IdToken, Reservation
from chargepoints.services import authorization, commands, reservations
from chargepoints.services import reservation_agreement as agreement
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
    claimed = factories.taken(command.charge_point_id)
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


# --- what the charger says of it


def settle_reserve_now(*, status: str = "", error: str = "") -> None:
    command = Command.objects.filter(kind="reserve_now").latest("pk")
    assert factories.taken(command.charge_point_id)
    if error:
        commands.failed(command_id=command.pk, error=error, now=NOW)
    elif status:
        commands.answered(command_id=command.pk, accepted=status == "Accepted", answer={"status": status}, now=NOW)
    else:
        commands.timed_out(command_id=command.pk, now=NOW)


@pytest.mark.parametrize("status", ["Occupied", "Faulted", "Unavailable", "Rejected"])
def test_a_charger_that_refuses_ends_it_and_says_why(evse: Evse, status: str) -> None:
    held = reserve(evse)
    settle_reserve_now(status=status)
    held.refresh_from_db()
    assert (held.status, held.charger_answer) == ("cancelled", status)
    assert held.why.startswith("The charger")


@pytest.mark.parametrize("error", ["NotSupported: no such profile", "NotImplemented: "])
def test_a_charger_without_the_profile_leaves_it_held_here_only(evse: Evse, error: str) -> None:
    held = reserve(evse)
    settle_reserve_now(error=error)
    held.refresh_from_db()
    assert held.status == "active"
    assert held.is_held_here_only
    assert not held.is_confirmed


def test_a_charger_that_does_not_answer_leaves_it_unconfirmed(evse: Evse) -> None:
    held = reserve(evse)
    settle_reserve_now()
    held.refresh_from_db()
    assert (held.status, held.charger_answer, held.is_confirmed) == ("active", "NoAnswer", False)


def test_a_charger_that_accepts_confirms_it(evse: Evse) -> None:
    held = reserve(evse)
    settle_reserve_now(status="Accepted")
    held.refresh_from_db()
    assert (held.status, held.is_confirmed) == ("active", True)


def test_the_charger_is_told_the_holder_s_group_and_a_little_more_time(evse: Evse) -> None:
    driver = factories.driver()
    app = authorization.app_token(driver=driver)
    card = factories.id_token(driver)
    app.refresh_from_db()
    until = NOW + minutes(20)
    reservations.reserve(evse=evse, driver=driver, id_token=app, until=until, now=NOW)
    payload = Command.objects.get(kind="reserve_now").payload
    assert payload["parent"] == card.parent != ""
    assert datetime.fromisoformat(payload["expires_at"]) == until + agreement.CHARGER_MARGIN


def ended(held: Reservation, status: str, now: datetime) -> Reservation:
    report = reports.ReservationEnded(reservation_number=held.pk, status=status)
    agreement.charger_ended(charge_point_id=held.evse.charge_point_id, report=report, now=now)
    held.refresh_from_db()
    return held


def test_a_reservation_that_the_charger_removes_is_over_and_its_holder_told(evse: Evse) -> None:
    held = ended(reserve(evse), "Removed", NOW)
    assert (held.status, held.why) == ("cancelled", "The charger gave the reservation up.")


def test_a_reservation_that_expires_by_a_clock_that_runs_ahead_is_kept_here(evse: Evse) -> None:
    held = ended(reserve(evse), "Expired", NOW + minutes(10))
    assert (held.status, held.is_confirmed) == ("active", False)
    assert ended(held, "Expired", NOW + minutes(20)).status == "not_used"


def test_another_charger_cannot_end_it(evse: Evse) -> None:
    held = reserve(evse)
    report = reports.ReservationEnded(reservation_number=held.pk, status="Removed")
    agreement.charger_ended(charge_point_id=factories.charge_point().pk, report=report, now=NOW)
    held.refresh_from_db()
    assert held.status == "active"


def test_a_used_reservation_stays_used_whatever_the_charger_says_of_it(evse: Evse) -> None:
    held = reserve(evse)
    reservations.use(reservation=held, now=NOW)
    assert ended(held, "Removed", NOW).status == "in_use"


# --- agreement


@pytest.mark.parametrize("since", ["booted_at", "connected_at"])
def test_after_a_boot_or_on_a_new_line_the_charger_is_told_again_once(evse: Evse, since: str) -> None:
    held = reserve(evse)
    settle_reserve_now(status="Accepted")
    ChargePoint.objects.filter(pk=evse.charge_point_id).update(**{since: NOW + minutes(2)})
    reservations.sweep(now=NOW + minutes(3))
    reservations.sweep(now=NOW + minutes(4))
    told = Command.objects.filter(kind="reserve_now", payload__reservation_number=held.pk)
    assert told.count() == 2


def test_a_charger_that_cannot_hold_it_is_not_told_again(evse: Evse) -> None:
    reserve(evse)
    settle_reserve_now(status="NotSupported")
    ChargePoint.objects.filter(pk=evse.charge_point_id).update(booted_at=NOW + minutes(2))
    assert agreement.agree(now=NOW + minutes(3)) == 0


def test_occupied_to_a_second_asking_may_be_the_holder_s_own_cable(evse: Evse) -> None:
    held = reserve(evse)
    settle_reserve_now(status="Accepted")
    ChargePoint.objects.filter(pk=evse.charge_point_id).update(booted_at=NOW + minutes(2))
    agreement.agree(now=NOW + minutes(3))
    settle_reserve_now(status="Occupied")
    held.refresh_from_db()
    assert held.status == "active"


def test_a_charger_that_calls_the_connector_free_is_told_again_after_five_minutes(evse: Evse) -> None:
    reserve(evse)
    settle_reserve_now(status="Accepted")
    Connector.objects.filter(evse=evse).update(status="available", status_at=NOW + minutes(3))
    assert agreement.agree(now=NOW + minutes(4)) == 0
    assert agreement.agree(now=NOW + minutes(6)) == 1
    assert agreement.agree(now=NOW + minutes(7)) == 0


def test_what_a_charger_holds_for_nobody_is_taken_back_once(evse: Evse) -> None:
    held = reserve(evse)
    settle_reserve_now(status="Accepted")
    Reservation.objects.filter(pk=held.pk).update(status="cancelled")
    Connector.objects.filter(evse=evse).update(status="reserved", status_at=NOW)
    assert agreement.agree(now=NOW) == 0
    assert agreement.agree(now=NOW + minutes(2)) == 1
    assert Command.objects.get(kind="cancel_reservation").payload["reservation_number"] == held.pk
    assert agreement.agree(now=NOW + minutes(3)) == 0


def test_a_connector_that_is_reserved_for_somebody_here_is_left_alone(evse: Evse) -> None:
    reserve(evse)
    Connector.objects.filter(evse=evse).update(status="reserved", status_at=NOW)
    assert agreement.agree(now=NOW + minutes(2)) == 0


def test_a_charger_that_is_gone_for_ten_minutes_gives_its_holder_free_in_their_language(evse: Evse) -> None:
    driver = factories.driver()
    type(driver).objects.filter(pk=driver.pk).update(language="en")
    held = reserve(evse, driver)
    ChargePoint.objects.filter(pk=evse.charge_point_id).update(connection_key="", disconnected_at=NOW)
    assert reservations.sweep(now=NOW + minutes(9)) == 0
    assert reservations.sweep(now=NOW + minutes(10)) == 1
    held.refresh_from_db()
    assert (held.status, held.why) == (
        "cancelled",
        "The charger cannot be reached any more. Please take another one.",
    )


def test_a_charger_that_comes_back_later_is_still_told_that_it_is_over(evse: Evse) -> None:
    held = reserve(evse)
    reservations.cancel(reservation=held, now=NOW)
    waiting = Command.objects.get(kind="cancel_reservation")
    assert waiting.expires_at == held.expires_at + agreement.CHARGER_MARGIN


def test_a_cancelled_reservation_s_end_is_not_lost_when_the_next_one_comes(evse: Evse) -> None:
    first = reserve(evse)
    settle_reserve_now(status="Accepted")
    reservations.cancel(reservation=first, now=NOW)
    reserve(evse)
    kinds = [factories.taken(evse.charge_point_id) for _ in range(2)]
    assert [command.kind for command in kinds if command] == ["cancel_reservation", "reserve_now"]


# --- faults


def test_a_plug_that_breaks_beside_one_in_order_releases_nothing(evse: Evse) -> None:
    Connector.objects.create(evse=evse, number=2, status="available")
    held = reserve(evse)
    Connector.objects.filter(evse=evse, number=1).update(status="faulted")
    reservations.release_unusable(evse_id=evse.pk, now=NOW)
    held.refresh_from_db()
    assert held.status == "active"


# --- any EVSE of a charger


@pytest.fixture
def twin() -> ChargePoint:
    """A charger with two EVSEs that can keep whichever free."""
    point = factories.charge_point(evses=2)
    DeviceVariable.objects.create(
        charge_point=point, name="ReserveConnectorZeroSupported", value="true", reported_at=NOW
    )
    return point


def reserve_any(point: ChargePoint, driver=None, **values) -> Reservation:
    driver = driver or factories.driver()
    token = factories.id_token(driver)
    return reservations.reserve_any(
        charge_point=point, driver=driver, id_token=token, until=NOW + minutes(20), now=NOW, **values
    )


def admits(point: ChargePoint, number: int, token=None) -> bool:
    token = token or factories.id_token(factories.driver())
    return reservations.admits(evse=point.evses.get(number=number), id_token=token, at=NOW, now=NOW)


def kept_free(held: Reservation) -> int:
    held.refresh_from_db()
    return held.evse.number


def test_any_evse_is_asked_for_as_connector_0_and_one_is_kept_free_here(twin: ChargePoint) -> None:
    held = reserve_any(twin)
    assert Command.objects.get(kind="reserve_now").payload["evse_number"] == 0
    assert (held.any_evse, held.evse.number) == (True, 1)


def test_a_charger_that_cannot_hold_any_is_asked_for_the_one(twin: ChargePoint) -> None:
    twin.variables.update(value="false")
    held = reserve_any(twin)
    assert Command.objects.get(kind="reserve_now").payload["evse_number"] == 1
    assert not held.any_evse


def test_as_many_as_there_are_evses_can_reserve_any(twin: ChargePoint) -> None:
    assert [reserve_any(twin).evse.number, reserve_any(twin).evse.number] == [1, 2]
    with pytest.raises(AlreadyReserved):
        reserve_any(twin)


def test_a_driver_who_holds_one_already_is_told_so(twin: ChargePoint) -> None:
    driver = factories.driver()
    reserve(factories.evse(), driver)
    with pytest.raises(AlreadyReserved) as refusal:
        reserve_any(twin, driver)
    assert refusal.value.code == "own"


def test_any_evse_has_the_plug_that_was_asked_for(twin: ChargePoint) -> None:
    Connector.objects.filter(evse__number=2).update(standard=Connector.Standard.CCS)
    held = reserve_any(twin, connector_standard=Connector.Standard.CCS)
    assert held.evse.number == 2
    assert Command.objects.get(kind="reserve_now").payload["connector_standard"] == "cCCS2"
    assert not admits(twin, 2), "the other EVSE has another plug"
    with pytest.raises(NotAvailable):
        reserve_any(twin, connector_standard=Connector.Standard.CHADEMO)


def test_a_stranger_may_take_the_one_that_is_kept_while_another_is_free(twin: ChargePoint) -> None:
    held = reserve_any(twin)
    assert admits(twin, 1)
    assert kept_free(held) == 2
    factories.transaction(twin.evses.get(number=1))
    assert not admits(twin, 2)
    assert kept_free(held) == 2


def test_the_holder_uses_whichever(twin: ChargePoint) -> None:
    held = reserve_any(twin)
    second = twin.evses.get(number=2)
    used = reservations.use_for(evse=second, id_token=held.id_token, at=NOW, now=NOW)
    assert used == held
    assert (kept_free(held), held.status) == (2, "in_use")


def test_two_who_hold_any_may_use_each_other_s(twin: ChargePoint) -> None:
    first, second = reserve_any(twin), reserve_any(twin)
    assert admits(twin, 2, first.id_token)
    assert (kept_free(first), kept_free(second)) == (2, 1)
    assert reservations.use_for(evse=twin.evses.get(number=2), id_token=first.id_token, at=NOW, now=NOW) == first
    assert admits(twin, 1, second.id_token)


def test_any_evse_moves_on_when_the_one_that_is_kept_breaks(twin: ChargePoint) -> None:
    held = reserve_any(twin)
    Connector.objects.filter(evse__number=1).update(status="unavailable")
    reservations.release_unusable(evse_id=held.evse_id, now=NOW)
    assert (kept_free(held), held.status) == (2, "active")
    Connector.objects.filter(evse__number=2).update(status="unavailable")
    reservations.release_unusable(evse_id=held.evse_id, now=NOW)
    held.refresh_from_db()
    assert (held.status, held.why) == ("cancelled", "The charger is out of service.")


# --- use


def test_a_card_of_the_holder_s_group_uses_it(evse: Evse) -> None:
    held = reserve(evse)
    friend = factories.id_token(factories.driver())
    IdToken.objects.filter(pk__in=[friend.pk, held.id_token_id]).update(parent="FAMILY")
    friend.refresh_from_db()
    assert reservations.use_for(evse=evse, id_token=friend, at=NOW, now=NOW) == held


def test_a_stranger_s_start_uses_nothing_whatever_number_it_names(evse: Evse) -> None:
    held = reserve(evse)
    stranger = factories.id_token(factories.driver())
    assert reservations.use_for(evse=evse, id_token=stranger, at=NOW, now=NOW, number=held.pk) is None
    held.refresh_from_db()
    assert held.status == "active"


def test_a_start_on_the_other_evse_uses_it_only_when_the_charger_says_so(twin: ChargePoint) -> None:
    held = reserve(twin.evses.get(number=1))
    other = twin.evses.get(number=2)
    assert reservations.use_for(evse=other, id_token=held.id_token, at=NOW, now=NOW) is None
    assert reservations.use_for(evse=other, id_token=held.id_token, at=NOW, now=NOW, number=held.pk) == held
    assert kept_free(held) == 2


def test_a_start_within_its_time_that_is_told_late_uses_a_lapsed_one(evse: Evse) -> None:
    held = reserve(evse)
    reservations.sweep(now=NOW + minutes(25))
    late = NOW + minutes(60)
    assert reservations.use_for(evse=evse, id_token=held.id_token, at=NOW + minutes(30), now=late) is None
    assert reservations.use_for(evse=evse, id_token=held.id_token, at=NOW + minutes(10), now=late) == held
    held.refresh_from_db()
    assert held.status == "in_use"


def test_a_lapsed_one_is_not_used_where_somebody_else_reserved_since(evse: Evse) -> None:
    held = reserve(evse)
    reservations.sweep(now=NOW + minutes(25))
    reserve(evse)
    late = NOW + minutes(60)
    assert reservations.use_for(evse=evse, id_token=held.id_token, at=NOW + minutes(10), now=late) is None
