"""A charge session from "Charge" to "Pick up vehicle"."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain.errors import NotAllowed, Refused
from chargepoints.domain.intents import RemoteStart, RemoteStop
from chargepoints.models import ChargePoint, Command, Evse, Reservation
from drivers.models import ChargeSession, Vehicle
from drivers.services import booking, sessions
from drivers.services.sessions import State
from smac.models import ChargingNeed
from tests import factories
from tests.drivers.conftest import wish
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_begin_states_the_need_and_asks_the_charger_with_the_token_of_the_reservation(
    waiting: ChargeSession, reservation: Reservation
) -> None:
    assert waiting.state == State.STARTING
    assert waiting.need.status == ChargingNeed.Status.ANNOUNCED
    assert (waiting.need.soc_percent, waiting.need.target_soc_percent) == (40, 80)
    assert waiting.command is not None
    intent = waiting.command.intent
    assert isinstance(intent, RemoteStart)
    assert intent.token == reservation.id_token.token


def test_at_home_no_reservation_is_needed(driver: Any, car: Vehicle, home_evse: Evse) -> None:
    session = sessions.begin(driver=driver, wish=wish(car, home_evse), quote={}, now=NOW)
    assert session.state == State.STARTING


def test_a_public_charger_needs_a_reservation_of_ones_own(
    driver: Any, other_driver: Any, car: Vehicle, public_evse: Evse, reservation: Reservation
) -> None:
    with pytest.raises(NotAllowed):
        sessions.begin(driver=driver, wish=wish(car, public_evse), quote={}, now=NOW)
    stolen = wish(car, public_evse, reservation=reservation)
    with pytest.raises(NotAllowed):
        sessions.begin(driver=other_driver, wish=stolen, quote={}, now=NOW)
    assert not Command.objects.filter(kind=RemoteStart.kind).exists()


def test_a_reservation_that_has_lapsed_starts_nothing(
    driver: Any, car: Vehicle, public_evse: Evse, reservation: Reservation
) -> None:
    late = wish(car, public_evse, reservation=reservation)
    with pytest.raises(NotAllowed):
        sessions.begin(driver=driver, wish=late, quote={}, now=reservation.expires_at)


def test_the_home_of_another_driver_is_closed(other_driver: Any, home_evse: Evse) -> None:
    with pytest.raises(NotAllowed):
        sessions.begin(driver=other_driver, wish=wish(factories.vehicle(other_driver), home_evse), quote={}, now=NOW)


def test_a_charger_that_cannot_be_reached_is_told_at_once(driver: Any, car: Vehicle, home_evse: Evse) -> None:
    ChargePoint.objects.update(connection_key="")
    home_evse.charge_point.refresh_from_db()
    with pytest.raises(Refused, match="cannot be reached"):
        sessions.begin(driver=driver, wish=wish(car, home_evse), quote={}, now=NOW)


def test_a_second_session_is_refused_in_words_and_leaves_nothing_behind(
    driver: Any, car: Vehicle, home_evse: Evse, charging: ChargeSession
) -> None:
    with pytest.raises(Refused, match="session already"):
        sessions.begin(driver=driver, wish=wish(car, home_evse), quote={}, now=NOW)
    assert ChargingNeed.objects.count() == 1


def test_v2g_needs_car_charger_and_driver(driver: Any, car: Vehicle, home_evse: Evse) -> None:
    giving = factories.vehicle(driver, v2g=True, max_discharge_w=10_000)
    taking = factories.charge_point(owner=driver, max_discharge_w=7_000).evses.get()
    assert wish(giving, taking, v2g_wanted=True).v2g_allowed
    assert wish(giving, taking, v2g_wanted=True).max_discharge_w == 7_000
    assert not wish(giving, taking).v2g_allowed
    assert not wish(car, taking, v2g_wanted=True).v2g_allowed
    assert not wish(giving, home_evse, v2g_wanted=True).v2g_allowed


def test_ending_asks_the_charger_once(charging: ChargeSession) -> None:
    sessions.end(session=charging, now=NOW)
    sessions.end(session=charging, now=NOW + timedelta(seconds=1))
    assert Command.objects.filter(kind=RemoteStop.kind).count() == 1
    charging.refresh_from_db()
    assert charging.stop_requested_at == NOW


def test_ending_before_the_start_gives_up_and_takes_the_need_back(waiting: ChargeSession) -> None:
    sessions.end(session=waiting, now=NOW)
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    assert waiting.need.status == ChargingNeed.Status.CLOSED


def test_at_a_public_charger_the_time_to_pick_up_runs_from_the_end(charging: ChargeSession) -> None:
    ended_at = NOW + timedelta(hours=1)
    assert sessions.finished(session=charging, ended_at=ended_at)
    assert charging.state == State.FINISHED
    assert charging.pick_up_by == ended_at + timedelta(minutes=10)


def test_at_home_nobody_waits_for_the_vehicle_and_the_next_session_closes_the_last(
    driver: Any, car: Vehicle, home_evse: Evse
) -> None:
    first = sessions.begin(driver=driver, wish=wish(car, home_evse), quote={}, now=NOW)
    sessions.started(session=first, transaction_row=factories.transaction(home_evse, driver), now=NOW)
    sessions.finished(session=first, ended_at=NOW)
    assert first.pick_up_by is None
    sessions.begin(driver=driver, wish=wish(car, home_evse), quote={}, now=NOW)
    first.refresh_from_db()
    assert first.state == State.PICKED_UP


def test_a_summary_from_home_gives_way_to_a_reservation(
    driver: Any, car: Vehicle, home_evse: Evse, public_evse: Evse
) -> None:
    session = sessions.begin(driver=driver, wish=wish(car, home_evse), quote={}, now=NOW)
    sessions.started(session=session, transaction_row=factories.transaction(home_evse, driver), now=NOW)
    booking.reserve(driver=driver, evse=public_evse, vehicle=car, position=None, now=NOW)
    assert sessions.current(driver) == session
    sessions.finished(session=session, ended_at=NOW)
    assert sessions.current(driver) is None


@pytest.mark.parametrize(("minutes", "penalty"), [(9, "0.00"), (12, "0.20"), (40, "3.00")])
def test_the_receipt_has_a_penalty_for_each_minute_beyond_the_grace(
    charging: ChargeSession, minutes: int, penalty: str
) -> None:
    sessions.finished(session=charging, ended_at=NOW)
    assert sessions.pick_up(session=charging, now=NOW + timedelta(minutes=minutes))
    row = charging.transaction
    assert row is not None
    row.refresh_from_db()
    assert row.cost_components["penalty"] == penalty


def test_picking_up_twice_changes_nothing(charging: ChargeSession) -> None:
    sessions.finished(session=charging, ended_at=NOW)
    assert sessions.pick_up(session=charging, now=NOW)
    assert not sessions.pick_up(session=charging, now=NOW + timedelta(hours=1))
    charging.refresh_from_db()
    assert charging.picked_up_at == NOW


def test_a_failure_is_told_for_ten_minutes(driver: Any, waiting: ChargeSession) -> None:
    sessions.give_up(session=waiting, reason="The charger refused.", now=NOW)
    soon, later = NOW + timedelta(minutes=9), NOW + timedelta(minutes=11)
    assert sessions.recent_failure(driver, soon) == waiting
    assert sessions.recent_failure(driver, later) is None


def test_only_the_own_history_is_seen(driver: Any, other_driver: Any, charging: ChargeSession) -> None:
    sessions.finished(session=charging, ended_at=NOW)
    assert list(sessions.history(driver)) == [charging]
    assert not sessions.history(other_driver).exists()


def test_a_reservation_given_back_is_not_active_any_more(driver: Any, reservation: Reservation) -> None:
    assert booking.active(driver) == reservation
    assert booking.cancel(reservation=reservation, now=NOW)
    assert booking.active(driver) is None
