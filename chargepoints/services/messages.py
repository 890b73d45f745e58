"""The log of OCPP frames."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection

from chargepoints.models import OcppMessage

# So many rows go at once: deleting a day of a city's frames in one statement would hold up those that come in.
_AT_ONCE = 5_000
_COPY = (
    f"COPY {OcppMessage._meta.db_table} "
    "(charge_point_id, at, direction, message_type, message_id, action, payload) FROM STDIN"
)
# What COPY's text format reads as an end of a field or row, or as the beginning of an escape.
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One frame: ``direction`` "in" or "out", ``message_type`` 2, 3 or 4 (OCPP-J 4.1), ``payload`` as JSON text."""

    charge_point_id: int
    at: datetime
    direction: str
    message_type: int
    message_id: str
    action: str
    payload: str


def store(entries: Sequence[Entry]) -> None:
    """Store frames in one statement."""
    if connection.vendor == "postgresql":
        _copy(entries)
        return
    OcppMessage.objects.bulk_create(
        OcppMessage(
            charge_point_id=one.charge_point_id,
            at=one.at,
            direction=one.direction,
            message_type=one.message_type,
            message_id=one.message_id,
            action=one.action,
            payload=json.loads(one.payload),
        )
        for one in entries
    )


def _copy(entries: Sequence[Entry]) -> None:
    """An INSERT of as many rows costs six times as much."""
    rows = io.StringIO("".join(map(_row, entries)))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(_COPY, rows)


def _row(one: Entry) -> str:
    payload = one.payload.replace("\\", "\\\\")  # JSON text has no other character that COPY minds
    return (
        f"{one.charge_point_id}\t{one.at.isoformat()}\t{one.direction}\t{one.message_type}\t"
        f"{one.message_id.translate(_ESCAPES)}\t{one.action.translate(_ESCAPES)}\t{payload}\n"
    )


def forget_old(*, now: datetime) -> int:
    """Delete frames older than OCPP_MESSAGES_KEPT_DAYS, a few at a time; how many went.

    The facts themselves live in their own tables for good.
    """
    old = OcppMessage.objects.filter(at__lt=now - timedelta(days=settings.OCPP_MESSAGES_KEPT_DAYS)).order_by("pk")
    gone = 0
    while chunk := list(old.values_list("pk", flat=True)[:_AT_ONCE]):
        gone += OcppMessage.objects.filter(pk__in=chunk)._raw_delete(using=DEFAULT_DB_ALIAS)
    return gone
