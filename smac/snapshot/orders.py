"""Stored flex orders, as limits on the sessions of one supply point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import Sum

from chargepoints.models import ChargePoint, Evse
from smac.models import FlexOrder
from smac.optimisation.problem import Order, Scope
from smac.slots import Horizon
from smac.snapshot.sessions import Track


def key_of(order: FlexOrder) -> str:
    """The key of an order in a problem; a charge point's part of it adds `:<charge point>`."""
    return f"order:{order.pk or 'preview'}"


def pk_in(key: str) -> int | None:
    """The primary key of the order that a problem's key means; None for a preview."""
    number = key.split(":")[1] if key.startswith("order:") else ""
    return int(number) if number.isdigit() else None


def orders_for(
    *,
    supply_point_id: int,
    stored: Iterable[FlexOrder],
    extra: Sequence[tuple[FlexOrder, Sequence[int]]],
    tracks: Sequence[Track],
    horizon: Horizon,
) -> tuple[Order, ...]:
    """The limits that the orders set here. Orders for vehicles set none where no session is."""
    found: list[Order] = []
    known = [(order, [point.pk for point in order.charge_points.all()]) for order in stored]
    for order, charge_point_ids in [*known, *extra]:
        if order.scope == FlexOrder.Scope.SUPPLY:
            found += [_of_connection(order, horizon)]
        else:
            found += _limits(order, set(charge_point_ids), supply_point_id, tracks, horizon)
    return tuple(order for order in found if order.first_slot < order.last_slot)


def concerned(
    extra: Iterable[tuple[FlexOrder, Sequence[int]]], *, supply_point_id: int
) -> list[tuple[FlexOrder, Sequence[int]]]:
    """Those of the orders, with their charge points, that name a charge point of this supply point."""
    here = (
        set(ChargePoint.objects.filter(supply_point=supply_point_id).values_list("pk", flat=True)) if extra else set()
    )
    return [(order, ids) for order, ids in extra if here & set(ids)]


def _of_connection(order: FlexOrder, horizon: Horizon) -> Order:
    """A limit on what flows through the connection. What flows back is free, unless the order speaks of it."""
    limit = _limit(order, horizon, (), Scope.EACH)
    return limit if order.v2g else replace(limit, export_limit_w=None)


def _limits(
    order: FlexOrder, charge_point_ids: set[int], supply_point_id: int, tracks: Sequence[Track], horizon: Horizon
) -> list[Order]:
    by_point: dict[int, list[str]] = defaultdict(list)
    for track in tracks:
        if track.charge_point_id in charge_point_ids:
            by_point[track.charge_point_id].append(track.session.key)
    if not by_point:
        return []
    if order.scope == FlexOrder.Scope.TOGETHER:
        share = share_of(charge_point_ids=charge_point_ids, supply_point_id=supply_point_id)
        keys = tuple(key for keys in by_point.values() for key in keys)
        limit = _limit(order, horizon, keys, Scope.TOGETHER, share=share)
        # The floor is a point's, the optimiser grants it to each vehicle: two at one point have half of it each.
        return [replace(limit, floor_w=limit.floor_w * len(by_point) / len(keys))]
    return _each(order, by_point, horizon)


def _each(order: FlexOrder, by_point: dict[int, list[str]], horizon: Horizon) -> list[Order]:
    """A limit a charge point: where two vehicles share one, it holds for their sum, and so does the floor."""
    single = tuple(keys[0] for keys in by_point.values() if len(keys) == 1)
    found = [_limit(order, horizon, single, Scope.EACH)] if single else []
    for point, keys in by_point.items():
        if len(keys) > 1:
            limit = _limit(order, horizon, tuple(keys), Scope.TOGETHER)
            most_w = max(limit.limit_w or 0.0, limit.floor_w)
            found.append(replace(limit, key=f"{limit.key}:{point}", limit_w=most_w, floor_w=0.0))
    return found


def _limit(order: FlexOrder, horizon: Horizon, keys: tuple[str, ...], scope: Scope, *, share: float = 1.0) -> Order:
    return Order(
        key=key_of(order),
        first_slot=horizon.touched_from(order.starts_at),
        last_slot=horizon.touched_until(order.ends_at),
        limit_w=float(round((order.max_power_w if not order.wanted_export_w else -order.wanted_export_w) * share)),
        session_keys=keys,
        scope=scope,
        mandatory=order.mandatory,
        floor_w=float(order.floor_w),
        export_limit_w=float(round(order.max_export_w * share)) if order.v2g else 0.0,
        least_w=float(round(order.min_power_w * share)) if order.min_power_w else None,
    )


def share_of(*, charge_point_ids: Iterable[int], supply_point_id: int) -> float:
    """A supply point's share of an order for several together: its part of the power of the EVSEs concerned.

    By what is installed, not by who is plugged in: so the parts stay within the whole whenever each supply point is
    planned, and a car that comes elsewhere moves nobody's limit.
    """
    totals = dict(
        Evse.objects.filter(charge_point_id__in=list(charge_point_ids))
        .values_list("charge_point__supply_point_id")
        .annotate(total=Sum("max_power_w"))
    )
    whole = sum(totals.values())
    return totals.get(supply_point_id, 0) / whole if whole else 0.0
