"""Drivers answer an offer: they take part, or they do not; the budget is never promised twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from smac.models import Campaign, ChargingNeed, Participation
from smac.services.campaigns import planned_again, promising, reaching, shifting
from smac.services.campaigns.announcing import tell
from smac.services.campaigns.promising import Promise
from smac.slots import SLOT, floor

State = Participation.State
# A session that could not help is looked at again when its plan may have become another one.
_TRIED_AGAIN_AFTER = timedelta(minutes=15)


def opt_in(*, campaign: Campaign, driver: Any, now: datetime, by_preference: bool = False) -> Participation:
    """The driver takes part: with the session that is there, else with the next one that comes in time.

    Raises Refused: the offer is over, is used up, or the driver's session cannot help without missing something. With
    ``by_preference`` a session that cannot help is no refusal: a later one may.
    """
    _check_open(campaign, now)
    need = session_of(campaign=campaign, driver=driver, now=now)
    if need is None:
        return _answer(campaign, driver, State.IN, now, by_preference=by_preference)
    try:
        promise = promising.promise(campaign=campaign, need=need, now=now)
        return _commit(campaign, need, promise, now, by_preference=by_preference)
    except Refused:
        if not by_preference:
            raise
        return _answer(campaign, driver, State.IN, now, by_preference=True, tried_at=now)


def opt_out(*, campaign: Campaign, driver: Any, now: datetime) -> Participation:
    """The driver does not take part (any more): nothing is earned, the money is free again, the plan is as without.

    Raises Refused once the offer is over.
    """
    return _answer(campaign, driver, State.OUT, now)


def session_of(*, campaign: Campaign, driver: Any, now: datetime) -> ChargingNeed | None:
    """The driver's running session in the area whose stay reaches into the window."""
    points = campaign.charge_points.values_list("pk", flat=True)
    window = {"starts_at": campaign.starts_at, "ends_at": campaign.ends_at}
    needs = reaching.needs_at(charge_point_ids=points, now=now, **window)
    running = needs.filter(driver=driver, status=ChargingNeed.Status.RUNNING)
    return running.select_related("evse__charge_point__supply_point").order_by("pk").first()


def join_waiting(*, now: datetime) -> int:
    """Sessions that have come meanwhile of drivers who said yes: how many joined. Safe at any time."""
    waiting = Participation.objects.filter(state=State.IN, joined_at=None, driver__isnull=False)
    waiting = waiting.filter(campaign__withdrawn_at=None, campaign__ends_at__gt=floor(now) + SLOT)
    untried = Q(tried_at=None) | Q(tried_at__lte=now - _TRIED_AGAIN_AFTER)
    return sum(_join(row, now) for row in waiting.filter(untried).select_related("campaign", "driver"))


def _join(row: Participation, now: datetime) -> bool:
    need = session_of(campaign=row.campaign, driver=row.driver, now=now)
    if need is None:
        return False
    try:
        promise = promising.promise(campaign=row.campaign, need=need, now=now)
        _commit(row.campaign, need, promise, now, by_preference=row.by_preference)
    except Refused:
        Participation.objects.filter(pk=row.pk, joined_at=None).update(tried_at=now)
        return False
    return True


@transaction.atomic
def _commit(
    campaign: Campaign, need: ChargingNeed, promise: Promise, now: datetime, *, by_preference: bool
) -> Participation:
    """Keep a promise, cut to what is still wanted and paid: others may have come between the plan and now."""
    row = _locked(campaign, need.driver, now)
    ChargingNeed.objects.select_for_update().get(pk=need.pk)
    _check_free(campaign, need)
    if row.joined_at and row.state == State.IN:
        return row
    kept = _still(campaign, need, promise)
    row.state, row.by_preference, row.need = State.IN, by_preference, need
    row.answered_at = row.joined_at = now
    row.starts_at, row.tried_at = kept.starts_at, None
    row.baseline_w, row.promised_w = list(kept.baseline_w), list(kept.promised_w)
    row.promised_wh, row.committed = kept.promised_wh, kept.incentive
    row.save()
    planned_again.request_one(need, reason="offer accepted", now=now)
    tell(campaign)
    return row


def _still(campaign: Campaign, need: ChargingNeed, promise: Promise) -> Promise:
    is_less = campaign.direction == Campaign.Direction.LESS
    counted = [promise.starts_at + number * SLOT for number in range(len(promise.baseline_w))]
    return promising.within(
        campaign=campaign,
        starts_at=promise.starts_at,
        baseline_w=promise.baseline_w,
        shifts=shifting.shifts_w(promise.baseline_w, promise.promised_w, is_less=is_less),
        room_w=promising.room(campaign, counted, but_for=need.driver_id),
        left=promising.money_left(campaign, but_for=need.driver_id),
        extra_cost=promise.extra_cost,
    )


def _check_free(campaign: Campaign, need: ChargingNeed) -> None:
    """A session moves for one offer at a time: else one kilowatt-hour would be paid twice."""
    others = Participation.objects.filter(need=need, state=State.IN, joined_at__isnull=False)
    others = others.exclude(campaign=campaign).filter(campaign__withdrawn_at=None)
    if others.filter(campaign__starts_at__lt=campaign.ends_at, campaign__ends_at__gt=campaign.starts_at).exists():
        raise Refused(_("Your charge takes part in another offer at this time already."), code="elsewhere")


@transaction.atomic
def _answer(
    campaign: Campaign,
    driver: Any,
    state: State,
    now: datetime,
    *,
    by_preference: bool = False,
    tried_at: datetime | None = None,
) -> Participation:
    """Keep an answer without a session; what one had promised is given back."""
    row = _locked(campaign, driver, now, leaving=state == State.OUT)
    if row.state == state == State.IN and row.joined_at:
        return row
    left, row.need = row.need, None
    row.state, row.by_preference, row.answered_at, row.tried_at = state, by_preference, now, tried_at
    row.joined_at = row.starts_at = None
    row.baseline_w, row.promised_w = [], []
    row.promised_wh, row.committed = 0, shifting.incentive(0, campaign.incentive_per_kwh)
    row.save()
    if left is not None:
        planned_again.request_one(left, reason="offer declined", now=now)
    tell(campaign)
    return row


def _locked(campaign: Campaign, driver: Any, now: datetime, *, leaving: bool = False) -> Participation:
    """The driver's answer, new or known, while nobody else answers: the campaign's row is the lock of its budget."""
    fresh = Campaign.objects.select_for_update().get(pk=campaign.pk)
    _check_open(fresh, now, leaving=leaving)
    row = campaign.participations.select_related("need__evse__charge_point").filter(driver=driver).first()
    return row or Participation(campaign=campaign, driver=driver, answered_at=now)


def _check_open(campaign: Campaign, now: datetime, *, leaving: bool = False) -> None:
    """Nobody can join for less than a whole quarter of an hour; one may leave until the end."""
    last_moment = now if leaving else floor(now) + SLOT
    if campaign.withdrawn_at or campaign.settled_at or campaign.ends_at <= last_moment:
        raise Refused(_("This offer is over."), code="over")
