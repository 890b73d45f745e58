"""Connections and boots of many chargers, stored together: after a power cut all of them come at once."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.db import connection

from chargepoints.domain import reports
from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands, provisioning, quirks
from chargepoints.services.links import LinkClosed, LinkOpened
from chargepoints.services.recording_facts import NOT_ORDINARY, Fact

_CHARGE_POINT, _COMMAND = ChargePoint._meta.db_table, Command._meta.db_table
# In the order of their keys, as another process may store some of the same.
_LOCKED = f"""
before AS (
    SELECT c.id, c.connection_key FROM {_CHARGE_POINT} c JOIN told ON told.charge_point_id = c.id
    ORDER BY c.id FOR NO KEY UPDATE OF c
)"""  # noqa: S608  (names of tables)
_OPENED = f"""
WITH told AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS told(
        charge_point_id bigint, connection_key text, ocpp_version text, at timestamptz)
), {_LOCKED}
UPDATE {_CHARGE_POINT} c SET connection_key = told.connection_key, ocpp_version = told.ocpp_version,
    connected_at = told.at, last_heard_at = told.at
FROM told JOIN before ON before.id = told.charge_point_id WHERE c.id = before.id
RETURNING c.id, before.connection_key, EXISTS (
    SELECT FROM {_COMMAND} m WHERE m.charge_point_id = c.id AND m.status = 'sent')
"""  # noqa: S608
_CLOSED = f"""
WITH told AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS told(charge_point_id bigint, connection_key text, at timestamptz)
), {_LOCKED}, gone AS (
    UPDATE {_CHARGE_POINT} c SET connection_key = '', disconnected_at = told.at
    FROM told JOIN before ON before.id = told.charge_point_id
    WHERE c.id = before.id AND before.connection_key = told.connection_key
    RETURNING c.id
)
SELECT told.charge_point_id, told.charge_point_id IN (SELECT id FROM gone), EXISTS (
    SELECT FROM {_COMMAND} m WHERE m.charge_point_id = told.charge_point_id AND m.status = 'sent'
        AND m.claimed_by = told.connection_key)
FROM told
"""  # noqa: S608
_BOOTED = f"""
WITH told AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS told(
        charge_point_id bigint, vendor text, model text, serial_number text, firmware_version text, boot_reason text,
        at timestamptz)
), {_LOCKED}
UPDATE {_CHARGE_POINT} c SET vendor = told.vendor, model = told.model, serial_number = told.serial_number,
    firmware_version = told.firmware_version, boot_reason = told.boot_reason, booted_at = told.at,
    last_heard_at = told.at
FROM told JOIN before ON before.id = told.charge_point_id WHERE c.id = before.id
RETURNING c.id, c.registration, c.heartbeat_interval_s, c.dialect, c.dialect_is_fixed
"""  # noqa: S608


def store(facts: Sequence[Fact]) -> list[Any]:
    """Store connections that came or went, and boots; for each what its service returns."""
    results: list[Any] = [NOT_ORDINARY] * len(facts)
    for kind, storing in _STORED_BY.items():
        numbers = [number for number, fact in enumerate(facts) if isinstance(fact.report, kind)]
        if numbers:
            for number, result in zip(numbers, storing([facts[number] for number in numbers]), strict=True):
                results[number] = result
    return results


def _opened(facts: Sequence[Fact]) -> list[Any]:
    return _each(facts, _run(_OPENED, [_row(fact) for fact in facts]), _after_opening)


def _after_opening(fact: Fact, older: str, is_busy: bool) -> None:
    assert isinstance(fact.report, LinkOpened)
    pk, key = fact.charge_point_id, fact.report.connection_key
    provisioning.follow_connection(charge_point_id=pk, connection_key=key, older=older, now=fact.now)
    if is_busy:
        commands.release_from_dead_links(charge_point_id=pk, connection_key=key, now=fact.now)


def _closed(facts: Sequence[Fact]) -> list[Any]:
    return _each(facts, _run(_CLOSED, [_row(fact) for fact in facts]), _after_closing)


def _after_closing(fact: Fact, is_gone: bool, is_busy: bool) -> None:
    assert isinstance(fact.report, LinkClosed)
    if is_busy:
        commands.release(charge_point_id=fact.charge_point_id, connection_key=fact.report.connection_key, now=fact.now)
    if is_gone:
        provisioning.follow_farewell(charge_point_id=fact.charge_point_id)


def _booted(facts: Sequence[Fact]) -> list[Any]:
    return _each(facts, _run(_BOOTED, [_boot_row(fact) for fact in facts]), _after_boot)


def _after_boot(fact: Fact, registration: str, heartbeat_interval_s: int, dialect: str, dialect_is_fixed: bool) -> Any:
    assert isinstance(fact.report, reports.Booted)
    charge_point = ChargePoint(
        pk=fact.charge_point_id,
        registration=registration,
        heartbeat_interval_s=heartbeat_interval_s or provisioning.USUAL_HEARTBEAT_S,
        dialect=dialect,
        dialect_is_fixed=dialect_is_fixed,
        booted_at=fact.now,
        **provisioning.told_at_boot(fact.report),
    )
    # Its messages cannot be read before its dialect is known.
    if not dialect_is_fixed and quirks.of(charge_point).dialect not in ("", dialect):
        return NOT_ORDINARY
    provisioning.follow_boot(charge_point_id=fact.charge_point_id, now=fact.now)
    return charge_point


def _each(facts: Sequence[Fact], rows: Sequence[tuple[Any, ...]], after: Callable[..., Any]) -> list[Any]:
    """What follows from each fact and its row, which begins with the charge point's key."""
    found = {pk: rest for pk, *rest in rows}
    return [
        after(fact, *found[fact.charge_point_id]) if fact.charge_point_id in found else NOT_ORDINARY for fact in facts
    ]


def _row(fact: Fact) -> dict[str, Any]:
    assert isinstance(fact.report, LinkOpened | LinkClosed)
    version = {"ocpp_version": fact.report.ocpp_version} if isinstance(fact.report, LinkOpened) else {}
    return {
        "charge_point_id": fact.charge_point_id,
        "connection_key": fact.report.connection_key,
        "at": fact.now,
        **version,
    }


def _boot_row(fact: Fact) -> dict[str, Any]:
    assert isinstance(fact.report, reports.Booted)
    return {"charge_point_id": fact.charge_point_id, "at": fact.now, **provisioning.told_at_boot(fact.report)}


def _run(sql: str, rows: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [orjson.dumps(rows).decode()])
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


_STORED_BY: dict[type, Callable[[Sequence[Fact]], list[Any]]] = {
    LinkClosed: _closed,
    LinkOpened: _opened,
    reports.Booted: _booted,
}
