"""A ledger as a file that can be handed on: JSON or CSV, each with a digest that anybody can recompute.

The forms are written down in docs/gridops-proof.md. All figures are whole numbers, so that every language writes
them alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from chargepoints.domain.quarters import QUARTER
from chargepoints.models import ChargePoint
from gridops import csv_text
from gridops.services.ledger import judging, sealing
from gridops.services.ledger.book import Ledger
from gridops.services.ledger.facts import SETTLING, Reason, Row, Span, Sum
from smac.models import FlexOrder

FORMAT = "twinev-ledger/1"
COLUMNS = (
    "row",
    "slot_start",
    "slot_end",
    "local_start",
    "local_end",
    "charge_point",
    "place",
    "limit_w",
    "limit_is_share",
    "least_w",
    "session",
    "commanded_w",
    "answer",
    "accepted_w",
    "read_back_w",
    "measured_w",
    "covered_percent",
    "deviation_w",
    "verdict",
    "reason",
    "reason_text",
)


def as_json(ledger: Ledger, *, issued_by: str, now: datetime) -> str:
    """Order, rules, summary and rows, with the digest over their canonical form."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "issued_at": utc(now),
        "issued_by": issued_by,
        "order": _order(ledger),
        "rules": _rules(),
        "acceptances": _acceptances(ledger),
        "summary": _summary(ledger),
        "rows": list(_records(ledger)),
    }
    return sealing.sealed_json(body)


def as_csv(ledger: Ledger, *, issued_by: str, now: datetime) -> str:
    """One line for each row; then the order and the summary as comments, and the digest over all lines before it."""
    heads = {"format": FORMAT, "issued_at": utc(now), "issued_by": issued_by}
    facts = {**heads, **_order(ledger), **_rules(), **_summary(ledger)}
    rows = [[record[name] for name in COLUMNS] for record in _records(ledger)]
    comments = [[f"# {name}: {_flat(value)}"] for name, value in facts.items()]
    accepted = [[line] for it in _acceptances(ledger) for line in _accepted_lines(it)]
    return sealing.sealed_lines("".join(csv_text.lines([COLUMNS, *rows, *comments, *accepted])))


