"""Connections and boots that are stored together leave what those stored one by one leave."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from chargepoints.domain import reports
from chargepoints.domain.command import CommandStatus
from chargepoints.models import ChargePoint, Command
from chargepoints.services import links, provisioning, recording, smart_charging
from chargepoints.services.links import LinkClosed, LinkOpened
from chargepoints.services.recording import NOT_ORDINARY, Fact
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)
BOOT = reports.Booted("V" * 60, "Model", "1.6", "SN1", "1.2.3", "PowerUp")
SERVICES: dict[type, Callable[..., Any]] = {
    LinkOpened: links.opened,
    LinkClosed: links.closed,
    reports.Booted: provisioning.boot,
}
TOLD = [LinkOpened("new", "2.0.1"), LinkClosed("link"), LinkClosed("another"), BOOT]


def alone(fact: Fact) -> Any:
    return SERVICES[type(fact.report)](charge_point_id=fact.charge_point_id, report=fact.report, now=fact.now)


def together(fact: Fact) -> Any:
    if connection.vendor != "postgresql":
        assert not recording.may_be_ordinary(fact.report)
        return alone(fact)
    (result,) = recording.store([fact])
    assert result is not NOT_ORDINARY
    return result


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    told: list[tuple[int, str]] = []
    monkeypatch.setattr(provisioning.calls, "tell_replaced", lambda pk, key: told.append((pk, key)))
    return told


def charger() -> ChargePoint:
    """With a command under way on its connection, and one that an older connection left."""
    row = factories.charge_point()
    for claimed_by in (row.connection_key, "killed"):
        smart_charging.read_back(evse=row.evses.get(), duration_s=900, now=NOW)
        Command.objects.filter(charge_point=row, status="queued").update(status="sent", claimed_by=claimed_by)
    return row


def state(row: ChargePoint) -> dict[str, Any]:
    own = {"id", "identity", "supply_point_id", "tariff_id", "secret_hash", "created_at", "latitude", "longitude"}
    values = ChargePoint.objects.filter(pk=row.pk).values().get()
    commands = Command.objects.filter(charge_point=row).order_by("pk").values_list("kind", "status", "claimed_by")
    return {name: value for name, value in values.items() if name not in own} | {"commands": list(commands)}


@pytest.mark.parametrize("report", TOLD, ids=repr)
def test_the_same_rows_are_left(
    report: Any, calls: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    one, other = charger(), charger()
    with django_capture_on_commit_callbacks(execute=True):
        answers = [alone(Fact(one.pk, report, LATER)), together(Fact(other.pk, report, LATER))]
    assert state(one) == state(other)
    assert state(one) != state(charger()) or report == LinkClosed("another")
    assert [(pk, key) for pk, key in calls] == ([(one.pk, "new"), (other.pk, "new")] if "new" in repr(report) else [])
    if isinstance(report, reports.Booted):
        named = ("vendor", "model", "registration", "heartbeat_interval_s", "dialect", "booted_at")
        assert [getattr(answers[0], name) for name in named] == [getattr(answers[1], name) for name in named]


@pytest.mark.parametrize("report", TOLD, ids=repr)
def test_a_charger_that_is_not_there_any_more_keeps_nobody_else_back(report: Any) -> None:
    if connection.vendor != "postgresql":
        assert not recording.may_be_ordinary(report)
        return
    row = charger()
    results = recording.store([Fact(row.pk, report, LATER), Fact(row.pk + 999, report, LATER)])
    assert results[0] is not NOT_ORDINARY
    assert results[1] is (None if isinstance(report, LinkClosed) else NOT_ORDINARY)


def test_a_charger_whose_dialect_is_not_known_yet_is_stored_with_it_at_its_boot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from chargepoints.domain.quirks import Quirks
    from chargepoints.services import quirks

    name = next(iter(quirks.all_dialects()))
    monkeypatch.setattr(quirks, "of", lambda charge_point: Quirks(dialect=name))
    row = factories.charge_point()
    if connection.vendor == "postgresql":
        assert recording.store([Fact(row.pk, BOOT, LATER)]) == [NOT_ORDINARY]
    assert alone(Fact(row.pk, BOOT, LATER)).dialect == name


def test_only_what_waits_for_its_connection_waits_again() -> None:
    row = charger()
    together(Fact(row.pk, LinkClosed(row.connection_key), LATER))
    statuses = Command.objects.filter(charge_point=row).order_by("pk").values_list("claimed_by", "status")
    assert dict(statuses)["killed"] == CommandStatus.SENT
    assert CommandStatus.SENT not in {status for key, status in statuses if key != "killed"}
