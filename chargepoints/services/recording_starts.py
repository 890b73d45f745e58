"""Plain starts of transactions, stored together: nothing is reserved, nothing runs, nothing is late or repeated.

Who may charge is asked of the one service that knows; where there is anything to weigh the start is not plain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction

from chargepoints import events, realtime
from chargepoints.domain import clock, reports
from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, Sample
from chargepoints.domain.reservation import OPEN
from chargepoints.domain.running import Running, grown
from chargepoints.domain.status import OF_CHARGING_STATE
from chargepoints.models import ChargePoint, Connector, Evse, MeterValue, Reservation, Transaction
from chargepoints.selectors.operators import topic_of
from chargepoints.services.authorization import Authorization, authorize, kept
from chargepoints.services.transaction_rows import begin_samples
from chargepoints.services.transaction_start import Started

_TRANSACTION, _VALUE = Transaction._meta.db_table, MeterValue._meta.db_table
_EVSE, _CONNECTOR = Evse._meta.db_table, Connector._meta.db_table

_LOCK = f"SELECT FROM {ChargePoint._meta.db_table} WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
# A start that is not newer than all that is known of its charger may be a repeat, or come late: then it may use a
# reservation that has lapsed meanwhile.
_PLACES = f"""
SELECT told.charge_point_id, e.id, c.id, e.max_power_w, e.max_discharge_w
FROM jsonb_to_recordset(%s::jsonb) AS told(
    charge_point_id bigint, evse_number int, connector_number int, remote_id text, at timestamptz)
JOIN {_EVSE} e ON e.charge_point_id = told.charge_point_id AND e.number = told.evse_number
JOIN {_CONNECTOR} c ON c.evse_id = e.id AND c.number = told.connector_number
WHERE NOT EXISTS (
    SELECT FROM {_TRANSACTION} t WHERE t.charge_point_id = told.charge_point_id AND (
        t.started_at >= told.at OR t.remote_id = told.remote_id OR t.flaw LIKE 'clock was wrong%%'
        OR t.state = 'active' AND t.evse_id = e.id))
AND NOT EXISTS (
    SELECT FROM {Reservation._meta.db_table} r JOIN {_EVSE} held ON held.id = r.evse_id
    WHERE held.charge_point_id = told.charge_point_id AND (r.status = ANY(%s) OR r.expires_at >= told.at))
"""  # noqa: S608
_ELSEWHERE = f"SELECT id_token_id FROM {_TRANSACTION} WHERE id_token_id = ANY(%s) AND state = 'active'"  # noqa: S608
_BEGIN = f"""
WITH told AS MATERIALIZED (
    SELECT *, nextval(pg_get_serial_sequence('{_TRANSACTION}', 'id')) AS id FROM jsonb_to_recordset(%s::jsonb) AS told(
        charge_point_id bigint, evse_id bigint, evse_number int, connector_id bigint, remote_id text,
        charging_state text, token text, id_token_id bigint, driver_id bigint, started_at timestamptz,
        meter_start_wh float8, last_seq_no int, energy_wh float8, export_wh float8, power_w float8,
        soc_percent float8, last_value_at timestamptz, status text, status_at timestamptz,
        was_offline boolean, samples jsonb)
), begun AS (
    INSERT INTO {_TRANSACTION} (id, charge_point_id, evse_id, connector_id, remote_id, state, charging_state, token,
        id_token_id, driver_id, started_at, meter_start_wh, last_seq_no, energy_wh, export_wh, power_w, soc_percent,
        last_value_at, stop_reason, flaw, was_offline, cost_currency, cost_components, created_at)
    SELECT id, charge_point_id, evse_id, connector_id, COALESCE(NULLIF(remote_id, ''), id::text), 'active',
        charging_state, token, id_token_id, driver_id, started_at, meter_start_wh, last_seq_no, energy_wh, export_wh,
        power_w, soc_percent, last_value_at, '', '', was_offline, '', '{{}}', clock_timestamp()
    FROM told RETURNING id, xmin::text AS version, charge_point_id, remote_id
), kept AS (
    INSERT INTO {_VALUE} (charge_point_id, evse_number, transaction_id, at, measurand, phase, location, context,
        value, unit, flaw)
    SELECT told.charge_point_id, told.evse_number, told.id, sample.at, left(sample.measurand, 40),
        left(sample.phase, 8), left(sample.location, 12), left(sample.context, 24), sample.value,
        left(sample.unit, 12), left(sample.flaw, 24)
    FROM told CROSS JOIN jsonb_to_recordset(told.samples) AS sample(
        at timestamptz, measurand text, phase text, location text, context text, value float8, unit text, flaw text)
), shown AS (
    UPDATE {_CONNECTOR} c SET status = told.status, status_at = told.status_at, error_code = ''
    FROM told WHERE c.id = told.connector_id AND told.status IS NOT NULL
        AND (c.status_at IS NULL OR c.status_at <= told.status_at)
)
SELECT id, version, charge_point_id, remote_id FROM begun
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Place:
    """Where a transaction begins."""

    evse_id: int
    connector_id: int
    max_power_w: float
    max_discharge_w: float


