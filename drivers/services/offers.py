"""Offers of the grid operator, as their drivers hear of them and see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint
from drivers.models import Notice
from drivers.services import notices, terms
from smac.models import Campaign, ChargingNeed, OfferPreference, Participation
from smac.services.campaigns import answering, preferences, promising, reaching, uptake
from smac.services.campaigns.promising import Promise
from smac.slots import SLOT, floor

Kind = Notice.Kind
State = Participation.State
Choice = OfferPreference.Choice
# A worker that was down for so long tells late; beyond it the news is none.
_TOLD_LATE = timedelta(hours=1)
_MOST_SHOWN = 50


@dataclass(frozen=True)
class Offer:
    """An offer with what its driver has answered; ``zone`` is that of the place."""

    campaign: Campaign
    answer: Participation | None
    zone: str
    places: list[str]
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether one can still join."""
        campaign = self.campaign
        return campaign.withdrawn_at is None and campaign.ends_at > floor(self.now) + SLOT

    @property
    def is_running(self) -> bool:
        return self.campaign.withdrawn_at is None and self.campaign.starts_at <= self.now < self.campaign.ends_at

    @property
    def is_over(self) -> bool:
        return self.campaign.withdrawn_at is not None or self.campaign.ends_at <= self.now

    @property
    def takes_part(self) -> bool:
        return self.answer is not None and self.answer.state != State.OUT

    @property
    def is_joined(self) -> bool:
        """Whether a charge of theirs is planned by it."""
        return self.takes_part and self.answer is not None and self.answer.joined_at is not None

    @property
    def wants_more(self) -> bool:
        return self.campaign.direction == Campaign.Direction.MORE


# --- what a driver sees -----------------------------------------------------------------------------------------------


def of_driver(driver: Any, *, now: datetime) -> list[Offer]:
    """The offers that concern the driver, and those that were answered, the newest first."""
    found = reaching.of_driver(driver, now=now).prefetch_related("charge_points__supply_point__location")
    return _offers(list(found[:_MOST_SHOWN]), driver, now)


def one(driver: Any, pk: int, *, now: datetime) -> Offer | None:
    """One of them; None for those that are none of the driver's business."""
    found = reaching.of_driver(driver, now=now).filter(pk=pk)
    offers = _offers(list(found.prefetch_related("charge_points__supply_point__location")), driver, now)
    return offers[0] if offers else None


def on_card(driver: Any, *, now: datetime) -> list[Offer]:
    """What the Charge screen tells: offers that wait for an answer, and those under way with the driver."""
    if preferences.of_one(driver) == Choice.NEVER:
        shown = Participation.objects.filter(driver=driver).values("campaign")
        return _waiting(driver, Q(pk__in=shown), now)
    return _waiting(driver, Q(), now)


def _waiting(driver: Any, which: Q, now: datetime) -> list[Offer]:
    rows = reaching.of_driver(driver, now=now).filter(which, withdrawn_at=None, ends_at__gt=now)
    rows = rows.prefetch_related("charge_points__supply_point__location")
    return [one for one in _offers(list(rows), driver, now) if one.takes_part or (one.is_open and one.answer is None)]


def _offers(campaigns: list[Campaign], driver: Any, now: datetime) -> list[Offer]:
    answers = Participation.objects.filter(driver=driver, campaign__in=campaigns).select_related("need")
    by_campaign = {answer.campaign_id: answer for answer in answers}
    return [_offer(campaign, by_campaign.get(campaign.pk), now) for campaign in campaigns]


def _offer(campaign: Campaign, answer: Participation | None, now: datetime) -> Offer:
    locations = [point.supply_point.location for point in campaign.charge_points.all()]
    cities = dict.fromkeys(place.city or place.name for place in locations if place.is_public)
    return Offer(campaign, answer, locations[0].time_zone if locations else "UTC", list(cities), now)


def estimate(*, campaign: Campaign, driver: Any, now: datetime) -> Promise | None:
    """What the driver's session could promise; None where there is no session yet.

    :raises Refused: it cannot help, in words.
    """
    need = answering.session_of(campaign=campaign, driver=driver, now=now)
    return promising.promise(campaign=campaign, need=need, now=now) if need else None


def of_need(need: ChargingNeed) -> list[Participation]:
    """With which offers a session's receipt has to do."""
    rows = need.participations.exclude(state=State.OUT).filter(joined_at__isnull=False)
    return list(rows.select_related("campaign").order_by("campaign__starts_at"))


# --- telling ----------------------------------------------------------------------------------------------------------


