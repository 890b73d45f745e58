"""Wall clocks where they are changed: an hour that does not exist in spring, and one that comes twice in autumn."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

FIRST, SECOND = "0", "1"


def is_skipped(local: datetime, zone: ZoneInfo) -> bool:
    """Whether no clock at the place ever shows this time. ``local``: without a zone."""
    shown = local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return shown.replace(tzinfo=None, fold=0) != local.replace(fold=0)


def comes_twice(local: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks at the place show this time twice."""
    return not is_skipped(local, zone) and len(set(offsets(local, zone))) == 2


def offsets(local: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """How the place is ahead of UTC at this time, and when it comes again: ``UTC+02:00``."""
    first, second = (f"{local.replace(tzinfo=zone, fold=fold):%z}" for fold in (0, 1))
    return f"UTC{first[:3]}:{first[3:]}", f"UTC{second[:3]}:{second[3:]}"


def at(local: datetime, zone: ZoneInfo, which: str = FIRST) -> datetime:
    """The moment in UTC: the first one of two unless ``which`` says the second.

    Not in the zone: Python compares two moments of one zone by what their clocks show, also when these go back.
    """
    return local.replace(tzinfo=zone, fold=int(which == SECOND)).astimezone(UTC)
