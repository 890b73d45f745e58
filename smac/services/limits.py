"""Grid operators' orders: checked, saved, applied at once, judged."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from json import dumps
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints import realtime
from chargepoints.domain.errors import Refused
from chargepoints.events import announce
from chargepoints.models import ChargePoint
from smac import events, selectors
from smac.models import FlexOrder, FlexOrderAcceptance, FlexOrderChange
from smac.services import foreseeing, judging
from smac.services.foreseeing import Foreseen
from smac.services.judging import Judgement
from smac.services.requests import request

log = logging.getLogger(__name__)

TOPIC = "orders"
# A form is filled in and sent within some minutes: a start that is just past means "now".
_LATE = timedelta(minutes=15)
_STARTED, _ENDED, _WITHDRAWN, _REPLACED, _ACCEPTED = "started", "ended", "withdrawn", "replaced", "accepted"
# A verdict that failed is asked for again; meanwhile whoever saved the order may still be at it.
_JUDGED_WITHIN = timedelta(seconds=30)
# Limits are told in steps of so much: a least limit is rounded up to one.
_STEP_W = 100
# Forecasts tell no session's miss more exactly.
_SAME_WH = 100.0
# What another limit leaves as it is.
_CARRIED = (
    "scope",
    "min_power_w",
    "v2g",
    "max_export_w",
    "wanted_export_w",
    "floor_w",
    "mandatory",
    "reason",
    "ends_at",
)


def create_order(
    *,
    ordered_by: Any,
    charge_points: Sequence[ChargePoint],
    scope: str,
    max_power_w: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    v2g: bool = False,
    max_export_w: int = 0,
    min_power_w: int = 0,
    wanted_export_w: int = 0,
    floor_w: int = 0,
    mandatory: bool = True,
    reason: str = "",
) -> FlexOrder:
    """Save an order, have every supply point concerned planned again at once, then judge it.

    ``scope``: for each point, for all together, or for each grid connection, vehicles or not. ``max_power_w`` is the
    most to the vehicles, ``min_power_w`` the least, where the grid has too much; ``max_export_w`` may flow back,
    ``wanted_export_w`` is asked to. The returned order says success or unfeasible and keeps the verdict.

    Raises Refused.
    """
    order = draft(
        ordered_by=ordered_by,
        scope=scope,
        max_power_w=max_power_w,
        v2g=v2g,
        max_export_w=max_export_w,
        min_power_w=min_power_w,
        wanted_export_w=wanted_export_w,
        floor_w=floor_w,
        mandatory=mandatory,
        reason=reason,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
    )
    points = list(charge_points)
    _check(order, points, now)
    _save(order, points, now)
    return judge_again(order=order, now=now)


def preview_order(
    *,
    charge_points: Sequence[ChargePoint],
    scope: str,
    max_power_w: int,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    v2g: bool = False,
    max_export_w: int = 0,
    min_power_w: int = 0,
    wanted_export_w: int = 0,
    floor_w: int = 0,
    mandatory: bool = True,
) -> Judgement:
    """What would become of such an order, without saving anything: the same answer. Raises Refused."""
    order = draft(
        scope=scope,
        max_power_w=max_power_w,
        v2g=v2g,
        max_export_w=max_export_w,
        min_power_w=min_power_w,
        wanted_export_w=wanted_export_w,
        floor_w=floor_w,
        mandatory=mandatory,
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
    )
    points = list(charge_points)
    _check(order, points, now)
    return judging.judge(order=order, charge_points=points, now=now)


def foresee_order(*, charge_points: Sequence[ChargePoint], now: datetime, **values: Any) -> Foreseen:
    """The plans under such an order, and what it costs and emits; ``values`` as in `preview_order`. Raises Refused.

    It takes longer than the verdict, which should not wait for it.
    """
    order, points = draft(now=now, **values), list(charge_points)
    _check(order, points, now)
    return foreseeing.foresee(order=order, charge_points=points, now=now)


def draft(*, now: datetime, v2g: bool = False, max_export_w: int = 0, **values: Any) -> FlexOrder:
    """An order as it would be saved, which it is not; the arguments of `preview_order` but the charge points."""
    return FlexOrder(v2g=v2g, max_export_w=max_export_w if v2g else 0, created_at=now, **values)


def _check(order: FlexOrder, charge_points: Sequence[ChargePoint], now: datetime) -> None:
    if not charge_points:
        raise Refused(_("Select at least one charge point."))
    if order.scope not in FlexOrder.Scope.values:
        raise Refused(_("Choose whether the limit is for each point or for all together."))
    powers = (order.max_power_w, order.max_export_w, order.min_power_w, order.wanted_export_w, order.floor_w)
    if min(powers) < 0:
        raise Refused(_("Powers cannot be negative."))
    if order.min_power_w > order.max_power_w or _wants_more_than_it_allows(order):
        raise Refused(_("The least power cannot be above the most."))
    if order.ends_at <= order.starts_at:
        raise Refused(_("The end must be after the start."))
    if order.ends_at <= now:
        raise Refused(_("The end must be in the future."))
    if order.starts_at < now - _LATE:
        raise Refused(_("The start must not be in the past."))


def _wants_more_than_it_allows(order: FlexOrder) -> bool:
    """Power wanted to the grid is a limit below nothing: it stands under any floor or least power to the vehicles."""
    granted_w = max(order.floor_w, order.min_power_w)
    return order.wanted_export_w > order.max_export_w or bool(order.wanted_export_w and granted_w)


@transaction.atomic
def _save(order: FlexOrder, charge_points: Sequence[ChargePoint], now: datetime) -> None:
    order.save()
    order.charge_points.set(charge_points)
    FlexOrderChange.objects.create(order=order, status=order.status, at=now, by=order.ordered_by)
    _apply(order, "order", now)


def judge_again(*, order: FlexOrder, now: datetime) -> FlexOrder:
    """Judge a stored order against the sessions of now and keep the verdict.

    Where the optimiser fails, the order is as it was: it holds all the same, and `advance` has it judged soon.
    """
    try:
        verdict = judging.judge(order=order, charge_points=list(order.charge_points.all()), now=now)
    except Exception:
        log.exception("an order could not be judged", extra={"flex_order": order.pk})
        return order
    order.status = FlexOrder.Status.SUCCESS if verdict.feasible else FlexOrder.Status.UNFEASIBLE
    order.verdict = verdict.as_json()
    with transaction.atomic():
        order.save(update_fields=["status", "verdict"])
        FlexOrderChange.objects.create(order=order, status=order.status, at=now)
        _tell(order)
    return order


@transaction.atomic
def withdraw_order(*, order: FlexOrder, now: datetime, note: str = "", by: Any = None) -> FlexOrder:
    """Take back an order that has not ended. Raises Refused."""
    _take_back(order, _WITHDRAWN, now, by=by, note=note)
    _apply(order, "order withdrawn", now)
    return order


def _take_back(order: FlexOrder, status: str, now: datetime, *, by: Any, note: str = "") -> None:
    taken = FlexOrder.objects.filter(pk=order.pk, withdrawn_at__isnull=True, ends_at__gt=now).update(withdrawn_at=now)
    if not taken:
        raise Refused(_("This restriction has already ended, or was changed or withdrawn."))
    order.withdrawn_at = now
    FlexOrderChange.objects.create(order=order, status=status, note=note[:200], at=now, by=by)


# --- an order that cannot be kept -------------------------------------------------------------------------------------


def least_limit_w(order: FlexOrder) -> int | None:
    """The least limit that costs nobody anything, as the verdict told it, rounded up to 0.1 kW.

    None where the order is feasible, where a time limit left it unknown, and where a higher limit would not help:
    an order for a least power, or for power to the grid.
    """
    if order.min_power_w or order.wanted_export_w:
        return None
    return least_limit_in(order.verdict)


def least_limit_in(verdict: Mapping[str, Any]) -> int | None:
    """The same of a verdict alone (`Judgement.as_json()`)."""
    watts = verdict.get("least_limit_w")
    if not watts or verdict["feasible"] or not verdict.get("certain", True):
        return None
    return math.ceil(round(watts, 1) / _STEP_W) * _STEP_W


def change_order(*, order: FlexOrder, max_power_w: int, ordered_by: Any, now: datetime) -> FlexOrder:
    """Order another limit in the place of one that has not ended; planned at once, and judged.

    A new order takes its place, from now on or from its start: so that what was told, accepted and measured under the
    old limit stays the old one's. That one ends as withdrawn, the new one names it (`replaces`). An order is replaced
    once: of two people at the same time the second is refused. Raises Refused.
    """
    points = list(order.charge_points.all())
    changed = FlexOrder(
        **{name: getattr(order, name) for name in _CARRIED},
        ordered_by=ordered_by,
        max_power_w=max_power_w,
        starts_at=max(order.starts_at, now),
        created_at=now,
        replaces=order,
    )
    with transaction.atomic():
        _take_back(order, _REPLACED, now, by=ordered_by)
        _check(changed, points, now)
        _tell(order)
        _save(changed, points, now)
    return judge_again(order=changed, now=now)


@transaction.atomic
def accept_misses(*, order: FlexOrder, accepted_by: Any, now: datetime, seen: str = "") -> FlexOrderAcceptance:
    """Order it all the same: keep by name who accepts that which session misses what. Raises Refused.

    ``seen``: `misses_digest` of what was shown; when the order was judged anew since, it has to be looked at again.
    """
    stored = FlexOrder.objects.select_for_update().get(pk=order.pk)
    if stored.withdrawn_at or stored.ends_at <= now:
        raise Refused(_("This restriction has already ended, or was changed or withdrawn."))
    if not stored.mandatory:
        raise Refused(_("An offer gives way to every target: there is nothing to accept."))
    if stored.status != FlexOrder.Status.UNFEASIBLE:
        raise Refused(_("Nobody misses anything by this restriction: there is nothing to accept."))
    if seen and seen != misses_digest(stored):
        raise Refused(_("The restriction was judged anew meanwhile. Look at who misses what once more."))
    if acceptance := standing_acceptance(stored):
        return acceptance
    missed = stored.verdict.get("missed", [])
    made = FlexOrderAcceptance.objects.create(order=stored, accepted_by=accepted_by, accepted_at=now, missed=missed)
    FlexOrderChange.objects.create(order=stored, status=_ACCEPTED, at=now, by=accepted_by)
    _tell(stored)
    return made


def standing_acceptance(order: FlexOrder) -> FlexOrderAcceptance | None:
    """Who accepted the misses of the present verdict; None while nobody did, or where more is missed since."""
    if order.status != FlexOrder.Status.UNFEASIBLE:
        return None
    newest = max(order.acceptances.all(), key=lambda it: (it.accepted_at, it.pk), default=None)
    return newest if newest and _covers(newest, order.verdict.get("missed", [])) else None


def _covers(acceptance: FlexOrderAcceptance, missed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nobody else misses anything, and nobody more than was accepted (to a tenth of a kWh)."""
    accepted = {it["need_id"]: it["missed_wh"] for it in acceptance.missed}
    return all(it["missed_wh"] <= accepted.get(it["need_id"], 0.0) + _SAME_WH for it in missed)


