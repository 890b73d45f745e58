"""Whom an offer concerns: who charges in its area, lives there, or often charges there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q, QuerySet

from chargepoints.models import ChargePoint, Transaction
from smac.models import Campaign, ChargingNeed, OfferPreference, PlannedCurve
from smac.selectors import ANNOUNCED_FOR
from smac.services.campaigns import preferences, shifting
from smac.slots import SLOT, floor, quarters

# Who charged in the area so often lately is at home there, too.
USUAL_TIMES = 3
USUAL_WITHIN = timedelta(days=30)


class Why(StrEnum):
    """What joins a driver to the area of an offer; the first that holds."""

    SESSION = "session"
    HOME = "home"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an offer would reach, in numbers. ``told``: without those who want to hear of none.

    ``planned_w``: what the sessions that are there are to draw in the window, on the average, without the offer.
    """

    charge_points: int
    drivers: int
    told: int
    sessions: int
    planned_w: float
    wanted_wh: float
    paid_wh: float

    @property
    def pays_all(self) -> bool:
        """Whether the budget is enough for all that is wanted."""
        return self.paid_wh >= self.wanted_wh - 1


def drivers_of(
    *, charge_point_ids: Collection[int], starts_at: datetime, ends_at: datetime, now: datetime
) -> dict[int, Why]:
    """The drivers whom an offer for these charge points concerns, by primary key, with the reason."""
    found = dict.fromkeys(_usual(charge_point_ids, now), Why.USUAL)
    homes = ChargePoint.objects.filter(pk__in=charge_point_ids, supply_point__location__owner__isnull=False)
    found |= dict.fromkeys(homes.values_list("supply_point__location__owner_id", flat=True), Why.HOME)
    needs = needs_at(charge_point_ids=charge_point_ids, starts_at=starts_at, ends_at=ends_at, now=now)
    there = needs.filter(driver__isnull=False).values_list("driver_id", flat=True)
    return found | {pk: Why.SESSION for pk in there if pk is not None}


def _usual(charge_point_ids: Collection[int], now: datetime) -> list[int]:
    rows = Transaction.objects.filter(charge_point__in=charge_point_ids, driver__isnull=False)
    often = rows.filter(started_at__gt=now - USUAL_WITHIN).order_by().values("driver_id").annotate(times=Count("pk"))
    return [pk for pk in often.filter(times__gte=USUAL_TIMES).values_list("driver_id", flat=True) if pk is not None]


def needs_at(
    *, charge_point_ids: Collection[int], starts_at: datetime, ends_at: datetime, now: datetime
) -> QuerySet[ChargingNeed]:
    """Sessions there, running or announced, whose stay reaches into the window."""
    announced = Q(status=ChargingNeed.Status.ANNOUNCED, stated_at__gt=now - ANNOUNCED_FOR)
    return ChargingNeed.objects.filter(
        Q(status=ChargingNeed.Status.RUNNING) | announced,
        evse__charge_point__in=charge_point_ids,
        departure_at__gte=max(starts_at, floor(now) + SLOT) + SLOT,
    )


def of_driver(driver: Any, *, now: datetime) -> QuerySet[Campaign]:
    """The offers that concern a driver now, and those that the driver has answered, the newest first."""
    still_open = Q(withdrawn_at=None, ends_at__gt=now, charge_points__in=_places_of(driver, now))
    return Campaign.objects.filter(still_open | Q(participations__driver=driver)).distinct()


def _places_of(driver: Any, now: datetime) -> set[int]:
    """The charge points at which a driver stands, lives or often charges."""
    rows = Transaction.objects.filter(driver=driver, started_at__gt=now - USUAL_WITHIN).order_by()
    times: dict[int, int] = dict(rows.values_list("charge_point_id").annotate(Count("pk")))
    usual = set(times) if sum(times.values()) >= USUAL_TIMES else set()
    needs = ChargingNeed.objects.filter(driver=driver).exclude(status=ChargingNeed.Status.CLOSED)
    expected = needs.exclude(status=ChargingNeed.Status.ANNOUNCED, stated_at__lte=now - ANNOUNCED_FOR)
    homes = ChargePoint.objects.filter(supply_point__location__owner=driver)
    return (
        usual | set(expected.values_list("evse__charge_point_id", flat=True)) | set(homes.values_list("pk", flat=True))
    )


def reach(
    *,
    charge_points: Sequence[ChargePoint],
    starts_at: datetime,
    ends_at: datetime,
    wanted_w: int,
    incentive_per_kwh: Decimal,
    budget: Decimal,
    now: datetime,
) -> Reach:
    """Whom such an offer would reach and what it could cost; nothing is stored."""
    ids = [point.pk for point in charge_points]
    drivers = drivers_of(charge_point_ids=ids, starts_at=starts_at, ends_at=ends_at, now=now)
    needs = needs_at(charge_point_ids=ids, starts_at=starts_at, ends_at=ends_at, now=now)
    running = list(needs.filter(status=ChargingNeed.Status.RUNNING).values_list("pk", flat=True))
    window = quarters(max(starts_at, floor(now)), ends_at)
    return Reach(
        charge_points=len(ids),
        drivers=len(drivers),
        told=sum(1 for choice in preferences.of(drivers).values() if choice != OfferPreference.Choice.NEVER),
        sessions=len(running),
        planned_w=_planned_w(running, window),
        wanted_wh=wanted_w * len(window) * shifting.HOURS,
        paid_wh=float(shifting.affordable_wh(budget, incentive_per_kwh)),
    )


def _planned_w(need_ids: Sequence[int], window: Sequence[datetime]) -> float:
    """What the newest plans let these sessions draw in the window, on the average."""
    rows = PlannedCurve.objects.filter(need__in=need_ids).order_by("run__made_at", "run_id")
    newest = {
        need: (starts, powers) for need, starts, powers in rows.values_list("need_id", "run__slot_starts", "power_w")
    }
    wanted, total_w = set(window), 0.0
    for starts, powers in newest.values():
        means = {floor(datetime.fromisoformat(start)): watts for start, watts in zip(starts, powers, strict=False)}
        total_w += sum(watts for start, watts in means.items() if start in wanted)
    return total_w / len(window) if window else 0.0
