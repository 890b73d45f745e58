"""Statements that are built once read and write what the ORM would."""

from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from chargepoints import statements
from chargepoints.models import Command, CommandChange, Connector
from chargepoints.statements import Prepared
from tests import factories

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
pytestmark = [pytest.mark.database, pytest.mark.django_db]


def command(**values: Any) -> Command:
    usual = {"kind": "reset", "payload": {"deep": [1, None, "é"]}, "created_at": NOW, "expires_at": NOW}
    return Command(charge_point=factories.charge_point(), **(usual | values))


def test_a_row_is_written_as_the_orm_writes_it() -> None:
    row = statements.insert(command(sent_at=NOW, result={"status": "Accepted"}))
    kept = Command.objects.get()
    assert row.pk == kept.pk
    for name in ("kind", "payload", "status", "result", "sent_at", "settled_at", "created_at", "requested_by", "cause"):
        assert getattr(kept, name) == getattr(row, name), name
    assert kept.updated_at is not None
    kept.delete()


def test_a_change_reaches_the_rows_that_are_meant_and_counts_them() -> None:
    row, other = statements.insert(command()), statements.insert(command())
    assert statements.update(Command, {"id": row.pk, "status": "queued"}, status="sent", result={"a": 1}) == 1
    assert statements.update(Command, {"id": row.pk, "status": "queued"}, status="expired") == 0
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.status, row.result, other.status) == ("sent", {"a": 1}, "queued")


def test_some_fields_are_saved() -> None:
    row = statements.insert(command())
    row.error, row.sent_at, row.kind = "late", NOW, "unlock"
    statements.save(row, "error", "sent_at")
    row.refresh_from_db()
    assert (row.error, row.sent_at, row.kind) == ("late", NOW, "reset")


def test_a_query_is_built_once_and_asked_with_other_values() -> None:
    built: list[Any] = []

    def due(charge_point_id: int, kind: str, at: datetime) -> Any:
        built.append(kind)
        mine = Command.objects.select_related("charge_point").filter(charge_point=charge_point_id, kind=kind)
        return mine.filter(expires_at__gt=at).order_by("pk")

    prepared = Prepared(due)
    row, other = statements.insert(command()), statements.insert(command(kind="unlock"))
    assert prepared.rows(row.charge_point_id, "reset", NOW) == []
    before = NOW - timedelta(seconds=1)
    assert prepared.rows(row.charge_point_id, "reset", before) == [row]
    found = prepared.first(other.charge_point_id, "unlock", before)
    assert found == other
    assert prepared.first(other.charge_point_id, "reset", before) is None
    assert found is not None
    assert found.charge_point.identity == other.charge_point.identity
    assert found.payload == other.payload
    assert len(built) == 1


def test_each_thread_asks_through_its_own_connection(django_db_blocker: Any) -> None:
    prepared = Prepared(lambda pk: Connector.objects.filter(pk=pk))
    pk = factories.evse().connectors.get().pk
    assert len(prepared.rows(pk)) == 1
    connections: list[Any] = []

    def ask() -> None:
        connections.append(connection.connection)
        with django_db_blocker.unblock():
            prepared.rows(pk)
            connections.append(connection.connection)
            connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert connections[0] is None
    assert connections[1] is not connection.connection


def test_a_value_that_the_statement_hides_is_refused() -> None:
    with pytest.raises(AssertionError, match="not in the statement"):
        Prepared(lambda text: CommandChange.objects.filter(note__icontains=text)).rows("x")
