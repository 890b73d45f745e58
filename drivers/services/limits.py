"""How long a reservation and a parked car may last. Pure."""

from datetime import datetime, timedelta

# Less would lapse at a red light, more would keep others from a free charger.
_LEAST = timedelta(minutes=10)
_MOST = timedelta(minutes=60)
# Without a position nobody knows how far the driver is.
_UNKNOWN = timedelta(minutes=30)
# Traffic, and plugging in.
_SLACK = 1.5
_PLUGGING = timedelta(minutes=5)


def reservation_until(*, now: datetime, drive_s: float | None) -> datetime:
    """Until when a charger is kept free, from the time that the way takes."""
    if drive_s is None:
        return now + _UNKNOWN
    wanted = timedelta(seconds=drive_s) * _SLACK + _PLUGGING
    minutes = -(-min(max(wanted, _LEAST), _MOST).total_seconds() // 60)
    return now + timedelta(minutes=minutes)


def overdue_minutes(*, pick_up_by: datetime | None, until: datetime) -> int:
    """Begun minutes after the time to pick up the vehicle; 0 where there is no such time."""
    if pick_up_by is None or until <= pick_up_by:
        return 0
    return int(-(-(until - pick_up_by).total_seconds() // 60))
