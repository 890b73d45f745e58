"""The icon in the top bar: what the driver has under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from drivers.services import booking, progress, queue, sessions
from drivers.services.progress import Look


@dataclass(frozen=True, slots=True)
class DriverStatus:
    """``state``: reserved, charging, finished or overdue, in the colours of all three apps; turn or waiting in a queue.

    ``until``: when the reservation or the turn lapses, or the vehicle has to be gone. ``place``: in the queue, from 1.
    """

    state: str
    until: datetime | None = None
    soc_percent: float | None = None
    place: int | None = None


_STATES = {
    Look.STARTING: "reserved",
    Look.CHARGING: "charging",
    Look.ENDING: "charging",
    Look.FINISHED: "finished",
    Look.OVERDUE: "overdue",
}


def of(*, driver: Any, now: datetime) -> DriverStatus | None:
    """What stands in the top bar; None when there is nothing under way."""
    session = sessions.current(driver)
    if session is not None:
        look = progress.look_of(session=session, now=now)
        state = _STATES[look]
        soc_percent = progress.soc_percent(session) if state == "charging" else None
        return DriverStatus(state, until=session.pick_up_by, soc_percent=soc_percent)
    standing = queue.standing(driver)
    if standing is not None and standing.turn is not None:
        return DriverStatus("turn", until=standing.turn.expires_at)
    reservation = booking.active(driver)
    if reservation is not None:
        return DriverStatus("reserved", until=reservation.expires_at)
    return DriverStatus("waiting", place=standing.position) if standing else None
