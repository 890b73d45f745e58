"""Meter values, progress and ends of transactions that run, stored together.

What is known of a transaction may be stale: the statement writes only where the row has the version that was read.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from chargepoints import events, realtime
from chargepoints.domain import clock, reports
from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, Sample, register_sample
from chargepoints.domain.running import INTERVALS, REGISTERS, Running, ends_plainly, grown, meters_of
from chargepoints.domain.status import OF_CHARGING_STATE, ConnectorStatus
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Connector, Evse, MeterValue, Transaction
from chargepoints.selectors.operators import topic_of
from chargepoints.services.authorization import Authorization, authorize
from chargepoints.services.recording_facts import NOT_ORDINARY, Fact
from chargepoints.services.transaction_end import Ended
from chargepoints.services.transaction_update import Updated


@dataclass(frozen=True, slots=True)
class Step:
    """What a fact makes of its transaction. ``status``: what the connector does from now on, if that is told."""

    fact: Fact
    running: Running
    samples: Sequence[Sample] = ()
    status: ConnectorStatus | None = None
    ended: reports.TransactionEnded | None = None

    def row(self) -> dict[str, Any]:
        """As the statement takes it."""
        running = self.running
        return {
            "id": running.pk,
            "version": running.version,
            "charge_point_id": running.charge_point_id,
            "evse_number": running.evse_number,
            "energy_wh": running.energy_wh(ENERGY_IMPORT),
            "export_wh": running.energy_wh(ENERGY_EXPORT),
            "power_w": 0.0 if self.ended else running.power_w,
            "soc_percent": running.soc_percent,
            "last_value_at": running.last_value_at,
            "charging_state": running.charging_state,
            "last_seq_no": running.last_seq_no,
            "state": TransactionState.ENDED if self.ended else TransactionState.ACTIVE,
            "ended_at": self.ended.at if self.ended else None,
            "meter_stop_wh": self.ended.meter_stop_wh if self.ended else None,
            "stop_reason": self.ended.reason[:32] if self.ended else "",
            "evse_id": running.evse_id,
            "connector_number": running.connector_number,
            "status": self.status,
            "status_at": min(self.fact.report.at, self.fact.now) if self.status else None,  # type: ignore[union-attr]
            "was_offline": getattr(self.fact.report, "offline", False),
            "samples": self.samples,
        }


_TRANSACTION, _VALUE = Transaction._meta.db_table, MeterValue._meta.db_table
_EVSE, _CONNECTOR = Evse._meta.db_table, Connector._meta.db_table

# A transaction that is seen for the first time here, or that somebody else changed meanwhile.
_KNOWN = f"""
SELECT t.id, t.xmin::text, t.charge_point_id, t.remote_id, e.id, e.number, COALESCE(c.number, 1), e.max_power_w,
    e.max_discharge_w, t.driver_id, t.reservation_id IS NOT NULL, t.flaw, t.meter_start_wh, t.charging_state,
    t.last_seq_no, t.last_value_at, t.power_w, t.soc_percent,
    (SELECT json_agg(json_build_array(m.measurand, m.location, m.at, m.value) ORDER BY m.at, m.value)
       FROM {_VALUE} m WHERE m.transaction_id = t.id AND m.measurand = ANY(%s) AND m.phase = '' AND m.flaw = ''),
    EXISTS (SELECT FROM {_VALUE} m WHERE m.transaction_id = t.id AND m.measurand = ANY(%s))
