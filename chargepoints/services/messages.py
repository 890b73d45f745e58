"""The log of OCPP frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chargepoints.models import OcppMessage

# Long enough to explain last week's complaint; the facts themselves live in their own tables for good.
KEPT_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Entry:
    """One frame: ``direction`` "in" or "out", ``message_type`` 2, 3 or 4 (OCPP-J 4.1)."""

    charge_point_id: int
    at: datetime
    direction: str
    message_type: int
    message_id: str
    action: str
    payload: Any


def store(entries: Sequence[Entry]) -> None:
    """Store frames in one statement."""
    OcppMessage.objects.bulk_create([OcppMessage(**vars(entry)) for entry in entries])


def forget_old(*, now: datetime) -> int:
    """Delete frames older than ``KEPT_FOR``; how many went."""
    deleted, _ = OcppMessage.objects.filter(at__lt=now - KEPT_FOR).delete()
    return deleted
