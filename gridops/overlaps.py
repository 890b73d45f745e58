"""Orders that hold at the same time on the same charge points: both are kept, the tighter one binds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridops.access import charge_points_of
from gridops.history import OrderRow, Phase
from smac.models import FlexOrder
from smac.services import limits


class Binds(models.TextChoices):
    """Which of two limits has to be kept, where both hold."""

    THIS = "this", _("This one is tighter: it binds.")
    OTHER = "other", _("The other one is tighter: it binds.")
    SAME = "same", _("Both ask for the same.")
    BOTH = "both", _("Both bind: one for each point, one for several together.")


@dataclass(frozen=True)
class Overlap:
    """Another order on ``points`` of the same charge points, over [starts_at, ends_at)."""

    order: FlexOrder
    starts_at: datetime
    ends_at: datetime
    points: int
    binds: Binds


def added(user: Any, rows: Sequence[OrderRow]) -> list[OrderRow]:
    """The rows with the orders that overlap them, as far as the user may see a charge point that both name."""
    windows = [Q(starts_at__lt=end_of(row.order), ends_at__gt=row.order.starts_at) for row in rows]
    if not windows:
        return []
    near = FlexOrder.objects.filter(_any(windows))
    named = _named(user, near)
    others = {order.pk: order for order in FlexOrder.objects.filter(pk__in=list(named)).select_related("ordered_by")}
    return [replace(row, overlaps=_overlaps(row, others, named)) for row in rows]


def of_draft(user: Any, order: Mapping[str, Any], now: datetime) -> list[Overlap]:
    """The orders that an order would overlap which is not saved; the arguments of ``limits.preview_order``."""
    values = {name: value for name, value in order.items() if name != "charge_points"}
    values["starts_at"] = max(values["starts_at"], now)
    row = OrderRow(limits.draft(now=now, **values), list(order["charge_points"]), 0, Phase.UPCOMING)
    return added(user, [row])[0].overlaps


def _any(conditions: Sequence[Q]) -> Q:
    whole = Q()
    for condition in conditions:
        whole |= condition
    return whole


def _named(user: Any, orders: Any) -> Mapping[int, set[int]]:
    """By order: its charge points that the user may see."""
    through = FlexOrder.charge_points.through.objects
    pairs = through.filter(chargepoint__in=charge_points_of(user).values("pk"), flexorder__in=orders.values("pk"))
    found: dict[int, set[int]] = defaultdict(set)
    for order_id, point_id in pairs.values_list("flexorder_id", "chargepoint_id"):
        found[order_id].add(point_id)
    return found


def _overlaps(row: OrderRow, others: Mapping[int, FlexOrder], named: Mapping[int, set[int]]) -> list[Overlap]:
    own = {point.pk for point in row.points}
    found = []
    for pk, other in others.items():
        common = own & named[pk]
        start, end = max(row.order.starts_at, other.starts_at), min(end_of(row.order), end_of(other))
        if pk != row.order.pk and common and start < end:
            verdict = binding(row.order, own, other, named[pk])
            found.append(Overlap(other, start, end, len(common), verdict))
    return sorted(found, key=lambda one: (one.starts_at, one.order.pk))


def end_of(order: FlexOrder) -> datetime:
    """When an order stops to hold."""
    return min(order.ends_at, order.withdrawn_at or order.ends_at)


def binding(this: FlexOrder, points: set[int], other: FlexOrder, other_points: set[int]) -> Binds:
    """Which limit is the tighter one on the charge points that both name."""
    kinds = {this.scope, other.scope}
    if kinds == {FlexOrder.Scope.EACH} or (kinds == {FlexOrder.Scope.TOGETHER} and points == other_points):
        return _tighter(most_w(this), most_w(other))
    if kinds == {FlexOrder.Scope.EACH, FlexOrder.Scope.TOGETHER}:
        if this.scope == FlexOrder.Scope.EACH:
            return _each_or_all(this, points, other, other_points, Binds.THIS, Binds.OTHER)
        return _each_or_all(other, other_points, this, points, Binds.OTHER, Binds.THIS)
    return Binds.BOTH


def _tighter(this_w: float, other_w: float) -> Binds:
    if this_w == other_w:
        return Binds.SAME
    return Binds.THIS if this_w < other_w else Binds.OTHER


def _each_or_all(
    each: FlexOrder, each_points: set[int], together: FlexOrder, all_points: set[int], if_each: Binds, if_all: Binds
) -> Binds:
    """Where the limits of all points add up to less than their sum's, that one never binds; and the other way round."""
    if all_points <= each_points and most_w(each) * len(all_points) <= most_w(together):
        return if_each
    return if_all if most_w(together) <= most_w(each) else Binds.BOTH


def most_w(order: FlexOrder) -> float:
    """What an order leaves to a point, or to all together."""
    if order.wanted_export_w:
        return -float(order.wanted_export_w)
    return float(max(order.max_power_w, order.floor_w if order.scope == FlexOrder.Scope.EACH else 0))