FROM jsonb_to_recordset(%s::jsonb) AS told(charge_point_id bigint, remote_id text)
JOIN {_TRANSACTION} t ON t.charge_point_id = told.charge_point_id AND t.remote_id = told.remote_id
JOIN {_EVSE} e ON e.id = t.evse_id
LEFT JOIN {_CONNECTOR} c ON c.id = t.connector_id
WHERE t.state = 'active' AND t.ended_at IS NULL
"""  # noqa: S608  (names of tables)

# A value that is there already breaks the statement, and so everything is judged one by one.
_STORE = f"""
WITH told AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS told(
        id bigint, version text, charge_point_id bigint, evse_number int, energy_wh float8, export_wh float8,
        power_w float8, soc_percent float8, last_value_at timestamptz, charging_state text, last_seq_no int,
        state text, ended_at timestamptz, meter_stop_wh float8, stop_reason text, evse_id bigint,
        connector_number int, status text, status_at timestamptz, was_offline boolean,
        samples jsonb)
), stored AS (
    UPDATE {_TRANSACTION} t SET energy_wh = told.energy_wh, export_wh = told.export_wh, power_w = told.power_w,
        soc_percent = told.soc_percent, last_value_at = told.last_value_at, charging_state = told.charging_state,
        last_seq_no = told.last_seq_no, state = told.state, ended_at = told.ended_at,
        meter_stop_wh = told.meter_stop_wh, stop_reason = told.stop_reason,
        was_offline = t.was_offline OR told.was_offline
    FROM told WHERE t.id = told.id AND t.xmin::text = told.version
    RETURNING t.id, t.xmin::text AS version
), kept AS (
    INSERT INTO {_VALUE} (charge_point_id, evse_number, transaction_id, at, measurand, phase, location, context,
        value, unit, flaw)
    SELECT told.charge_point_id, told.evse_number, told.id, sample.at, left(sample.measurand, 40),
        left(sample.phase, 8), left(sample.location, 12), left(sample.context, 24), sample.value,
        left(sample.unit, 12), left(sample.flaw, 24)
    FROM stored JOIN told USING (id) CROSS JOIN jsonb_to_recordset(told.samples) AS sample(
        at timestamptz, measurand text, phase text, location text, context text, value float8, unit text, flaw text)
), shown AS (
    UPDATE {_CONNECTOR} c SET status = told.status, status_at = told.status_at, error_code = ''
    FROM stored JOIN told USING (id)
    WHERE c.evse_id = told.evse_id AND c.number = told.connector_number AND told.status IS NOT NULL
        AND (c.status_at IS NULL OR c.status_at <= told.status_at)
)
SELECT id, version FROM stored
"""  # noqa: S608

_MOST_REMEMBERED = 20_000
# By charge point and the charger's name of the transaction. One thread alone reads and writes it.
_running: OrderedDict[tuple[int, str], Running] = OrderedDict()


def store(facts: Sequence[Fact]) -> list[Any]:
    """Store what is ordinary of values, progress and ends; for each what its service returns."""
    _learn([key for fact in facts if (key := _key(fact)) not in _running])
    steps = [_step(fact, running) if (running := _running.get(_key(fact))) else None for fact in facts]
    try:
        versions = _written([step for step in steps if step])
    finally:
        # Until it is known how it went, nothing is.
        for fact in facts:
            _running.pop(_key(fact), None)
    return [_result(step, versions) if step else NOT_ORDINARY for step in steps]


def _key(fact: Fact) -> tuple[int, str]:
    return fact.charge_point_id, fact.report.remote_id  # type: ignore[union-attr]


def _learn(keys: Sequence[tuple[int, str]]) -> None:
    asked = [{"charge_point_id": pk, "remote_id": remote_id} for pk, remote_id in keys if remote_id]
    if not asked:
        return
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(REGISTERS), list(INTERVALS), orjson.dumps(asked).decode()])
        for row in cursor.fetchall():
            remember(row[3], _read(*row))


def _read(
    pk: int,
    version: str,
    charge_point_id: int,
    _: str,
    evse_id: int,
    evse_number: int,
    connector_number: int,
    max_power_w: int,
    max_discharge_w: int,
    driver_id: int | None,
    is_reserved: bool,
    flaw: str,
    meter_start_wh: float | None,
    charging_state: str,
    last_seq_no: int | None,
    last_value_at: datetime | None,
    power_w: float,
    soc_percent: float | None,
    readings: list[tuple[str, str, str, float]] | None,
    has_intervals: bool,
) -> Running:
    told = [(name, place, datetime.fromisoformat(at), value) for name, place, at, value in readings or ()]
    return Running(
        pk=pk,
        version=version,
        charge_point_id=charge_point_id,
        evse_id=evse_id,
        evse_number=evse_number,
        connector_number=connector_number,
        max_power_w=float(max_power_w),
        max_discharge_w=float(max_discharge_w),
        driver_id=driver_id,
        is_reserved=is_reserved,
        flaw=flaw,
        meter_start_wh=meter_start_wh,
        charging_state=charging_state,
        last_seq_no=last_seq_no,
        last_value_at=last_value_at,
        power_w=power_w,
        soc_percent=soc_percent,
        meters=meters_of(told),
        has_intervals=has_intervals,
    )


def remember(remote_id: str, running: Running) -> None:
    """Keep in mind what is known of a transaction."""
    _running[(running.charge_point_id, remote_id)] = running
    if len(_running) > _MOST_REMEMBERED:
        _running.popitem(last=False)


def _step(fact: Fact, running: Running) -> Step | None:
    report = fact.report
    if isinstance(report, reports.MeterValuesReported):
        return _with_samples(Step(fact, running), report.samples) if report.samples else None
    if not clock.believable(report.at, fact.now):
        return None
    if isinstance(report, reports.TransactionUpdated):
        return _progressed(fact, running, report)
    assert isinstance(report, reports.TransactionEnded)
    return _ended(fact, running, report)


def _with_samples(step: Step, samples: Sequence[Sample]) -> Step | None:
    if not samples:
        # The energy of intervals is known to the services alone.
        return None if step.running.has_intervals else step
    found = grown(step.running, samples, step.fact.now)
    return replace(step, running=found[0], samples=found[1]) if found else None


def _progressed(fact: Fact, running: Running, report: reports.TransactionUpdated) -> Step | None:
    if report.seq_no is not None and running.last_seq_no is not None and report.seq_no < running.last_seq_no:
        return None
    status = OF_CHARGING_STATE.get(report.charging_state)
    if status == ConnectorStatus.PREPARING:
        return None
    state = report.charging_state or running.charging_state
    running = replace(running, charging_state=state, last_seq_no=report.seq_no)
    return _with_samples(Step(fact, running, status=status), report.samples)


def _ended(fact: Fact, running: Running, report: reports.TransactionEnded) -> Step | None:
    samples = report.samples + register_sample(report.meter_stop_wh, report.at, "Transaction.End")
    step = _with_samples(Step(fact, replace(running, last_seq_no=report.seq_no), ended=report), samples)
    if step is None or running.flaw or not ends_plainly(running, step.samples, report.at, report.meter_stop_wh):
        return None
    # A value later than the end belongs to whoever comes next.
    return step if step.samples[-1].at <= report.at else None


def _written(steps: Sequence[Step]) -> dict[int, str]:
    """The new versions of the rows that were as they were known."""
    if not steps:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [orjson.dumps([step.row() for step in steps]).decode()])
        return dict(cursor.fetchall())


def _result(step: Step, versions: dict[int, str]) -> Any:
    running, fact = step.running, step.fact
    version = versions.get(running.pk)
    if version is None:
        return NOT_ORDINARY
    if not step.ended:
        remember(_key(fact)[1], replace(running, version=version))
    _tell(step)
    if isinstance(fact.report, reports.TransactionUpdated):
        return Updated()
    return Ended(_stop_authorization(fact)) if step.ended else None


def _stop_authorization(fact: Fact) -> Authorization | None:
    assert isinstance(fact.report, reports.TransactionEnded)
    if fact.report.token is None:
        return None
    return authorize(charge_point_id=fact.charge_point_id, token=fact.report.token, now=fact.now)


def _tell(step: Step) -> None:
    running = step.running
    topics = topic_of(running.charge_point_id, "transactions")
    if running.driver_id:
        topics.append(f"user.{running.driver_id}.session")
    if not isinstance(step.fact.report, reports.MeterValuesReported):
        topics.append("map")
    realtime.nudge(*topics)
    if step.samples:
        events.announce(events.meter_values_stored, charge_point_id=running.charge_point_id, transaction_id=running.pk)
    if step.ended:
        events.announce(events.transaction_ended, transaction_id=running.pk)


def forget() -> None:
    """Know of no transaction any more."""
    _running.clear()
