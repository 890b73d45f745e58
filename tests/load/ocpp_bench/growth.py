"""Row ocpp-growth: messages a second with ever more meter values stored before."""

import statistics
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from chargepoints.models import ChargePoint, Evse, MeterValue, Transaction
from tests.load.ocpp_bench import frames, load, names, world
from tests.load.ocpp_bench.servers import Server
from tests.load.ocpp_bench.stage import Stage
from tests.load.ocpp_bench.tell import tell_fact

CHARGERS = 100
REPEATS = 5
FLAT_WITHIN = 0.2
_PER_SESSION = frames.METER_VALUES * frames.SAMPLES


def growth(stage: Stage, *, version: str, sizes: list[int]) -> None:
    """The same sessions on a growing history of the same chargers."""
    stage.empty()
    # Each repeat has chargers of its own; one more warms the server up.
    world.register(CHARGERS * (len(sizes) * REPEATS + 1))
    speeds: dict[int, float] = {}
    with stage.twinev() as server:
        _messages_per_s(server, version, -1)
        for turn, size in enumerate(sorted(sizes)):
            fill(size)
            runs = [_messages_per_s(server, version, turn * REPEATS + repeat) for repeat in range(REPEATS)]
            speeds[size] = statistics.median(runs)
            tell_fact(
                f"ocpp-growth-{version}", size, "messages with so many values stored", speeds[size], "1/s", runs=runs
            )
    fastest = max(speeds.values())
    tell_fact(
        f"ocpp-growth-{version}",
        max(sizes),
        "slowest below fastest",
        1 - min(speeds.values()) / fastest,
        "share",
        FLAT_WITHIN,
    )


def _messages_per_s(server: Server, version: str, block: int) -> float:
    first = (block + 1) * CHARGERS
    story = {"version": version, "story": "session", "first": first, "count": CHARGERS, "rate": None}
    answer = load.answered(server.name, load.run(server, **story)).answer
    world.check_sessions(CHARGERS, first, since=timezone.now() - timedelta(hours=1))
    return float(answer["messages"] / answer["seconds"])


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
