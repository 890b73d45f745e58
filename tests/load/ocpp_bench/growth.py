"""Row ocpp-growth: messages a second with ever more meter values stored before."""

import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from chargepoints.models import ChargePoint, Evse, MeterValue, Transaction
from tests.load.ocpp_bench import frames, load, names, processes, world
from tests.load.ocpp_bench.servers import Server
from tests.load.ocpp_bench.stage import Stage
from tests.load.ocpp_bench.tell import tell_fact

CHARGERS = 100
REPEATS = 5
FLAT_WITHIN = 0.2
_PER_SESSION = frames.METER_VALUES * frames.SAMPLES


@dataclass(frozen=True)
class Run:
    """``cpu_us``: processor time a message, of the server process and of PostgreSQL together."""

    per_s: float
    cpu_us: float


def growth(stage: Stage, *, version: str, sizes: list[int]) -> None:
    """The same sessions on a growing history of the same chargers."""
    stage.empty()
    # Each repeat has chargers of its own; one more warms the server up.
    world.register(CHARGERS * (len(sizes) * REPEATS + 1))
    bench = f"ocpp-growth-{version}"
    speeds: list[float] = []
    costs: list[float] = []
    with stage.twinev() as server:
        _sessions(server, version, -1)
        for turn, size in enumerate(sorted(sizes)):
            fill(size)
            runs = [_sessions(server, version, turn * REPEATS + repeat) for repeat in range(REPEATS)]
            speeds.append(statistics.median(run.per_s for run in runs))
            costs.append(statistics.median(run.cpu_us for run in runs))
            slowest = min(run.per_s for run in runs)
            tell_fact(bench, size, "messages", speeds[-1], "1/s", slowest=slowest, cpu_us_per_message=costs[-1])
    largest = max(sizes)
    tell_fact(bench, largest, "slowest below fastest", 1 - min(speeds) / max(speeds), "share", FLAT_WITHIN)
    tell_fact(bench, largest, "dearest above cheapest", max(costs) / min(costs) - 1, "share", FLAT_WITHIN)


def _sessions(server: Server, version: str, block: int) -> Run:
    first = (block + 1) * CHARGERS
    story = {"version": version, "story": "session", "first": first, "count": CHARGERS, "rate": None}
    before = _postgres_cpu_s()
    measured = load.answered(server.name, load.run(server, **story))
    cpu_s = measured.cpu_s + _postgres_cpu_s() - before
    world.check_sessions(CHARGERS, first, since=timezone.now() - timedelta(hours=1))
    messages = measured.answer["messages"]
    return Run(messages / measured.answer["seconds"], 1e6 * cpu_s / messages)


def _postgres_cpu_s() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return processes.family_cpu_s(processes.parent_of(cursor.fetchone()[0]))


def fill(size: int) -> None:
    """Old sessions of all chargers, until there are ``size`` meter values: copies of one, an hour and a half apart."""
    missing = size - MeterValue.objects.count()
    if missing <= 0:
        return
    pattern = _pattern(timezone.now() - timedelta(days=1))
    sessions = -(-missing // _PER_SESSION)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(*_copies_of_transaction(pattern, sessions))
        cursor.execute(*_copies_of_values(pattern))
        cursor.execute("ANALYZE")


def _pattern(started_at: datetime) -> Transaction:
    """One old session with all its values, of the first charger."""
    charge_point = ChargePoint.objects.get(identity=names.identity(0))
    evse = Evse.objects.get(charge_point=charge_point)
    row = Transaction.objects.create(
        charge_point=charge_point, evse=evse, remote_id=f"pattern-{started_at:%H%M%S%f}", state=Transaction.State.ENDED,
        started_at=started_at, ended_at=started_at, meter_start_wh=0, meter_stop_wh=0,
    )  # fmt: skip
    MeterValue.objects.bulk_create(
        MeterValue(
            charge_point=charge_point, evse_number=1, transaction=row, at=started_at + timedelta(minutes=number),
            measurand=measurand, phase=phase, location="Outlet", context="Sample.Periodic", value=value, unit=unit,
        )
        for number in range(1, frames.METER_VALUES + 1)
        for measurand, phase, unit, value in frames.readings(number, 0)
    )  # fmt: skip
    return row


def _columns(model: type[Model], *given: str) -> str:
    """The other columns of a table, to be copied as they are."""
    columns = [str(field.column) for field in model._meta.concrete_fields]
    return ", ".join(column for column in columns if column not in ("id", *given))


def _copies_of_transaction(pattern: Transaction, sessions: int) -> tuple[str, list[Any]]:
    given = ("charge_point_id", "evse_id", "remote_id", "started_at")
    rest = _columns(Transaction, *given)
    copied = ", ".join(f"t.{column}" for column in rest.split(", "))
    sql = f"""
        INSERT INTO {Transaction._meta.db_table} ({", ".join(given)}, {rest})
        SELECT e.charge_point_id, e.id, t.remote_id || '-' || n,
               t.started_at - n / c.number * interval '90 minutes', {copied}
        FROM (SELECT id, charge_point_id, row_number() OVER (ORDER BY id) - 1 AS place FROM {Evse._meta.db_table}) e,
             (SELECT count(*) AS number FROM {Evse._meta.db_table}) c,
             {Transaction._meta.db_table} t, generate_series(1, %s) n
        WHERE t.id = %s AND e.place = n %% c.number
    """
    return sql, [sessions - 1, pattern.pk]


def _copies_of_values(pattern: Transaction) -> tuple[str, list[Any]]:
    given = ("charge_point_id", "transaction_id", "at")
    rest = _columns(MeterValue, *given)
    copied = ", ".join(f"m.{column}" for column in rest.split(", "))
    sql = f"""
        INSERT INTO {MeterValue._meta.db_table} ({", ".join(given)}, {rest})
        SELECT t.charge_point_id, t.id, m.at - (%s - t.started_at), {copied}
        FROM {Transaction._meta.db_table} t, {MeterValue._meta.db_table} m
        WHERE m.transaction_id = %s AND t.remote_id LIKE %s
    """
    return sql, [pattern.started_at, pattern.pk, f"{pattern.remote_id}-%"]
