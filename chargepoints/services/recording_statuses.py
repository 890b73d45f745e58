"""Statuses of connectors, stored together."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection

from chargepoints import events, realtime
from chargepoints.domain import clock, reports
from chargepoints.domain.status import OUT_OF_SERVICE, ConnectorStatus
from chargepoints.models import Connector, Evse, Transaction
from chargepoints.selectors.operators import topic_of
from chargepoints.services.recording_facts import NOT_ORDINARY, Fact

_EVSE, _CONNECTOR, _TRANSACTION = Evse._meta.db_table, Connector._meta.db_table, Transaction._meta.db_table
_STATUS = f"""
WITH known AS (
    SELECT c.id, c.status AS before, told.*
    FROM jsonb_to_recordset(%s::jsonb) AS told(charge_point_id bigint, evse_number int, connector_number int,
        status text, at timestamptz, error_code text)
    JOIN {_EVSE} e ON e.charge_point_id = told.charge_point_id AND e.number = told.evse_number
    JOIN {_CONNECTOR} c ON c.evse_id = e.id AND c.number = told.connector_number
    WHERE (c.status_at IS NULL OR c.status_at <= told.at) AND NOT (
        told.status = 'preparing' AND EXISTS (SELECT FROM {_TRANSACTION} t
            WHERE t.charge_point_id = told.charge_point_id AND t.state = 'active' AND t.evse_id = e.id))
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE {_CONNECTOR} c SET status = known.status, status_at = known.at, error_code = known.error_code
FROM known WHERE c.id = known.id
RETURNING known.charge_point_id, c.id, known.before <> c.status
"""  # noqa: S608


def store(facts: Sequence[Fact]) -> list[Any]:
    """Store what is ordinary of statuses; None for each of these."""
    told = [row for fact in facts if (row := _status(fact))]
    if not told:
        return [NOT_ORDINARY] * len(facts)
    with connection.cursor() as cursor:
        cursor.execute(_STATUS, [orjson.dumps(told).decode()])
        stored = cursor.fetchall()
    for charge_point_id, connector_id, has_changed in stored:
        if has_changed:
            events.announce(events.status_changed, charge_point_id=charge_point_id, connector_id=connector_id)
            realtime.nudge("map", *topic_of(charge_point_id, "locations"))
    done = {charge_point_id for charge_point_id, _, _ in stored}
    return [None if fact.charge_point_id in done else NOT_ORDINARY for fact in facts]


def _status(fact: Fact) -> dict[str, Any] | None:
    report = fact.report
    assert isinstance(report, reports.StatusReported)
    plain = report.evse_number and report.connector_number and clock.believable(report.at, fact.now)
    if not plain or report.status in OUT_OF_SERVICE or report.status == ConnectorStatus.RESERVED:
        return None
    return {
        "charge_point_id": fact.charge_point_id,
        "evse_number": report.evse_number,
        "connector_number": report.connector_number,
        "status": report.status.value,
        "at": min(report.at, fact.now),
        "error_code": f"{report.error_code} {report.info}".strip()[:50] if report.error_code else "",
    }
