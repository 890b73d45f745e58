"""Grid operators' orders: checked, saved, applied at once, judged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chargepoints import realtime
from chargepoints.domain.errors import Refused
from chargepoints.events import announce
from chargepoints.models import ChargePoint
from smac import events, selectors
from smac.models import FlexOrder, FlexOrderChange
from smac.services import judging
from smac.services.judging import Judgement
from smac.services.requests import request

TOPIC = "orders"
# A form is filled in and sent within some minutes: a start that is just past means "now".
_LATE = timedelta(minutes=15)
_STARTED, _ENDED, _WITHDRAWN = "started", "ended", "withdrawn"


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
    order = FlexOrder(
        ordered_by=ordered_by,
        scope=scope,
        max_power_w=max_power_w,
        v2g=v2g,
        max_export_w=max_export_w if v2g else 0,
        min_power_w=min_power_w,
        wanted_export_w=wanted_export_w,
        floor_w=floor_w,
        mandatory=mandatory,
        reason=reason,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
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
    order = FlexOrder(
        scope=scope,
        max_power_w=max_power_w,
        v2g=v2g,
        max_export_w=max_export_w if v2g else 0,
        min_power_w=min_power_w,
        wanted_export_w=wanted_export_w,
        floor_w=floor_w,
        mandatory=mandatory,
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=now,
    )
    points = list(charge_points)
    _check(order, points, now)
    return judging.judge(order=order, charge_points=points, now=now)


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
    FlexOrderChange.objects.create(order=order, status=order.status, at=now)
    _apply(order, "order", now)


def judge_again(*, order: FlexOrder, now: datetime) -> FlexOrder:
    """Judge a stored order against the sessions of now and keep the verdict."""
    verdict = judging.judge(order=order, charge_points=list(order.charge_points.all()), now=now)
    order.status = FlexOrder.Status.SUCCESS if verdict.feasible else FlexOrder.Status.UNFEASIBLE
    order.verdict = verdict.as_json()
    with transaction.atomic():
        order.save(update_fields=["status", "verdict"])
        FlexOrderChange.objects.create(order=order, status=order.status, at=now)
        _tell(order)
    return order


@transaction.atomic
def withdraw_order(*, order: FlexOrder, now: datetime, note: str = "") -> FlexOrder:
    """Take back an order that has not ended. Raises Refused."""
    taken = FlexOrder.objects.filter(pk=order.pk, withdrawn_at__isnull=True, ends_at__gt=now).update(withdrawn_at=now)
    if not taken:
        raise Refused(_("This restriction has already ended or was withdrawn."))
    order.withdrawn_at = now
    FlexOrderChange.objects.create(order=order, status=_WITHDRAWN, note=note[:200], at=now)
    _apply(order, "order withdrawn", now)
    return order


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
    return len(ended) + len(begun)


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
