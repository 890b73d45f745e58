"""Events of OpenADR 3, read: who is limited, to what, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from toadr3.models import Event as WireEvent
from toadr3.models import Interval, IntervalPeriod, ValuesMap

from gridops.ports import Asked, Event, Kind, Limited, Target, TargetKind

IMPORT, EXPORT = "IMPORT_CAPACITY_LIMIT", "EXPORT_CAPACITY_LIMIT"
# What a report may be asked for. Less load is regulation upwards: the grid sees it as generation.
KINDS = {
    "DEMAND": Kind.POWER,
    "STORAGE_MAX_CHARGE_POWER": Kind.POSSIBLE,
    "STORAGE_MAX_DISCHARGE_POWER": Kind.POSSIBLE_BACK,
    "UP_REGULATION_AVAILABLE": Kind.LESS,
    "DOWN_REGULATION_AVAILABLE": Kind.MORE,
}
_TARGETS = {"GROUP": TargetKind.GROUP, "RESOURCE_NAME": TargetKind.RESOURCE}
# That an event is for this client, or of this name, says nothing of whom it limits.
_OURS = {"VEN_NAME", "EVENT_NAME", "PROGRAM_NAME"}
_UNITS = {"": 1000, "KW": 1000, "W": 1, "MW": 1_000_000}
_MOST_W = 1e9


class Unreadable(ValueError):
    """Why an event cannot be followed, in words for a log and the operator."""


def read(wire: WireEvent) -> Event:
    """What it comes to here. Where it makes no sense, it says so in ``problem``."""
    try:
        windows, problem = tuple(_joined(_windows(wire))), ""
    except Unreadable as error:
        windows, problem = (), str(error)
    return Event(
        event_id=wire.id or "",
        program_id=wire.program_id,
        name=(wire.event_name or "")[:128],
        targets=tuple(_targets(wire.targets or [])),
        windows=windows,
        asked=tuple(_asked(wire)),
        problem=problem,
    )


def _targets(wire: list[ValuesMap]) -> Iterator[Target]:
    for one in wire:
        kind = _TARGETS.get(one.type, TargetKind.OTHER)
        if one.type not in _OURS:
            yield from (Target(kind, str(value)) for value in one.values)


def _asked(wire: WireEvent) -> Iterator[Asked]:
    for one in wire.report_descriptors or []:
        if one.payload_type in KINDS:
            yield Asked(KINDS[one.payload_type], one.aggregate)


def _windows(wire: WireEvent) -> Iterator[Limited]:
    """The limits by interval; without an own period an interval follows the one before."""
    units = {one.payload_type: (one.units or "").upper() for one in wire.payload_descriptors or []}
    at = _start(wire.interval_period)
    for interval in wire.intervals:
        period = interval.interval_period or wire.interval_period
        starts_at = _start(interval.interval_period) or at
        if period is None or starts_at is None:
            raise Unreadable("an interval has no start")
        at = starts_at + period.duration
        limits = _limits(interval, units)
        if limits:
            if at <= starts_at:
                raise Unreadable("an interval has no end")
            yield Limited(starts_at, at, limits.get(IMPORT), limits.get(EXPORT))


def _start(period: IntervalPeriod | None) -> datetime | None:
    if period is None or isinstance(period.start, str):
        return None
    if period.start.tzinfo is None:
        raise Unreadable("a start has no time zone")
    return period.start.astimezone(UTC)


def _limits(interval: Interval, units: Mapping[str, str]) -> dict[str, int]:
    return {
        one.type: _watts(one.values, units.get(one.type, ""))
        for one in interval.payloads
        if one.type in (IMPORT, EXPORT)
    }


def _watts(values: list[Any], unit: str) -> int:
    if unit not in _UNITS:
        raise Unreadable(f"the unit {unit} is none of power")
    if len(values) != 1 or isinstance(values[0], bool) or not isinstance(values[0], int | float):
        raise Unreadable("a limit is one number")
    watts = values[0] * _UNITS[unit]
    if not 0 <= watts <= _MOST_W:
        raise Unreadable("a limit is below zero or beyond all measure")
    return round(watts)


def _joined(windows: Iterator[Limited]) -> Iterator[Limited]:
    """Neighbours with the same limits are one window."""
    last: Limited | None = None
    for one in sorted(windows, key=lambda it: it.starts_at):
        if last and (last.ends_at, last.import_w, last.export_w) == (one.starts_at, one.import_w, one.export_w):
            last = Limited(last.starts_at, one.ends_at, one.import_w, one.export_w)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last
