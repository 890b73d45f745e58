"""Ordinary reports of many chargers, stored together: one statement for all of a kind.

What is ordinary is known without asking: a transaction that runs and was seen here before, values in the order of time,
nothing odd. The memory of it may be stale: the statement writes only where the row still has the version that was
read. Everything else is NOT_ORDINARY here, and left to the services that take any report one by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from typing import Any

from django.db import connection

from chargepoints.domain import reports
from chargepoints.services import recording_links, recording_progress, recording_starts, recording_statuses
from chargepoints.services.links import LinkClosed, LinkOpened
from chargepoints.services.recording_facts import NOT_ORDINARY, Fact
from chargepoints.services.recording_progress import forget

__all__ = ["NOT_ORDINARY", "Fact", "forget", "may_be_ordinary", "store"]


def _unfamiliar(kind: type, familiar: set[str]) -> list[tuple[str, Any]]:
    """The fields of a report that nothing here understands, with what they are when nothing is told."""
    told = {field.name: field.default for field in fields(kind) if field.name not in familiar}
    return [(name, default) for name, default in told.items() if default is not MISSING]


_UNFAMILIAR = {
    reports.MeterValuesReported: _unfamiliar(reports.MeterValuesReported, {"evse_number", "samples", "remote_id"}),
    reports.TransactionStarted: _unfamiliar(
        reports.TransactionStarted,
        {
            "evse_number",
            "connector_number",
            "at",
            "token",
            "meter_start_wh",
            "remote_id",
            "remote_start_id",
            "reservation_number",
            "charging_state",
            "seq_no",
            "samples",
            "offline",
        },
    ),
    reports.TransactionUpdated: _unfamiliar(
        reports.TransactionUpdated, {"remote_id", "evse_number", "at", "charging_state", "seq_no", "samples", "offline"}
    ),
    reports.TransactionEnded: _unfamiliar(
        reports.TransactionEnded,
        {"remote_id", "evse_number", "at", "meter_stop_wh", "reason", "token", "seq_no", "samples", "offline"},
    ),
    reports.StatusReported: _unfamiliar(
        reports.StatusReported, {"evse_number", "connector_number", "status", "at", "error_code", "info"}
    ),
    reports.Booted: [],
    LinkOpened: [],
    LinkClosed: [],
}


def may_be_ordinary(report: object) -> bool:
    """Whether it is worth asking: a kind of report that is stored together, on a database that can."""
    unfamiliar = _UNFAMILIAR.get(type(report))  # type: ignore[call-overload]
    if unfamiliar is None or connection.vendor != "postgresql":
        return False
    return all(getattr(report, name) == default for name, default in unfamiliar)


def _store_starts(facts: Sequence[Fact]) -> list[Any]:
    results = recording_starts.store([(fact.charge_point_id, fact.report, fact.now) for fact in facts])  # type: ignore[misc]
    for result in results:
        if result is not None:
            recording_progress.remember(result[0].transaction.remote_id, result[1])
    return [NOT_ORDINARY if result is None else result[0] for result in results]


_STORED_BY: dict[type, Callable[[Sequence[Fact]], list[Any]]] = {
    reports.MeterValuesReported: recording_progress.store,
    reports.TransactionUpdated: recording_progress.store,
    reports.TransactionEnded: recording_progress.store,
    reports.TransactionStarted: _store_starts,
    reports.StatusReported: recording_statuses.store,
    reports.Booted: recording_links.store,
    LinkOpened: recording_links.store,
    LinkClosed: recording_links.store,
}


def store(facts: Sequence[Fact]) -> list[Any]:
    """Store what is ordinary of these facts, at most one of a charger; for each what its service returns."""
    results: list[Any] = [NOT_ORDINARY] * len(facts)
    for storing in (recording_links.store, recording_progress.store, _store_starts, recording_statuses.store):
        numbers = [number for number, fact in enumerate(facts) if _STORED_BY[type(fact.report)] is storing]
        if numbers:
            for number, result in zip(numbers, storing([facts[number] for number in numbers]), strict=True):
                results[number] = result
    return results
