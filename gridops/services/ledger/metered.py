"""The mean power of each slot as the meters tell it, for many charge points with a few queries.

A register tells energy, whatever happened between two readings: it leads. Where a charger sends none, its power values
count, each until the next one and for twenty minutes at most.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, F, Func, IntegerField, Max, Min, TextField, Value, When

from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, POWER_EXPORT, POWER_IMPORT
from chargepoints.domain.quarters import quarter_start
from chargepoints.models import MeterValue, Transaction
from gridops.services.ledger.facts import Span
from gridops.services.measuring import HOLDS

# A reading before the window and one after it bound what its first and last slot drew.
_AROUND = timedelta(hours=1)
_BEFORE, _AFTER = -1, 2**31 - 1
_QUARTER_S = 900
_OUTLET = "Outlet"
# What is known of less than half of a slot says nothing of the whole.
_LEAST_COVERED = 0.5
_DISTANT = datetime(2999, 1, 1, tzinfo=UTC)


class _Quarter(Func):
    """The number of the quarter hour since 1970 that a moment lies in."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        seconds = Func(Value("%s"), *self.get_source_expressions(), function="strftime", output_field=TextField())
        sql, values = compiler.compile(seconds)
        return f"({sql} / 900)", values

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 900))::integer"
        return self.as_sql(compiler, connection, template=template, **context)


class Mean(NamedTuple):
    """What was drawn in a slot, None where too little is known; ``covered``: the share of the session's time known."""

    power_w: float | None
    covered: float


class _Segment(NamedTuple):
    start: datetime
    end: datetime
    power_w: float
    # What flowed back beside what was drawn makes no more time known.
    adds_time: bool = True


def means(transactions: Sequence[Transaction], slots: Sequence[Span], now: datetime) -> dict[int, dict[int, Mean]]:
    """By transaction: by the number of the slot, for slots in which it ran. Transactions come with their EVSE."""
    if not slots or not transactions:
        return {}
    registers = _registers(transactions, slots)
    curves: dict[int, list[_Segment]] = {}
    without = []
    for row in transactions:
        readings = registers.get(row.pk, {})
        if _tells_all(row, readings):
            curves[row.pk] = _from_registers(row, readings)
        else:
            without.append(row)
    curves |= _from_power(without, slots)
    return {row.pk: _by_slot(row, curves.get(row.pk, []), slots, now) for row in transactions}


# --- registers --------------------------------------------------------------------------------------------------------

Readings = list[tuple[datetime, float]]


def _registers(transactions: Sequence[Transaction], slots: Sequence[Span]) -> dict[int, dict[str, Readings]]:
    """By transaction and measurand: the first and last reading of each quarter hour, the outlet's where it tells."""
    first, last = slots[0].start, slots[-1].end
    rows = _values(transactions, (ENERGY_IMPORT, ENERGY_EXPORT), first - _AROUND, last + _AROUND).annotate(
        quarter=Case(
            When(at__lt=first, then=Value(_BEFORE)),
            When(at__gte=last, then=Value(_AFTER)),
            default=_Quarter(F("at")),
            output_field=IntegerField(),
        )
    )
    # A register only rises: the least value of a quarter is its first one.
    pieces = rows.values_list("transaction_id", "measurand", "location", "quarter").annotate(
        Min("at"), Min("value"), Max("at"), Max("value")
    )
    found: dict[tuple[int, str, str], dict[datetime, float]] = defaultdict(dict)
    for pk, measurand, location, quarter, first_at, least, last_at, most in pieces:
        readings = found[pk, measurand, location]
        if quarter != _BEFORE:
            readings[first_at] = least
        if quarter != _AFTER:
            readings[last_at] = most
    return _chosen(found)


def _chosen(found: dict[tuple[int, str, str], dict[datetime, float]]) -> dict[int, dict[str, Readings]]:
    """What passed the outlet; another meter counts only where there is none."""
    chosen: dict[int, dict[str, Readings]] = defaultdict(dict)
    by_rank = sorted(found.items(), key=lambda item: (item[0][2] == _OUTLET and len(item[1]) > 1, len(item[1])))
    for (pk, measurand, _location), readings in by_rank:
        chosen[pk][measurand] = sorted(readings.items())
    return chosen


def _values(transactions: Sequence[Transaction], measurands: Sequence[str], start: datetime, end: datetime) -> Any:
    return MeterValue.objects.filter(
        transaction__in=[row.pk for row in transactions],
        measurand__in=measurands,
        phase="",
        flaw="",
        at__gte=start,
        at__lt=end,
    ).order_by()