def _flat(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _order(ledger: Ledger) -> dict[str, Any]:
    order = ledger.order
    return {
        "order": order.pk,
        "ordered_by": order.ordered_by.get_username(),
        "ordered_at": utc(order.created_at),
        "starts_at": utc(order.starts_at),
        "ends_at": utc(order.ends_at),
        "withdrawn_at": utc(order.withdrawn_at) if order.withdrawn_at else None,
        "scope": order.scope,
        "max_power_w": order.max_power_w,
        "min_power_w": order.min_power_w,
        "floor_w": order.floor_w,
        "max_export_w": order.max_export_w if order.v2g else None,
        "wanted_export_w": order.wanted_export_w,
        "mandatory": order.mandatory,
        "order_reason": order.reason,
        "replaces": order.replaces_id,
        "replaced_by": getattr(getattr(order, "replaced_by", None), "pk", None),
        "charge_points": len(ledger.books),
        # Of a limit for all together: the part of the charge points listed here, by installed power.
        "part_permille": round(1000 * ledger.share) if order.scope == FlexOrder.Scope.TOGETHER else 1000,
    }


def _acceptances(ledger: Ledger) -> list[dict[str, Any]]:
    """Who ordered all the same, when, and which sessions were accepted to miss what, at the charge points listed."""
    listed = {book.point.pk for book in ledger.books}
    return [
        {
            "accepted_by": it.accepted_by.get_username(),
            "accepted_at": utc(it.accepted_at),
            "missed": [_miss(one) for one in it.missed if one["charge_point_id"] in listed],
        }
        for it in ledger.order.acceptances.select_related("accepted_by")
    ]


def _miss(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "session_at": one["name"],
        "missed_wh": round(one["missed_wh"]),
        "target_percent": round(one["target_soc_percent"]),
        "departure_at": utc(datetime.fromisoformat(one["departure_at"])),
    }


def _accepted_lines(acceptance: dict[str, Any]) -> Iterator[str]:
    yield f"# accepted_by: {acceptance['accepted_by']}, {acceptance['accepted_at']}"
    for one in acceptance["missed"]:
        yield f"# accepted_miss: {one['session_at']}, {one['missed_wh']} Wh, departure {one['departure_at']}"


def _rules() -> dict[str, int]:
    return {
        "slot_s": int(QUARTER.total_seconds()),
        "settling_s": int(SETTLING.total_seconds()),
        "tolerance_percent": judging.TOLERANCE_PERCENT,
        "tolerance_w": judging.TOLERANCE_W,
    }


def _summary(ledger: Ledger) -> dict[str, Any]:
    return {
        "slots_with_session": len(ledger.counted),
        "slots_kept": ledger.kept,
        "slots_exceeded": ledger.exceeded,
        "slots_unproven": ledger.unproven,
        "energy_above_wh": round(ledger.excess_wh),
        "silent": [book.point.identity for book in ledger.silent],
        "refused": [book.point.identity for book in ledger.refused],
    }


# --- rows -------------------------------------------------------------------------------------------------------------


def _records(ledger: Ledger) -> Iterator[dict[str, Any]]:
    is_share = bool(ledger.sums)
    zone = ledger.books[0].point.supply_point.location.time_zone if ledger.books else settings.TIME_ZONE
    for one in ledger.sums:
        yield _sum(one, zone, is_share=ledger.share < 1)
    for book in ledger.books:
        for row in book.rows:
            yield _row(row, book.point, is_share=is_share)


def _row(row: Row, point: ChargePoint, *, is_share: bool) -> dict[str, Any]:
    place = point.supply_point.location
    return {
        "row": "charge_point",
        **_window(row.span, place.time_zone),
        "charge_point": point.identity,
        "place": place.name,
        **_limits(row, is_share=is_share),
        "session": row.has_session,
        "commanded_w": whole(row.commanded_w),
        "answer": row.answer.value,
        "accepted_w": whole(row.accepted_w),
        "read_back_w": whole(row.read_back_w),
        "measured_w": whole(row.measured_w),
        "covered_percent": row.covered_percent,
        "deviation_w": whole(row.deviation_w),
        "verdict": row.verdict.value,
        "reason": row.reason.value,
        "reason_text": str(Reason(row.reason).label),
    }


def _sum(one: Sum, zone: str, *, is_share: bool) -> dict[str, Any]:
    empty = dict.fromkeys(COLUMNS)
    found = {
        "row": "all_together",
        **_window(one.span, zone),
        **_limits(one, is_share=is_share),
        "session": one.sessions > 0,
        "commanded_w": whole(one.commanded_w),
        "measured_w": whole(one.measured_w),
        "deviation_w": whole(one.deviation_w),
        "verdict": one.verdict.value,
    }
    return {**empty, **found}


def _window(span: Span, zone: str) -> dict[str, str]:
    local = ZoneInfo(zone)
    return {
        "slot_start": utc(span.start),
        "slot_end": utc(span.end),
        "local_start": span.start.astimezone(local).isoformat(timespec="seconds"),
        "local_end": span.end.astimezone(local).isoformat(timespec="seconds"),
    }


def _limits(row: Row | Sum, *, is_share: bool) -> dict[str, Any]:
    return {
        "limit_w": whole(row.band.most_w),
        "limit_is_share": is_share,
        "least_w": whole(row.band.least_w),
        "deviation_w": whole(row.deviation_w),
    }


def whole(watts: float | None) -> int | None:
    """To the watt."""
    return None if watts is None else round(watts)


def utc(moment: datetime) -> str:
    """``2026-11-23T12:00:00Z``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def file_name(order: FlexOrder, ending: str) -> str:
    return f"twinev-order-{order.pk}-ledger.{ending}"


__all__: Sequence[str] = ["COLUMNS", "FORMAT", "as_csv", "as_json", "file_name"]
