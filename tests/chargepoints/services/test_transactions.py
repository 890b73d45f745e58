from dataclasses import replace
from datetime import datetime

import pytest

from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.metering import ENERGY_IMPORT, POWER_IMPORT, SOC, Sample
from chargepoints.domain.reports import (
    MeterValuesReported,
    StatusReported,
    TokenPresented,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from chargepoints.domain.status import ConnectorStatus
from chargepoints.models import Evse, IdToken, MeterValue, Reservation, Transaction
from chargepoints.services import availability, metering, registers, remote_control, reservations, transactions
from tests import factories
from tests.factories import NOW, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def evse() -> Evse:
    return factories.evse()


@pytest.fixture
def card() -> IdToken:
    return factories.id_token(factories.driver(), "CARD1")


def started(at: datetime = NOW, **values) -> TransactionStarted:
    usual = {
        "evse_number": 1,
        "connector_number": 1,
        "at": at,
        "token": TokenPresented("card1"),
        "meter_start_wh": 1000.0,
    }
    return TransactionStarted(**{**usual, **values})


def start(evse: Evse, report: TransactionStarted | None = None) -> transactions.Started:
    return transactions.start(charge_point_id=evse.charge_point_id, report=report or started(), now=NOW)


def end(evse: Evse, remote_id: str, at: datetime, **values) -> transactions.Ended:
    report = TransactionEnded(remote_id=remote_id, evse_number=0, at=at, **values)
    return transactions.end(charge_point_id=evse.charge_point_id, report=report, now=at)


def energy(at: datetime, value_wh: float) -> Sample:
    return Sample(at=at, measurand=ENERGY_IMPORT, value=value_wh, unit="Wh")


def meter(evse: Evse, remote_id: str, *samples: Sample) -> None:
    report = MeterValuesReported(evse_number=1, samples=samples, remote_id=remote_id)
    metering.store(charge_point_id=evse.charge_point_id, report=report, now=NOW)


def test_a_start_belongs_to_the_driver_whose_card_was_shown(evse: Evse, card: IdToken) -> None:
    outcome = start(evse)
    assert outcome.authorization.status == AuthorizationStatus.ACCEPTED
    assert (outcome.transaction.driver_id, outcome.transaction.evse) == (card.driver_id, evse)


def test_a_repeated_start_gets_the_same_transaction(evse: Evse, card: IdToken) -> None:
    assert start(evse).transaction.pk == start(evse).transaction.pk
    assert Transaction.objects.count() == 1


def test_a_start_repeated_after_the_stop_gets_the_old_id_and_stays_ended(evse: Evse, card: IdToken) -> None:
    first = start(evse).transaction
    end(evse, first.remote_id, NOW + minutes(30), meter_stop_wh=2000.0)
    again = start(evse).transaction
    assert (again.pk, again.state, Transaction.objects.count()) == (first.pk, "ended", 1)


def test_the_id_of_a_16_transaction_is_a_positive_number_unique_across_chargers(evse: Evse, card: IdToken) -> None:
    other = factories.evse()
    ids = {int(start(each).transaction.remote_id) for each in (evse, other)}
    assert len(ids) == 2
    assert min(ids) > 0


def test_a_refused_token_gets_an_id_but_neither_closes_the_running_transaction_nor_runs_itself(
    evse: Evse, card: IdToken
) -> None:
    running = start(evse).transaction
    refused = start(evse, started(NOW + minutes(5), token=TokenPresented("nobody")))
    running.refresh_from_db()
    assert refused.authorization.status == AuthorizationStatus.INVALID
    assert (running.state, refused.transaction.state) == ("active", "quarantined")
    assert int(refused.transaction.remote_id) > 0


def test_a_second_start_on_an_evse_closes_the_one_that_never_stopped(evse: Evse, card: IdToken) -> None:
    older = start(evse).transaction
    newer = start(evse, started(NOW + minutes(90), meter_start_wh=9000.0)).transaction
    older.refresh_from_db()
    assert (older.state, older.flaw, newer.state) == ("quarantined", "no stop was sent", "active")


def test_the_late_stop_of_a_transaction_that_was_closed_for_want_of_one_is_believed(evse: Evse, card: IdToken) -> None:
    older = start(evse).transaction
    start(evse, started(NOW + minutes(90), meter_start_wh=9000.0))
    end(evse, older.remote_id, NOW + minutes(60), meter_stop_wh=8000.0)
    older.refresh_from_db()
    assert (older.state, older.flaw, older.energy_wh) == ("ended", "", 7000.0)


def test_energy_is_what_the_register_rose(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    meter(evse, row.remote_id, energy(NOW + minutes(15), 2500.0))
    end(evse, row.remote_id, NOW + minutes(30), meter_stop_wh=4000.0, reason="Local")
    row.refresh_from_db()
    assert (row.state, row.energy_wh, row.stop_reason, row.power_w) == ("ended", 3000.0, "Local", 0.0)


def test_a_meter_value_that_is_sent_again_counts_once(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    for _ in range(3):
        meter(evse, row.remote_id, energy(NOW + minutes(15), 2500.0))
    row.refresh_from_db()
    assert (row.energy_wh, MeterValue.objects.filter(at=NOW + minutes(15)).count()) == (1500.0, 1)


def test_values_that_come_out_of_order_give_the_same_energy(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    for minute, value in ((45, 6000.0), (15, 2500.0), (30, 4000.0)):
        meter(evse, row.remote_id, energy(NOW + minutes(minute), value))
    row.refresh_from_db()
    assert row.energy_wh == 5000.0


def test_power_and_state_of_charge_are_those_of_the_newest_value(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    for minute, watts, percent in ((20, 7000.0, 55.0), (10, 11_000.0, 50.0)):
        at = NOW + minutes(minute)
        meter(evse, row.remote_id, Sample(at, POWER_IMPORT, watts, "W"), Sample(at, SOC, percent, "%"))
    row.refresh_from_db()
    assert (row.power_w, row.soc_percent) == (7000.0, 55.0)


def test_a_register_that_jumps_beyond_the_connectors_power_is_kept_marked_and_not_billed(
    evse: Evse, card: IdToken
) -> None:
    row = start(evse).transaction
    meter(evse, row.remote_id, energy(NOW + minutes(6), 911_000.0))
    row.refresh_from_db()
    assert row.energy_wh == 0.0
    assert MeterValue.objects.get(at=NOW + minutes(6)).flaw == "jump"


def test_a_register_that_runs_backwards_is_kept_and_marked(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    meter(evse, row.remote_id, energy(NOW + minutes(6), 1500.0))
    meter(evse, row.remote_id, energy(NOW + minutes(12), 400.0))
    row.refresh_from_db()
    assert row.energy_wh == 500.0
    assert MeterValue.objects.get(at=NOW + minutes(12)).flaw == "backwards"


def test_a_stop_below_the_start_is_never_negative_energy(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    end(evse, row.remote_id, NOW + minutes(1), meter_stop_wh=999.0)
    row.refresh_from_db()
    assert (row.energy_wh, row.flaw, row.state) == (0.0, "meter stop below start", "ended")


def test_a_repeated_stop_changes_nothing(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    end(evse, row.remote_id, NOW + minutes(30), meter_stop_wh=2000.0, reason="Local")
    end(evse, row.remote_id, NOW + minutes(40), meter_stop_wh=5000.0, reason="Other")
    row.refresh_from_db()
    assert (row.ended_at, row.energy_wh, row.stop_reason) == (NOW + minutes(30), 1000.0, "Local")


@pytest.mark.parametrize("unknown", ["0", "-1", "987654321"])
def test_a_stop_for_an_unknown_16_id_is_kept_apart_once(evse: Evse, unknown: str) -> None:
    for _ in range(2):
        end(evse, unknown, NOW, meter_stop_wh=5000.0)
    end(evse, unknown, NOW + minutes(60), meter_stop_wh=7000.0)
    assert list(Transaction.objects.values_list("state", flat=True)) == ["quarantined", "quarantined"]


def test_an_end_that_comes_before_its_start_is_completed_by_it(evse: Evse, card: IdToken) -> None:
    end(evse, "tx-9", NOW + minutes(60), seq_no=5, samples=(energy(NOW + minutes(60), 6000.0),))
    row = start(evse, started(remote_id="tx-9", seq_no=0)).transaction
    row.refresh_from_db()
    assert (row.state, row.started_at, row.driver_id, row.energy_wh) == ("ended", NOW, card.driver_id, 5000.0)


def test_an_update_of_an_unknown_transaction_opens_it(evse: Evse) -> None:
    report = TransactionUpdated("tx-7", 1, NOW, charging_state="Charging", seq_no=3, samples=(energy(NOW, 10.0),))
    transactions.update(charge_point_id=evse.charge_point_id, report=report, now=NOW)
    row = Transaction.objects.get(remote_id="tx-7")
    assert (row.state, row.flaw, row.evse) == ("active", "start missing", evse)


def test_an_update_after_the_end_does_not_revive(evse: Evse, card: IdToken) -> None:
    row = start(evse, started(remote_id="tx-1")).transaction
    end(evse, "tx-1", NOW + minutes(30), seq_no=4, samples=(energy(NOW + minutes(30), 3000.0),))
    late = TransactionUpdated("tx-1", 1, NOW + minutes(35), "Charging", 5, samples=(energy(NOW + minutes(35), 3900.0),))
    transactions.update(charge_point_id=evse.charge_point_id, report=late, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.energy_wh) == ("ended", 2000.0)


def test_a_token_that_comes_with_a_later_event_names_the_driver(evse: Evse, card: IdToken) -> None:
    start(evse, started(remote_id="tx-1", token=None))
    report = TransactionUpdated("tx-1", 1, NOW, token=TokenPresented("CARD1"), seq_no=1)
    outcome = transactions.update(charge_point_id=evse.charge_point_id, report=report, now=NOW)
    assert outcome.authorization is not None
    assert Transaction.objects.get(remote_id="tx-1").driver_id == card.driver_id


def test_a_remote_start_is_known_again_by_its_number(evse: Evse, card: IdToken) -> None:
    command = remote_control.start(evse=evse, id_token=card, requested_by=card.driver, now=NOW)
    number = command.payload["remote_start_id"]
    row = start(evse, started(remote_id="tx-1", token=None, remote_start_id=number)).transaction
    assert row.driver_id == card.driver_id


def test_the_holder_uses_the_reservation_and_the_end_closes_it(evse: Evse, card: IdToken) -> None:
    held = reservations.reserve(evse=evse, driver=card.driver, id_token=card, until=NOW + minutes(30), now=NOW)
    row = start(evse).transaction
    held.refresh_from_db()
    assert (row.reservation, held.status) == (held, Reservation.Status.IN_USE)
    end(evse, row.remote_id, NOW + minutes(60), meter_stop_wh=3000.0)
    held.refresh_from_db()
    assert held.status == Reservation.Status.DONE


def test_another_drivers_start_neither_runs_nor_consumes_the_reservation(evse: Evse, card: IdToken) -> None:
    held = reservations.reserve(evse=evse, driver=card.driver, id_token=card, until=NOW + minutes(30), now=NOW)
    factories.id_token(factories.driver(), "STRANGER")
    outcome = start(evse, started(token=TokenPresented("stranger")))
    held.refresh_from_db()
    assert (outcome.authorization.status, outcome.transaction.state) == (AuthorizationStatus.BLOCKED, "quarantined")
    assert held.status == Reservation.Status.ACTIVE


def test_a_private_charger_obeys_its_owners_card_only() -> None:
    owner, stranger = factories.driver(), factories.driver()
    home = factories.charge_point(owner=owner).evses.get()
    factories.id_token(owner, "OWNER")
    factories.id_token(stranger, "STRANGER")
    reports = [started(token=TokenPresented(token)) for token in ("stranger", "owner")]
    states = [start(home, replace(report, at=NOW)).transaction.state for report in reports]
    assert states == ["quarantined", "active"]


def test_the_energy_by_quarter_adds_up_to_the_energy(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    meter(evse, row.remote_id, energy(NOW + minutes(20), 3000.0), energy(NOW + minutes(40), 3000.0))
    end(evse, row.remote_id, NOW + minutes(50), meter_stop_wh=4500.0)
    row.refresh_from_db()
    slices = registers.quarter_hour_energy(row)
    assert [(piece.starts_at, round(piece.wh)) for piece in slices] == [
        (NOW, 1500),
        (NOW + minutes(15), 500),
        (NOW + minutes(30), 750),
        (NOW + minutes(45), 750),
    ]
    assert sum(piece.wh for piece in slices) == pytest.approx(row.energy_wh)


def test_meter_values_without_a_transaction_id_count_for_the_one_that_runs(evse: Evse, card: IdToken) -> None:
    row = start(evse).transaction
    meter(evse, "", energy(NOW + minutes(15), 2500.0))
    row.refresh_from_db()
    assert row.energy_wh == 1500.0


def test_meter_values_for_an_unknown_transaction_are_kept(evse: Evse) -> None:
    meter(evse, "4711", energy(NOW, 100.0))
    assert MeterValue.objects.get().transaction is None


def test_a_201_connector_shows_what_its_transaction_is_doing(evse: Evse, card: IdToken) -> None:
    connector = evse.connectors.get()
    start(evse, started(remote_id="tx-1", charging_state="EVConnected"))
    for minute, state in ((1, "Charging"), (2, "SuspendedEVSE")):
        report = TransactionUpdated("tx-1", 1, NOW + minutes(minute), state, minute)
        transactions.update(charge_point_id=evse.charge_point_id, report=report, now=NOW + minutes(5))
        connector.refresh_from_db()
        assert connector.status == {"Charging": "charging", "SuspendedEVSE": "suspended_evse"}[state]


def test_occupied_said_again_does_not_hide_that_a_201_car_is_charging(evse: Evse, card: IdToken) -> None:
    start(evse, started(remote_id="tx-1", charging_state="Charging"))
    occupied = StatusReported(1, 1, ConnectorStatus.PREPARING, NOW + minutes(3))
    availability.report_status(charge_point_id=evse.charge_point_id, report=occupied, now=NOW + minutes(3))
    assert evse.connectors.get().status == "charging"


def test_a_refused_start_that_is_repeated_when_nothing_speaks_against_it_any_more_runs() -> None:
    """Its answer was lost, and meanwhile the card's other session has ended."""
    evse, token = factories.evse(), factories.id_token(factories.driver(), "CARD")
    elsewhere = factories.transaction(factories.evse(), token.driver, id_token=token)
    elsewhere.connector.evse.connectors.update(status="charging")
    report = TransactionStarted(
        evse_number=1, connector_number=1, at=NOW, token=TokenPresented("CARD"), meter_start_wh=0.0
    )
    first = transactions.start(charge_point_id=evse.charge_point_id, report=report, now=NOW)
    assert (first.authorization.status, first.transaction.state) == ("ConcurrentTx", "quarantined")
    Transaction.objects.filter(pk=elsewhere.pk).update(state="ended", ended_at=NOW)
    again = transactions.start(charge_point_id=evse.charge_point_id, report=report, now=NOW)
    assert again.transaction.pk == first.transaction.pk
    assert (again.authorization.status, again.transaction.state, again.transaction.flaw) == ("Accepted", "active", "")
