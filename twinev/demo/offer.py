"""The grid operator's offer to drivers that is open in the demo, and who of the drawn people always takes part."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from chargepoints.models import ChargePoint
from smac.models import Campaign, OfferPreference
from smac.services.campaigns import announcing, preferences
from smac.slots import SLOT, floor
from twinev.demo.people import SIMULATED_GERMANS
from twinev.identity.models import User

OFFERED_BY = "dso1"
WANTED_W = 40_000
PER_KWH = Decimal("0.25")
BUDGET = Decimal("30.00")
LASTS = timedelta(hours=2)
MESSAGE = "Evening peak in Steinheim"
# Of the drawn people every third is asked each time, and one in six wants to hear of none.
_CHOICES = ("always", "always", "ask", "always", "never", "ask")


def ensure(*, now: datetime) -> Campaign | None:
    """Make an offer to the town's drivers if none is open."""
    standing = Campaign.objects.filter(withdrawn_at=None, ends_at__gt=now + SLOT)
    if standing.exists():
        return None
    _choose(now)
    start = floor(now) + SLOT
    return announcing.announce(
        created_by=User.objects.get(username=OFFERED_BY),
        charge_points=_points(),
        direction=Campaign.Direction.LESS,
        wanted_w=WANTED_W,
        incentive_per_kwh=PER_KWH,
        budget=BUDGET,
        starts_at=start,
        ends_at=start + LASTS,
        message=MESSAGE,
        now=now,
    )


def _points() -> list[ChargePoint]:
    """Those in Germany: the town and its homes."""
    return list(ChargePoint.objects.filter(supply_point__location__country="DE"))


def _choose(now: datetime) -> None:
    """Once: what a visitor of the demo changes stays."""
    names = [name for name, *_ in SIMULATED_GERMANS]
    undecided = User.objects.filter(username__in=names).exclude(pk__in=OfferPreference.objects.values("driver"))
    for driver in undecided.order_by("username"):
        choice = _CHOICES[names.index(driver.username) % len(_CHOICES)]
        preferences.choose(driver=driver, choice=choice, now=now)
