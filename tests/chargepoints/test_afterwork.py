"""What answers do not wait for is done once, by a worker; and found again where a worker was lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chargepoints import afterwork, gathering
from chargepoints.models import ChargePoint, ChargingProfile, Command
from chargepoints.services import commands, provisioning, smart_charging
from tests import factories
from tests.chargepoints.services.plans import answer, default, waiting
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=2)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, datetime]]:
    done: list[tuple[int, datetime]] = []

    def work(pk: int, now: datetime) -> None:
        if pk < 0:
            raise ValueError(pk)
        done.append((pk, now))

    monkeypatch.setitem(afterwork._kinds, "anything", work)
    return done


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[Any]:
    """What would have gone to the workers: here it is lost."""
    settings.NEWS_GATHERED_S = 30
    sent: list[Any] = []
    monkeypatch.setattr(afterwork.current_app, "send_task", lambda name, args: sent.append((name, args)))
    return sent


def test_where_nothing_is_gathered_it_is_done_at_once(done: list[tuple[int, datetime]]) -> None:
    afterwork.leave("anything", 7, NOW)
    assert done == [(7, NOW)]


def test_else_a_worker_gets_it_once_and_after_the_commit(
    done: list[tuple[int, datetime]], sent: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for pk in (1, 2, 1):
            afterwork.leave("anything", pk, NOW)
        gathering.flush()
        assert sent == []
    gathering.flush()
    assert sent == [("chargepoints.tasks.follow", [[("anything", 1), ("anything", 2)]])]
    assert done == []


def test_what_fails_keeps_nothing_else_back(done: list[tuple[int, datetime]], caplog: pytest.LogCaptureFixture) -> None:
    afterwork.do([("anything", 1), ("anything", -1), ("anything", 2)], NOW)
    assert [pk for pk, _ in done] == [1, 2]
    assert "what follows could not be done" in caplog.text


def test_a_charger_whose_boot_nobody_attended_gets_its_default_limit_with_the_next_sweep(sent: list[Any]) -> None:
    charge_point = factories.charge_point(connected=False)
    provisioning.connected(charge_point_id=charge_point.pk, connection_key="link", ocpp_version="1.6", now=NOW)
    ChargePoint.objects.filter(pk=charge_point.pk).update(booted_at=NOW)
    assert waiting(charge_point) == []
    smart_charging.keep(now=NOW + timedelta(seconds=5))  # a worker may still be at it
    assert waiting(charge_point) == []
    smart_charging.keep(now=LATER)
    smart_charging.keep(now=LATER)
    assert [command.intent.purpose for command in waiting(charge_point)] == ["tx_default"]
    charge_point.refresh_from_db()
    assert charge_point.attended_at == LATER


def test_what_a_charger_took_after_its_boot_is_not_lost_when_the_boot_is_attended_late(sent: list[Any]) -> None:
    charge_point = factories.charge_point()
    ChargePoint.objects.update(booted_at=NOW - timedelta(hours=1))
    command = default(charge_point)
    answer(command)
    assert _status(command) == "accepted"
    afterwork.do([("booted", charge_point.pk)], LATER)
    assert _status(command) == "accepted"


def test_a_claim_tells_whether_more_is_waiting() -> None:
    charge_point = factories.charge_point()
    default(charge_point)
    smart_charging.read_back(evse=charge_point.evses.get(), duration_s=900, now=NOW)
    link = {"charge_point_id": charge_point.pk, "connection_key": charge_point.connection_key, "now": NOW}
    claims = [commands.take(**link) for _ in range(3)]
    assert [claim and claim.has_more for claim in claims] == [True, False, None]


def _status(command: Command) -> str:
    return ChargingProfile.objects.get(command=command).status
