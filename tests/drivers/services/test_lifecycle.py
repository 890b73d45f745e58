"""What moves a session without the driver."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from chargepoints.domain.command import CommandStatus
from chargepoints.domain.intents import RemoteStop
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Command, Tariff, Transaction
from chargepoints.services import authorization, reviews
from drivers.models import ChargeSession
from drivers.services import lifecycle, sessions
from drivers.services.sessions import State
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def state(session: ChargeSession) -> str:
    session.refresh_from_db()
    return session.state


def settle_start(session: ChargeSession, status: CommandStatus) -> None:
    Command.objects.filter(pk=session.command_id).update(status=status)


def test_the_drivers_transaction_on_the_evse_starts_the_session(driver: Any, waiting: ChargeSession) -> None:
    row = factories.transaction(waiting.evse, driver)
    lifecycle.transaction_started(transaction_id=row.pk, now=NOW)
    assert state(waiting) == State.CHARGING
    assert waiting.transaction == row


def test_a_transaction_without_a_token_is_known_by_its_remote_start(waiting: ChargeSession) -> None:
    assert waiting.command is not None
    number = waiting.command.payload["remote_start_id"]
    row = factories.transaction(waiting.evse, None, remote_start_id=number)
    lifecycle.transaction_started(transaction_id=row.pk, now=NOW)
    assert state(waiting) == State.CHARGING


def test_another_drivers_transaction_or_another_evse_starts_nothing(
    driver: Any, other_driver: Any, waiting: ChargeSession
) -> None:
    for row in (factories.transaction(waiting.evse, other_driver), factories.transaction(factories.evse(), driver)):
        lifecycle.transaction_started(transaction_id=row.pk, now=NOW)
    assert state(waiting) == State.STARTING


def test_a_charger_that_obeys_after_the_driver_gave_up_is_stopped(driver: Any, waiting: ChargeSession) -> None:
    sessions.end(session=waiting, now=NOW)
    stops = Command.objects.filter(kind=RemoteStop.kind)
    by_card = factories.transaction(waiting.evse, driver, token="CARD")
    lifecycle.transaction_started(transaction_id=by_card.pk, now=NOW)
    assert not stops.exists()
    by_app = factories.transaction(waiting.evse, driver, token=authorization.app_token(driver=driver).key)
    lifecycle.transaction_started(transaction_id=by_app.pk, now=NOW)
    assert [stop.transaction for stop in stops] == [by_app]


def test_a_start_that_still_waits_is_taken_back_when_the_driver_gives_up(waiting: ChargeSession) -> None:
    sessions.end(session=waiting, now=NOW)
    assert Command.objects.get(pk=waiting.command_id).status == CommandStatus.CANCELLED


def test_the_end_of_the_transaction_finishes_the_session_and_settles_it(charging: ChargeSession) -> None:
    ended_at = NOW + timedelta(hours=1)
    Transaction.objects.filter(pk=charging.transaction_id).update(state=TransactionState.ENDED, ended_at=ended_at)
    lifecycle.transaction_ended(transaction_id=charging.transaction_id or 0, now=ended_at)
    assert state(charging) == State.FINISHED
    assert charging.ended_at == ended_at
    assert charging.transaction is not None
    charging.transaction.refresh_from_db()
    assert charging.transaction.cost_amount is not None


def test_what_staff_accept_of_a_doubtful_session_comes_onto_its_receipt(
    charging: ChargeSession, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    row = charging.transaction
    assert row is not None
    Tariff.objects.update(session_fee=Decimal("1.00"))
    facts = {"state": TransactionState.QUARANTINED, "flaw": "no stop was sent", "energy_wh": 4_000.0}
    Transaction.objects.filter(pk=row.pk).update(**facts, ended_at=NOW)
    lifecycle.transaction_ended(transaction_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.cost_amount == 0
    with django_capture_on_commit_callbacks(execute=True):
        reviews.decide(transaction_row=row, decision="accepted", decided_by=factories.user(), now=NOW)
    row.refresh_from_db()
    assert row.cost_amount == Decimal("1.00")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (CommandStatus.REJECTED, "refused"),
        (CommandStatus.TIMED_OUT, "did not answer"),
        (CommandStatus.EXPIRED, "could not be reached"),
        (CommandStatus.FAILED, "could not understand"),
    ],
)
def test_a_start_that_failed_ends_the_waiting_with_the_reason(
    waiting: ChargeSession, status: CommandStatus, words: str
) -> None:
    settle_start(waiting, status)
    lifecycle.command_settled(command_id=waiting.command_id or 0, now=NOW)
    assert state(waiting) == State.FAILED
    assert words in waiting.failure


def test_a_start_that_was_accepted_waits_for_the_vehicle_for_ten_minutes(waiting: ChargeSession) -> None:
    settle_start(waiting, CommandStatus.ACCEPTED)
    lifecycle.advance(now=NOW + timedelta(minutes=9))
    assert state(waiting) == State.STARTING
    lifecycle.advance(now=NOW + timedelta(minutes=10))
    assert state(waiting) == State.FAILED
    assert "plugged in" in waiting.failure


def test_the_reason_is_told_in_the_drivers_language(driver: Any, waiting: ChargeSession) -> None:
    driver.language = "xx"
    driver.save()
    settle_start(waiting, CommandStatus.REJECTED)
    lifecycle.advance(now=NOW)
    assert state(waiting) == State.FAILED


def test_a_start_whose_news_was_lost_is_found_by_the_sweep(driver: Any, waiting: ChargeSession) -> None:
    factories.transaction(waiting.evse, driver)
    lifecycle.advance(now=NOW + timedelta(minutes=1))
    assert state(waiting) == State.CHARGING


def test_at_the_planned_end_the_charger_is_asked_to_stop_once(charging: ChargeSession) -> None:
    stops = Command.objects.filter(kind=RemoteStop.kind)
    lifecycle.advance(now=charging.planned_end_at - timedelta(seconds=1))
    assert not stops.exists()
    lifecycle.advance(now=charging.planned_end_at)
    lifecycle.advance(now=charging.planned_end_at + timedelta(seconds=30))
    assert stops.count() == 1


def test_a_stop_without_effect_is_asked_for_again(charging: ChargeSession) -> None:
    for minutes in (0, 3):
        lifecycle.advance(now=charging.planned_end_at + timedelta(minutes=minutes))
    assert Command.objects.filter(kind=RemoteStop.kind).count() == 2


def test_an_end_whose_news_was_lost_is_found_by_the_sweep(charging: ChargeSession) -> None:
    Transaction.objects.update(state=TransactionState.ENDED, ended_at=NOW)
    lifecycle.advance(now=NOW + timedelta(minutes=1))
    assert state(charging) == State.FINISHED
