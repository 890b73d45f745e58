"""Energy by quarter of an hour, from a cumulative register."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

QUARTER = timedelta(minutes=15)


def quarter_start(at: datetime) -> datetime:
    """The start of the quarter of an hour that ``at`` lies in, UTC."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def by_quarter(register: Sequence[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    """Energy in Wh of each quarter that a register's readings span; between readings it rises evenly.

    :param register: (moment, Wh) rising in time. The pieces' sum is the last reading less the first.
    """
    pieces: dict[datetime, float] = {}
    for (start, start_wh), (end, end_wh) in itertools.pairwise(register):
        for quarter, share in _shares(start, end):
            pieces[quarter] = pieces.get(quarter, 0.0) + (end_wh - start_wh) * share
    return sorted(pieces.items())


def _shares(start: datetime, end: datetime) -> list[tuple[datetime, float]]:
    """Which part of the span from ``start`` to ``end`` lies in each quarter; a span of no length lies in its own."""
    whole = (end - start).total_seconds()
    if whole <= 0:
        return [(quarter_start(start), 1.0)]
    shares = []
    at = start
    while at < end:
        until = min(quarter_start(at) + QUARTER, end)
        shares.append((quarter_start(at), (until - at).total_seconds() / whole))
        at = until
    return shares
