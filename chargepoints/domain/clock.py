"""What to believe of a charger's clock."""

from datetime import UTC, datetime, timedelta

# No charger that speaks to us reported a fact before this: its clock was not set (1970, 1980, 2000 are usual).
_EARLIEST = datetime(2015, 1, 1, tzinfo=UTC)
# Local time sent as UTC is less than a day ahead; what is further is no clock.
_AHEAD = timedelta(days=1)
_FLAW = "clock was wrong: "


def believable(at: datetime, now: datetime) -> bool:
    """Whether a charger's moment can be meant as it is told. Old is no reason: queues are days long."""
    return _EARLIEST <= at <= now + _AHEAD


def corrected(at: datetime, now: datetime, offset: timedelta = timedelta()) -> datetime:
    """A moment as told; else moved by what the clock was wrong earlier in the session; else ``now``."""
    if believable(at, now):
        return at
    try:
        moved = at + offset
    except OverflowError:
        return now
    return moved if _EARLIEST <= moved <= now else now


def flaw(told_at: datetime) -> str:
    """How a transaction remembers what its charger's clock told: a repeat tells the same."""
    return f"{_FLAW}{told_at.isoformat()}"


def offset(flaw_text: str, at: datetime) -> timedelta:
    """By what the clock was wrong at ``at``, when a transaction remembers it."""
    if not flaw_text.startswith(_FLAW):
        return timedelta()
    return at - datetime.fromisoformat(flaw_text.removeprefix(_FLAW))