def sweep(*, now: datetime) -> int:
    """Tells of new offers and of the end of old ones, and takes part for whoever always wants to; how many were told.

    Safe to run at any time, any number of times.
    """
    still_open = Campaign.objects.filter(withdrawn_at=None, ends_at__gt=floor(now) + SLOT)
    told = sum(_tell_of(campaign, now) for campaign in still_open.prefetch_related("charge_points"))
    since = now - _TOLD_LATE
    ended = Campaign.objects.filter(Q(settled_at__gt=since) | Q(withdrawn_at__gt=since))
    return told + sum(_tell_end(campaign, now) for campaign in ended.prefetch_related("charge_points"))


def _tell_of(campaign: Campaign, now: datetime) -> int:
    concerned = reaching.drivers_of(
        charge_point_ids=[point.pk for point in campaign.charge_points.all()],
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        now=now,
    )
    answered = set(campaign.participations.values_list("driver_id", flat=True))
    fresh = _drivers(set(concerned) - answered - _told(campaign))
    choices = preferences.of(driver.pk for driver in fresh)
    return sum(_tell_driver(campaign, driver, choices[driver.pk], now) for driver in fresh)


def _told(campaign: Campaign) -> set[int]:
    kinds = (Kind.OFFER, Kind.OFFER_JOINED)
    keys = [f"{kind}:{_key(campaign)}" for kind in kinds]
    return set(Notice.objects.filter(kind__in=kinds, key__in=keys).values_list("user_id", flat=True))


def _drivers(ids: Iterable[int]) -> list[Any]:
    """Those of them who have agreed to the terms that hold."""
    accepted = {"terms_acceptances__version": terms.CURRENT_VERSION, "terms_acceptances__withdrawn_at": None}
    return list(get_user_model().objects.filter(pk__in=ids, is_active=True, **accepted).distinct().order_by("pk"))


def _tell_driver(campaign: Campaign, driver: Any, choice: Choice, now: datetime) -> int:
    if choice == Choice.NEVER:
        return 0
    kind = Kind.OFFER
    if choice == Choice.ALWAYS:
        try:
            answering.opt_in(campaign=campaign, driver=driver, now=now, by_preference=True)
            kind = Kind.OFFER_JOINED
        except Refused:
            return 0
    _tell(campaign, driver, kind, _about(campaign), now)
    return 1


def _tell_end(campaign: Campaign, now: datetime) -> int:
    """Whoever took part with a charge hears what it came to; a withdrawal is told to all who had said yes."""
    rows = uptake.live(campaign)
    if campaign.settled_at is None:
        about = {"withdrawn": 1}
        return _tell_all(campaign, [(row, about) for row in rows], "withdrawn", now)
    joined = [(row, _earned(campaign, row)) for row in rows if row.joined_at and row.incentive is not None]
    return _tell_all(campaign, joined, "settled", now)


def _earned(campaign: Campaign, row: Participation) -> dict[str, str | int]:
    return {"earned": str(row.incentive), "currency": campaign.currency} if row.incentive else {}


def _tell_all(campaign: Campaign, rows: list[tuple[Participation, Any]], what: str, now: datetime) -> int:
    told = Notice.objects.filter(kind=Kind.OFFER_OVER, key=f"{Kind.OFFER_OVER}:{_key(campaign)}:{what}")
    known = set(told.values_list("user_id", flat=True))
    people = {driver.pk: driver for driver in _drivers({row.driver_id for row, _ in rows if row.driver_id} - known)}
    for row, about in rows:
        if row.driver_id in people:
            _tell(campaign, people[row.driver_id], Kind.OFFER_OVER, about, now, suffix=f":{what}")
    return len(people)


def _tell(
    campaign: Campaign, driver: Any, kind: Notice.Kind, about: dict[str, str | int], now: datetime, suffix: str = ""
) -> None:
    path = reverse("drivers:offer", args=[campaign.pk])
    notices.tell(user=driver, kind=kind, about=about, path=path, now=now, key=_key(campaign) + suffix)


def _key(campaign: Campaign) -> str:
    return f"campaign:{campaign.pk}"


def _about(campaign: Campaign) -> dict[str, str | int]:
    more: dict[str, str | int] = {"more": 1} if campaign.direction == Campaign.Direction.MORE else {}
    return more | {
        "start": campaign.starts_at.isoformat(),
        "until": campaign.ends_at.isoformat(),
        "zone": _zone(campaign),
        "rate": str(campaign.incentive_per_kwh),
        "currency": campaign.currency,
    }


def _zone(campaign: Campaign) -> str:
    first = ChargePoint.objects.filter(campaigns=campaign).select_related("supply_point__location").first()
    return first.supply_point.location.time_zone if first else "UTC"
