"""What a battery holds when neither driver nor car says: from the driver's last session, else what is typical."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from smac.models import ChargingNeed
from smac.snapshot.charge import charge_of
from smac.typical import TYPICAL

# A habit older than this says no more than what is typical.
_REMEMBERED = timedelta(days=60)
# A car that was charged just now holds what it held; each day on the road makes that less sure.
_LEAST_UNCERTAIN, _MORE_UNCERTAIN_A_DAY = 5.0, 10.0
STATED_UNCERTAINTY_PERCENT = 5.0


@dataclass(frozen=True, slots=True)
class Guess:
    """A battery and what it holds, per cent; `origin` as ChargingNeed.SocOrigin, plus or minus so many points."""

    capacity_wh: int
    soc_percent: float
    origin: str
    uncertainty_percent: float


def guess(*, driver_id: int | None, now: datetime, capacity_wh: int | None = None) -> Guess:
    """What the battery of a driver's car holds now. `capacity_wh` None: of the car nothing is known either."""
    last = _last(driver_id, capacity_wh, now)
    if last is None:
        return Guess(
            capacity_wh or TYPICAL.capacity_wh,
            TYPICAL.soc_percent,
            ChargingNeed.SocOrigin.TYPICAL,
            TYPICAL.uncertainty_percent,
        )
    return _since(last, now)


def _last(driver_id: int | None, capacity_wh: int | None, now: datetime) -> ChargingNeed | None:
    """The driver's last session with this car: the battery's size tells cars apart."""
    if driver_id is None:
        return None
    ended = ChargingNeed.objects.filter(
        driver_id=driver_id,
        status=ChargingNeed.Status.CLOSED,
        is_assumed=False,
        transaction__isnull=False,
        closed_at__gt=now - _REMEMBERED,
        battery_capacity_wh__gt=0,
    )
    # What was guessed itself and never told by the car is no ground for another guess.
    ended = ended.filter(Q(transaction__soc_percent__isnull=False) | Q(soc_origin=ChargingNeed.SocOrigin.STATED))
    if capacity_wh:
        ended = ended.filter(battery_capacity_wh=capacity_wh)
    return ended.select_related("transaction").order_by("-closed_at", "-pk").first()


def _since(last: ChargingNeed, now: datetime) -> Guess:
    """What it was charged to, less the usual ways since; not below what the last session began with, a habit too."""
    capacity = last.battery_capacity_wh
    days = max((now - (last.closed_at or now)) / timedelta(days=1), 0.0)
    driven = (charge_of(last).energy_wh - TYPICAL.driven_wh_per_day * days) / capacity * 100
    percent = min(max(driven, min(last.soc_percent, TYPICAL.soc_percent), 0.0), 100.0)
    uncertain = min(_LEAST_UNCERTAIN + _MORE_UNCERTAIN_A_DAY * days, TYPICAL.uncertainty_percent)
    return Guess(capacity, round(percent, 1), ChargingNeed.SocOrigin.LAST_SESSION, round(uncertain, 1))