def misses_digest(order: FlexOrder) -> str:
    """Which misses the verdict tells, in a few letters."""
    missed = sorted((it["need_id"], it["missed_wh"]) for it in order.verdict.get("missed", []))
    return blake2b(dumps(missed).encode(), digest_size=8).hexdigest()


# --- time goes on -----------------------------------------------------------------------------------------------------


def advance(*, now: datetime) -> int:
    """Note which orders began or ended, and plan again where they hold; how many moved."""
    open_orders = FlexOrder.objects.filter(withdrawn_at__isnull=True)
    ended = list(open_orders.filter(ends_at__lte=now).exclude(changes__status=_ENDED))
    begun = list(open_orders.filter(starts_at__lte=now, ends_at__gt=now).exclude(changes__status=_STARTED))
    for order in ended:
        _move(order, _ENDED, now)
    for order in begun:
        if order.starts_at > order.created_at:
            _move(order, _STARTED, now)
            judge_again(order=order, now=now)
        else:
            # It held from its saving on, and was planned for then.
            FlexOrderChange.objects.create(order=order, status=_STARTED, at=now)
    _judge_pending(open_orders.filter(ends_at__gt=now), now)
    return len(ended) + len(begun)


def _judge_pending(open_orders: QuerySet[FlexOrder], now: datetime) -> None:
    """One order a time that nobody could judge when it was saved: others wait for their beginning and end."""
    pending = open_orders.filter(status=FlexOrder.Status.PENDING, created_at__lt=now - _JUDGED_WITHIN)
    if order := pending.order_by("created_at", "pk").first():
        judge_again(order=order, now=now)


@transaction.atomic
def _move(order: FlexOrder, status: str, now: datetime) -> None:
    FlexOrderChange.objects.create(order=order, status=status, at=now)
    _apply(order, f"order {status}", now)


def _apply(order: FlexOrder, reason: str, now: datetime) -> None:
    for supply_point_id in selectors.supply_points_of_order(order):
        request(supply_point_id=supply_point_id, reason=reason, now=now)
    _tell(order)


def _tell(order: FlexOrder) -> None:
    announce(events.order_changed, flex_order_id=order.pk)
    realtime.nudge(TOPIC)