def _tells_all(row: Transaction, readings: dict[str, Readings]) -> bool:
    """Whether the registers tell both ways, where energy can flow back."""
    gives = row.evse is not None and row.evse.max_discharge_w > 0
    return len(readings.get(ENERGY_IMPORT, [])) > 1 and (not gives or len(readings.get(ENERGY_EXPORT, [])) > 1)


def _from_registers(row: Transaction, readings: dict[str, Readings]) -> list[_Segment]:
    given = _rises(row, readings.get(ENERGY_EXPORT, []))
    back = [_Segment(one.start, one.end, -one.power_w, adds_time=False) for one in given]
    return [*_rises(row, readings[ENERGY_IMPORT]), *back]


def _rises(row: Transaction, readings: Readings) -> Iterator[_Segment]:
    for (start, start_wh), (end, end_wh) in itertools.pairwise(readings):
        until = min(end, row.ended_at or end)
        if until > start:
            yield _Segment(start, until, (end_wh - start_wh) / ((until - start).total_seconds() / 3600))


# --- power values -----------------------------------------------------------------------------------------------------


def _from_power(transactions: Sequence[Transaction], slots: Sequence[Span]) -> dict[int, list[_Segment]]:
    """Each value until the next one, as far as it holds."""
    if not transactions:
        return {}
    values: dict[int, dict[datetime, float]] = defaultdict(dict)
    rows = _values(transactions, (POWER_IMPORT, POWER_EXPORT), slots[0].start - HOLDS, slots[-1].end)
    for pk, at, measurand, value in rows.values_list("transaction_id", "at", "measurand", "value"):
        values[pk][at] = values[pk].get(at, 0.0) + (value if measurand == POWER_IMPORT else -value)
    ends = {row.pk: row.ended_at or _DISTANT for row in transactions}
    return {pk: list(_held(sorted(curve.items()), ends[pk])) for pk, curve in values.items()}


def _held(curve: Readings, ended_at: datetime) -> Iterator[_Segment]:
    nexts = [at for at, _value in curve[1:]] + [_DISTANT]
    for (at, power_w), following in zip(curve, nexts, strict=True):
        until = min(following, at + HOLDS, ended_at)
        if until > at:
            yield _Segment(at, until, power_w)


# --- slots ------------------------------------------------------------------------------------------------------------


def _by_slot(row: Transaction, curve: Sequence[_Segment], slots: Sequence[Span], now: datetime) -> dict[int, Mean]:
    pieces = _pieces(curve, slots)
    found = {}
    for number, slot in enumerate(slots):
        present_s = overlap_s(row, slot, now)
        if present_s > 0:
            energy_ws, known_s = pieces.get(number, (0.0, 0.0))
            found[number] = _mean(energy_ws, known_s, present_s, slot, now)
    return found


def _mean(energy_ws: float, known_s: float, present_s: float, slot: Span, now: datetime) -> Mean:
    covered = min(known_s / present_s, 1.0)
    if covered < _LEAST_COVERED:
        return Mean(None, covered)
    length_s = (min(slot.end, now) - slot.start).total_seconds()
    return Mean(energy_ws * (present_s / known_s) / length_s, covered)


def _pieces(curve: Iterable[_Segment], slots: Sequence[Span]) -> dict[int, tuple[float, float]]:
    """By slot: what passed in it, Ws, and of how many seconds that is known."""
    found: dict[int, tuple[float, float]] = {}
    origin, last = quarter_start(slots[0].start), len(slots) - 1
    bounds = [((slot.start - origin).total_seconds(), (slot.end - origin).total_seconds()) for slot in slots]
    for one in curve:
        start_s, end_s = (one.start - origin).total_seconds(), (one.end - origin).total_seconds()
        for number in range(max(int(start_s // _QUARTER_S), 0), min(int(end_s // _QUARTER_S), last) + 1):
            slot_start_s, slot_end_s = bounds[number]
            known_s = min(end_s, slot_end_s) - max(start_s, slot_start_s)
            if known_s > 0:
                energy_ws, before_s = found.get(number, (0.0, 0.0))
                time_s = before_s + known_s if one.adds_time else before_s
                found[number] = (energy_ws + one.power_w * known_s, time_s)
    return found


def overlap_s(row: Transaction, slot: Span, now: datetime) -> float:
    """How long a session ran in a slot, until now at most."""
    end = min(slot.end, now, row.ended_at or now)
    return (end - max(slot.start, row.started_at)).total_seconds()
