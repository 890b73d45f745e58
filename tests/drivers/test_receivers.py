"""A charger's messages move the driver's session, through the signals of the floor below."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chargepoints.domain.reports import TokenPresented, TransactionEnded, TransactionStarted
from chargepoints.models import Reservation
from chargepoints.services import commands, transactions
from drivers import tasks
from drivers.models import ChargeSession
from drivers.services.sessions import State
from smac.services import planning
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other apps do with the same news is theirs."""
    monkeypatch.setattr("celery.app.task.Task.delay", lambda *args, **kwargs: None)


def start(session: ChargeSession) -> None:
    assert session.reservation is not None
    report = TransactionStarted(
        evse_number=session.evse.number,
        connector_number=1,
        at=NOW,
        token=TokenPresented(session.reservation.id_token.token),
        meter_start_wh=1_000,
        remote_id="tx-1",
    )
    transactions.start(charge_point_id=session.evse.charge_point_id, report=report, now=NOW)


def test_from_the_chargers_start_to_its_end(waiting: ChargeSession, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        start(waiting)
    waiting.refresh_from_db()
    assert waiting.state == State.CHARGING
    assert waiting.reservation is not None
    assert waiting.reservation.status == Reservation.Status.IN_USE

    ended_at = NOW + timedelta(hours=1)
    report = TransactionEnded(remote_id="tx-1", evse_number=1, at=ended_at, meter_stop_wh=9_000)
    with django_capture_on_commit_callbacks(execute=True):
        transactions.end(charge_point_id=waiting.evse.charge_point_id, report=report, now=ended_at)
    waiting.refresh_from_db()
    assert waiting.state == State.FINISHED
    assert waiting.pick_up_by == ended_at + timedelta(minutes=10)
    assert waiting.transaction is not None
    assert str(waiting.transaction.cost_amount) == "4.00"
    assert Reservation.objects.get().status == Reservation.Status.DONE


def test_a_refused_start_is_told_at_once(waiting: ChargeSession, django_capture_on_commit_callbacks: Any) -> None:
    point = waiting.evse.charge_point
    while command := factories.taken(point.pk, point.connection_key):
        with django_capture_on_commit_callbacks(execute=True):
            commands.answered(command_id=command.pk, accepted=command.pk != waiting.command_id, answer={}, now=NOW)
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    assert "refused" in waiting.failure


def test_the_sweep_runs_as_often_as_it_likes(charging: ChargeSession) -> None:
    for _ in range(2):
        tasks.advance_sessions()
    charging.refresh_from_db()
    assert charging.state == State.CHARGING


def test_a_new_plan_is_told_to_the_driver_who_looks_at_the_session(
    waiting: ChargeSession, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        start(waiting)
    told: list[str] = []
    monkeypatch.setattr("chargepoints.realtime.nudge", lambda *topics: told.extend(topics))
    with django_capture_on_commit_callbacks(execute=True):
        planning.run(supply_point_id=waiting.evse.charge_point.supply_point_id, now=NOW)
    assert f"user.{waiting.driver_id}.session" in told
