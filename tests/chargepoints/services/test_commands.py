from datetime import timedelta

import pytest

from chargepoints import events
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.intents import RemoteStop, Unlock
from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands
from tests import factories
from tests.factories import NOW, minutes

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def charger() -> ChargePoint:
    return factories.charge_point()


def enqueue(charger: ChargePoint, **values) -> Command:
    return commands.enqueue(charge_point=charger, intent=Unlock(1), now=NOW, **values)


def claim(charger: ChargePoint, link: str = "link", now=NOW) -> Command | None:
    return factories.taken(charger.pk, link, now)


def test_commands_are_claimed_in_the_order_of_their_rows(charger: ChargePoint) -> None:
    first, second = enqueue(charger), enqueue(charger)
    assert [claim(charger).pk, claim(charger).pk, claim(charger)] == [first.pk, second.pk, None]


def test_only_the_live_connection_may_claim(charger: ChargePoint) -> None:
    enqueue(charger)
    assert claim(charger, "an older link") is None


def test_an_answer_settles_a_command_once(charger: ChargePoint) -> None:
    enqueue(charger)
    command = claim(charger)
    commands.answered(command_id=command.pk, accepted=True, answer={"status": "Unlocked"}, now=NOW)
    commands.failed(command_id=command.pk, error="late", now=NOW)
    command.refresh_from_db()
    assert (command.status, command.result, command.error) == ("accepted", {"status": "Unlocked"}, "")


def test_the_history_tells_each_move(charger: ChargePoint) -> None:
    command = enqueue(charger)
    claim(charger)
    commands.timed_out(command_id=command.pk, now=NOW)
    assert list(command.changes.values_list("status", flat=True)) == ["queued", "sent", "timed_out"]


def test_a_newer_command_replaces_an_unsent_one_of_the_same_kind(charger: ChargePoint) -> None:
    older, newer = enqueue(charger, supersede_key="profile:1"), enqueue(charger, supersede_key="profile:1")
    older.refresh_from_db()
    assert older.status == CommandStatus.SUPERSEDED
    assert claim(charger).pk == newer.pk


def test_a_command_that_is_under_way_is_not_replaced(charger: ChargePoint) -> None:
    sent = enqueue(charger, supersede_key="profile:1")
    claim(charger)
    enqueue(charger, supersede_key="profile:1")
    sent.refresh_from_db()
    assert sent.status == CommandStatus.SENT


def test_what_a_lost_link_had_under_way_goes_on_over_the_next_one(charger: ChargePoint) -> None:
    command = enqueue(charger)
    claim(charger)
    commands.release(charge_point_id=charger.pk, connection_key="link", now=NOW)
    ChargePoint.objects.filter(pk=charger.pk).update(connection_key="next")
    assert claim(charger, "next").pk == command.pk


def test_what_a_killed_server_had_under_way_goes_on_at_the_next_connection(charger: ChargePoint) -> None:
    command = enqueue(charger)
    claim(charger)
    commands.release_from_dead_links(charge_point_id=charger.pk, connection_key="next", now=NOW)
    command.refresh_from_db()
    assert command.status == CommandStatus.QUEUED


def test_an_overdue_command_expires_and_is_never_sent(charger: ChargePoint) -> None:
    command = enqueue(charger, valid_for=minutes(1))
    assert claim(charger, now=NOW + minutes(2)) is None
    assert commands.expire(now=NOW + minutes(2)) == 1
    assert commands.expire(now=NOW + minutes(3)) == 0
    command.refresh_from_db()
    assert command.status == CommandStatus.EXPIRED


def test_a_sent_command_cannot_be_taken_back(charger: ChargePoint) -> None:
    waiting, sent = enqueue(charger), None
    assert commands.cancel(command_id=waiting.pk, now=NOW)
    sent = enqueue(charger)
    claim(charger)
    assert not commands.cancel(command_id=sent.pk, now=NOW)


def test_the_outcome_is_announced_after_commit(charger: ChargePoint, django_capture_on_commit_callbacks) -> None:
    heard: list[int] = []

    def hear(sender, command_id: int, **_) -> None:
        heard.append(command_id)

    events.command_settled.connect(hear)
    command = commands.enqueue(charge_point=charger, intent=RemoteStop("7"), now=NOW, valid_for=timedelta(hours=1))
    claim(charger)
    with django_capture_on_commit_callbacks(execute=True):
        commands.answered(command_id=command.pk, accepted=False, answer={"status": "Rejected"}, now=NOW)
    events.command_settled.disconnect(hear)
    assert heard == [command.pk]
