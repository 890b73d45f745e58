"""What a charge card begins at the charger, the app takes up."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.models import Command, Evse, IdToken, Transaction
from drivers.models import ChargeSession, Vehicle
from drivers.services import card_starts, lifecycle, progress, sessions
from drivers.services.sessions import State
from smac.models import ChargingNeed
from smac.services import needs
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def rfid(driver: Any) -> IdToken:
    return factories.id_token(driver)


def begun(evse: Evse, card: IdToken, **values: Any) -> Transaction:
    row = factories.transaction(evse, card.driver, id_token=card, token=card.token, **values)
    lifecycle.follow(news=[("started", row.pk)], now=NOW)
    return row


def test_a_start_by_card_becomes_the_drivers_session(
    driver: Any, rfid: IdToken, car: Vehicle, public_evse: Evse
) -> None:
    row = begun(public_evse, rfid)
    session = ChargeSession.objects.get()
    assert (session.driver, session.transaction, session.state) == (driver, row, State.CHARGING)
    assert (session.started_by_card, session.has_wish, session.vehicle) == (True, False, car)
    assert session.need.is_assumed
    assert session.need.transaction == row


def test_the_need_that_was_attached_already_is_the_sessions(rfid: IdToken, public_evse: Evse) -> None:
    row = factories.transaction(public_evse, rfid.driver, id_token=rfid)
    need = needs.attach(transaction=row, now=NOW)
    session = card_starts.take_up(row=row, now=NOW)
    assert session is not None
    assert session.need == need
    assert card_starts.take_up(row=row, now=NOW) is None
    assert ChargingNeed.objects.count() == 1


def test_of_several_vehicles_none_is_guessed(driver: Any, rfid: IdToken, car: Vehicle, public_evse: Evse) -> None:
    factories.vehicle(driver)
    begun(public_evse, rfid)
    assert ChargeSession.objects.get().vehicle is None


def test_a_fleet_card_and_an_app_start_are_nobodys(driver: Any, public_evse: Evse) -> None:
    begun(public_evse, factories.id_token(None, "FLEET"))
    app = IdToken.objects.create(token="APP-1", key="APP-1", type="Central", driver=driver)
    begun(factories.evse(), app)
    assert not ChargeSession.objects.exists()


def test_whoever_has_a_session_already_keeps_it(charging: ChargeSession, rfid: IdToken) -> None:
    begun(factories.evse(), rfid)
    assert ChargeSession.objects.get() == charging


def test_it_charges_as_long_as_the_car_stands_there_and_nothing_is_overdue(
    rfid: IdToken, car: Vehicle, public_evse: Evse
) -> None:
    row = begun(public_evse, rfid)
    session = ChargeSession.objects.get()
    lifecycle.advance(now=session.planned_end_at + HOUR)
    assert not Command.objects.filter(kind="remote_stop").exists()
    Transaction.objects.filter(pk=row.pk).update(state="ended", ended_at=NOW + HOUR)
    lifecycle.transaction_ended(transaction_id=row.pk, now=NOW + HOUR)
    session = sessions.with_relations().get()
    assert (session.state, session.pick_up_by) == (State.FINISHED, None)
    assert progress.of(session=session, now=NOW + 5 * HOUR).look is progress.Look.FINISHED


def test_what_an_offline_charger_tells_of_later_is_a_summary_at_once(rfid: IdToken, public_evse: Evse) -> None:
    over = {"state": "ended", "ended_at": NOW - HOUR, "started_at": NOW - 3 * HOUR, "was_offline": True}
    row = begun(public_evse, rfid, energy_wh=8_000.0, **over)
    session = sessions.with_relations().get()
    assert (session.state, session.ended_at, session.transaction) == (State.FINISHED, NOW - HOUR, row)
    assert session.need.status == ChargingNeed.Status.CLOSED


def test_a_summary_gives_way_to_the_next_card(rfid: IdToken, public_evse: Evse) -> None:
    begun(public_evse, rfid, state="ended", ended_at=NOW)
    begun(factories.evse(), rfid)
    assert sorted(ChargeSession.objects.values_list("state", flat=True)) == [State.CHARGING, State.PICKED_UP]


def test_news_that_were_lost_are_found_by_the_sweep(rfid: IdToken, public_evse: Evse) -> None:
    row = factories.transaction(public_evse, rfid.driver, id_token=rfid, started_at=NOW)
    lifecycle.advance(now=NOW + timedelta(minutes=5))
    assert ChargeSession.objects.get().transaction == row
