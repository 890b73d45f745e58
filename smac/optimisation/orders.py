"""Grid operators' orders in the model: as bounds where they can be kept for certain, else as rows that may be exceeded.

A mandatory limit for each vehicle can always be kept, for a vehicle may pause: it becomes bounds, which cost nothing.
What is bounded as a sum, asks for power or for giving back, or is only an offer, may have to give way, at a price.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulp

from .adapter import LE
from .problem import KILO, Order, Problem, Scope

if TYPE_CHECKING:
    from .model import Model

# Bounds of one vehicle by slot, W: towards it and back.
Bounds = tuple[dict[int, float], dict[int, float]]


@dataclass(frozen=True)
class Excess:
    """By how much an order may be exceeded in a slot, at a price."""

    order: Order
    slot: int
    column: pulp.LpVariable
    row: pulp.LpConstraint


class HardOrders:
    """The bounds that orders set on single vehicles; `soft`: keys of orders that set none."""

    def __init__(self, problem: Problem, soft: Collection[str] = ()) -> None:
        self._bounds: dict[str, Bounds] = defaultdict(lambda: ({}, {}))
        for order in problem.orders:
            if _is_for_each(order):
                self._bound(order, limited=is_hard(order, soft))

    def of(self, session_key: str) -> Bounds:
        """What bounds this vehicle in which slot."""
        return self._bounds[session_key]

    def _bound(self, order: Order, *, limited: bool) -> None:
        for key in order.session_keys:
            limits, backs = self._bounds[key]
            for slot in range(order.first_slot, order.last_slot):
                if limited and order.limit_w is not None:
                    limits[slot] = min(granted_w(order), limits.get(slot, math.inf))
                if order.export_limit_w is not None:
                    backs[slot] = min(order.export_limit_w, backs.get(slot, math.inf))


def _is_for_each(order: Order) -> bool:
    return bool(order.session_keys) and order.scope is Scope.EACH and order.mandatory


def is_hard(order: Order, soft: Collection[str] = ()) -> bool:
    """Whether its limit can be kept whatever happens: by pausing."""
    return _is_for_each(order) and granted_w(order) >= 0 and order.key not in soft


def granted_w(order: Order) -> float:
    """The limit of an order for each, or the floor above it. A floor of zero does not lift a negative limit."""
    limit = math.inf if order.limit_w is None else order.limit_w
    return max(limit, order.floor_w) if order.floor_w > 0 else limit


def keep_order(model: Model, number: int, order: Order) -> None:
    """A grid operator's limit holds, or what exceeds it is counted and dear."""
    hard, for_each = is_hard(order, model.soft_orders), _is_for_each(order)
    for slot in range(order.first_slot, order.last_slot):
        for part, (granted, terms) in enumerate(order_parts(model, order, slot)):
            if order.limit_w is not None and not hard:
                limit = max(order.limit_w, granted) / KILO
                _soft_limit(model, f"order_{number}_{slot}_{part}", order, slot, terms, limit)
            if order.export_limit_w is not None and not for_each:
                back = {column: -factor for column, factor in terms.items()}
                _soft_limit(model, f"export_{number}_{slot}_{part}", order, slot, back, order.export_limit_w / KILO)
            if order.least_w is not None:
                taken = {column: -factor for column, factor in terms.items()}
                _soft_limit(model, f"least_{number}_{slot}_{part}", order, slot, taken, -order.least_w / KILO)


def order_parts(model: Model, order: Order, slot: int) -> Iterator[tuple[float, dict[pulp.LpVariable, float]]]:
    """What the order looks at in a slot: the power it guarantees (W) and the terms of the power it bounds."""
    vehicles = [vehicle for vehicle in model.vehicles if vehicle.session.key in order.session_keys]
    plugged = [terms for vehicle in vehicles if (terms := vehicle.power(slot))]
    # A floor of zero must not lift a negative limit, which asks for discharging.
    least = order.floor_w if order.floor_w > 0 else -math.inf
    if not order.session_keys:
        count = sum(1 for vehicle in model.vehicles if vehicle.power(slot))
        net = model.problem.demand_w[slot] - model.problem.production_w[slot]
        yield least * max(count, 1) + net, {model.grid_import[slot]: 1.0, model.grid_export[slot]: -1.0}
    elif order.scope is Scope.EACH:
        for terms in plugged:
            yield least, terms
    elif plugged:
        together: dict[pulp.LpVariable, float] = {}
        for terms in plugged:
            together.update(terms)
        yield least * len(plugged), together


def _soft_limit(
    model: Model, name: str, order: Order, slot: int, terms: dict[pulp.LpVariable, float], limit_kw: float
) -> None:
    column = model.variable(f"excess_{name}")
    row = model.row(name, {**terms, column: -1.0}, LE, limit_kw)
    model.excesses.append(Excess(order, slot, column, row))