@dataclass(frozen=True, slots=True)
class Begun:
    """A start that is plain, and what its readings make of it."""

    charge_point_id: int
    report: reports.TransactionStarted
    now: datetime
    place: Place
    authorization: Authorization
    running: Running
    samples: Sequence[Sample]

    def row(self) -> dict[str, Any]:
        """As the statement takes it."""
        report, running, id_token = self.report, self.running, self.authorization.id_token
        status = OF_CHARGING_STATE.get(report.charging_state)
        return {
            "charge_point_id": self.charge_point_id,
            "evse_id": self.place.evse_id,
            "evse_number": report.evse_number,
            "connector_id": self.place.connector_id,
            "remote_id": report.remote_id,
            "charging_state": report.charging_state,
            "token": kept(report.token),
            "id_token_id": id_token.pk if id_token else None,
            "driver_id": running.driver_id,
            "started_at": report.at,
            "meter_start_wh": report.meter_start_wh,
            "last_seq_no": report.seq_no,
            "energy_wh": running.energy_wh(ENERGY_IMPORT),
            "export_wh": running.energy_wh(ENERGY_EXPORT),
            "power_w": running.power_w,
            "soc_percent": running.soc_percent,
            "last_value_at": running.last_value_at,
            "status": status,
            "status_at": min(report.at, self.now) if status else None,
            "was_offline": report.offline,
            "samples": self.samples,
        }


Start = tuple[int, reports.TransactionStarted, datetime]


def store(starts: Sequence[Start]) -> list[tuple[Started, Running] | None]:
    """Store what is plain of starts of different chargers; None for each that is not."""
    plain = [start for start in starts if _looks_plain(*start)]
    if not plain:
        return [None] * len(starts)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK, [[charge_point_id for charge_point_id, _, _ in plain]])
        places = _places(cursor, plain)
        begun = [one for start in plain if (place := places.get(start[0])) and (one := _begun(place, *start))]
        begun = _alone(cursor, begun)
        stored = _written(cursor, begun)
    for one in begun:
        _tell(one, stored[one.charge_point_id][0])
    return [_result(start, begun, stored) for start in starts]


def _looks_plain(charge_point_id: int, report: reports.TransactionStarted, now: datetime) -> bool:
    return bool(
        report.evse_number
        and clock.believable(report.at, now)
        and report.remote_start_id is None
        and report.reservation_number is None
    )


def _places(cursor: Any, starts: Sequence[Start]) -> dict[int, Place]:
    told = [
        {
            "charge_point_id": charge_point_id,
            "evse_number": report.evse_number,
            "connector_number": report.connector_number,
            "remote_id": report.remote_id or None,
            "at": report.at,
        }
        for charge_point_id, report, _ in starts
    ]
    cursor.execute(_PLACES, [orjson.dumps(told).decode(), list(OPEN)])
    return {pk: Place(evse, connector, *map(float, power_w)) for pk, evse, connector, *power_w in cursor.fetchall()}


def _begun(place: Place, charge_point_id: int, report: reports.TransactionStarted, now: datetime) -> Begun | None:
    authorization = Authorization(AuthorizationStatus.ACCEPTED)
    if report.token is not None:
        authorization = authorize(charge_point_id=charge_point_id, token=report.token, now=now)
        if not authorization.accepted or authorization.only_stops or authorization.id_token is None:
            return None
    running = Running(
        pk=0,
        version="",
        charge_point_id=charge_point_id,
        evse_id=place.evse_id,
        evse_number=report.evse_number,
        connector_number=report.connector_number,
        max_power_w=place.max_power_w,
        max_discharge_w=place.max_discharge_w,
        driver_id=authorization.id_token.driver_id if authorization.id_token else None,
        is_reserved=False,
        flaw="",
        meter_start_wh=report.meter_start_wh,
        charging_state=report.charging_state,
        last_seq_no=report.seq_no,
        last_value_at=None,
        power_w=0.0,
        soc_percent=None,
    )
    samples: Sequence[Sample] = begin_samples(report)
    if samples:
        found = grown(running, samples, now)
        if found is None:
            return None
        running, samples = found
    return Begun(charge_point_id, report, now, place, authorization, running, samples)


def _alone(cursor: Any, begun: Sequence[Begun]) -> list[Begun]:
    """Those whose token is in no other transaction that runs, nor in two of these."""
    tokens = [one.authorization.id_token.pk for one in begun if one.authorization.id_token]
    if not tokens:
        return list(begun)
    cursor.execute(_ELSEWHERE, [tokens])
    busy = {pk for (pk,) in cursor.fetchall()} | {pk for pk in tokens if tokens.count(pk) > 1}
    return [one for one in begun if one.authorization.id_token is None or one.authorization.id_token.pk not in busy]


def _written(cursor: Any, begun: Sequence[Begun]) -> dict[int, tuple[int, str, str]]:
    """Key, version and the charger's name of the new rows, by charge point."""
    if not begun:
        return {}
    cursor.execute(_BEGIN, [orjson.dumps([one.row() for one in begun]).decode()])
    return {charge_point_id: (pk, version, name) for pk, version, charge_point_id, name in cursor.fetchall()}


def _result(
    start: Start, begun: Sequence[Begun], stored: dict[int, tuple[int, str, str]]
) -> tuple[Started, Running] | None:
    one = next((one for one in begun if one.report is start[1] and one.charge_point_id == start[0]), None)
    if one is None:
        return None
    pk, version, name = stored[one.charge_point_id]
    row = Transaction(pk=pk, charge_point_id=one.charge_point_id, remote_id=name, started_at=one.report.at)
    return Started(row, one.authorization), replace(one.running, pk=pk, version=version)


def _tell(one: Begun, pk: int) -> None:
    topics = ["map", *topic_of(one.charge_point_id, "transactions")]
    if one.running.driver_id:
        topics.append(f"user.{one.running.driver_id}.session")
    realtime.nudge(*topics)
    if one.samples:
        events.announce(events.meter_values_stored, charge_point_id=one.charge_point_id, transaction_id=pk)
    events.announce(events.transaction_started, transaction_id=pk)
