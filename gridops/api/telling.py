"""Orders and verdicts as machines read them, with no more in them than their owner may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models

from chargepoints.models import ChargePoint
from gridops import history
from gridops.history import OrderRow
from gridops.services import verdicts
from gridops.services.ledger.export import utc
from smac.models import FlexOrder
from smac.services import limits


def one(user: Any, order: FlexOrder, now: datetime) -> dict[str, Any]:
    """An order as it stands at ``now``."""
    return many(user, [order], now)[0]


def many(user: Any, orders: Sequence[FlexOrder], now: datetime) -> list[dict[str, Any]]:
    """Several, with few queries."""
    rows = history.rows(user, orders, now)
    models.prefetch_related_objects([row.order for row in rows], "acceptances__accepted_by", "replaced_by")
    return [_order(row) for row in rows]


def _order(row: OrderRow) -> dict[str, Any]:
    """A row of the console's table, for machines."""
    order = row.order
    return {
        "order": order.pk,
        "ordered_by": order.ordered_by.get_username(),
        "ordered_at": utc(order.created_at),
        "charge_points": sorted(point.identity for point in row.points),
        "other_charge_points": row.others,
        "scope": order.scope,
        "max_power_w": order.max_power_w,
        "v2g": order.v2g,
        "max_export_w": order.max_export_w,
        "floor_w": order.floor_w,
        "mandatory": order.mandatory,
        "reason": order.reason,
        "starts_at": utc(order.starts_at),
        "ends_at": utc(order.ends_at),
        "withdrawn_at": utc(order.withdrawn_at) if order.withdrawn_at else None,
        "replaces": order.replaces_id,
        "replaced_by": order.replaced_by.pk if hasattr(order, "replaced_by") else None,
        "status": order.status,
        "phase": row.phase.value,
        "verdict": verdict(order.verdict, row.points) if order.verdict else None,
        "misses": limits.misses_digest(order) if order.status == FlexOrder.Status.UNFEASIBLE else None,
        "misses_accepted_by": _accepted_by(order),
    }


def _accepted_by(order: FlexOrder) -> str | None:
    found = limits.standing_acceptance(order)
    return found.accepted_by.get_username() if found else None


def verdict(found: dict[str, Any], points: Collection[ChargePoint]) -> dict[str, Any]:
    """A judgement (``Judgement.as_json()``); who misses what only at these charge points."""
    names = {point.pk: point.identity for point in points}
    return {
        "feasible": found["feasible"],
        "certain": found.get("certain", True),
        "sentence": verdicts.sentence(found),
        "least_limit_w": limits.least_limit_in(found),
        "relaxation_wh": found.get("relaxation_wh", 0.0),
        "sessions_hit": len(found.get("hit", [])),
        "missed": [_missed(one, names) for one in history.visible_missed(found, names)],
    }


def _missed(one: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    figures = {name: one[name] for name in ("missed_wh", "target_soc_percent", "reached_soc_percent")}
    where = {"evse": one["name"], "charge_point": names[one["charge_point_id"]]}
    return {**where, **figures, "departure_at": utc(one["departure_at"])}
