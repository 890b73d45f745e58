"""What a charger has to tell in each row: its steps, and how many of them come before the clock runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tests.load.ocpp_bench import frames, names
from tests.load.ocpp_bench.frames import Step

# Told again, as by a charger whose link broke before the answer came.
_REPEATED = ("StartTransaction", "StopTransaction", '"Started"', '"Ended"')
BACKLOG_SESSIONS = 2


@dataclass(frozen=True, slots=True)
class Story:
    steps: Sequence[Step]
    before: int = 0


def session(version: str, number: int, now: datetime) -> Story:
    """A whole session, which ended a minute ago by the charger's clock."""
    return Story(_session(version, number, now, minutes_ago=frames.METER_VALUES + 1))


def burst(version: str, number: int, now: datetime) -> Story:
    """The power is back: boot and statuses are through, now authorise and start."""
    return Story(_session(version, number, now, minutes_ago=0)[:6], before=4)


def backlog(version: str, number: int, now: datetime) -> Story:
    """An hour without a line: two sessions kept, starts and stops of them told twice."""
    hello = _session(version, number, now, minutes_ago=0)[:1]
    kept = [*_offline(version, number, now, 58), *_offline(version, number, now, 28)]
    return Story([*hello, *kept])


def _offline(version: str, number: int, now: datetime, minutes_ago: int) -> list[Step]:
    steps = []
    for one in _session(version, number, now, minutes_ago=minutes_ago)[3:]:
        if one.action in ("Heartbeat", "Authorize"):
            continue
        told = replace(one, rest=one.rest.replace('{"eventType"', '{"offline":true,"eventType"'))
        steps += [told, told] if any(word in told.rest for word in _REPEATED) else [told]
    return steps


def _session(version: str, number: int, now: datetime, *, minutes_ago: int) -> list[Step]:
    return frames.session(
        version,
        token=names.token(number),
        transaction=str(UUID(int=number * 100 + minutes_ago)),
        started_at=now - timedelta(minutes=minutes_ago),
        # Meters only rise: the session that began later has the higher reading.
        meter_start_wh=10_000 * number + 100 * (60 - minutes_ago),
    )


STORIES: dict[str, Callable[[str, int, datetime], Story]] = {"session": session, "burst": burst, "backlog": backlog}
