"""Whether an order can be kept: the verdict of every supply point, merged into one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from chargepoints.models import ChargePoint
from smac.models import FlexOrder
from smac.optimisation.problem import Order
from smac.optimisation.verdict import Verdict, VerdictOutcome, judge_together
from smac.services.solving import TIME_LIMIT_S
from smac.snapshot import groups
from smac.snapshot.groups import Together
from smac.snapshot.orders import key_of, share_of
from smac.snapshot.reading import Snapshot

# All supply points share the time for which somebody waits; a small question is answered in this one, too.
_LEAST_S = 0.05


@dataclass(frozen=True, slots=True)
class Missed:
    """A session that misses energy because of the order. `name` is the EVSE's, never the driver's."""

    name: str
    need_id: int
    charge_point_id: int
    missed_wh: float
    target_soc_percent: float
    reached_soc_percent: float
    departure_at: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A session that the order touches."""

    name: str
    need_id: int
    charge_point_id: int
    mode: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a grid operator is told of an order.

    `least_limit_w`: the least power limit (as the order states it: each, together or by connection) that costs nobody
    anything; `most_least_w`: the same of an order for a least power, the highest that can be kept. `relaxation_wh`: by
    how much energy the order would have to be exceeded, `extra_w` by how much power it would have to give way, both the
    least that helps; `windows`: when (pairs of ISO moments). `certain` is False when a solver ran out of time or
    failed: then no limit is told, and who misses what is an estimate.
    """

    feasible: bool
    least_limit_w: float | None
    relaxation_wh: float
    certain: bool
    hit: tuple[Hit, ...] = ()
    missed: tuple[Missed, ...] = ()
    extra_w: float = 0.0
    most_least_w: float | None = None
    windows: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The judgement as FlexOrder.verdict keeps it."""
        lists = {
            "hit": [asdict(it) for it in self.hit],
            "missed": [asdict(it) for it in self.missed],
            "windows": [list(it) for it in self.windows],
        }
        return {**asdict(self), **lists}


@dataclass(slots=True)
class _Sum:
    feasible: bool = True
    certain: bool = True
    relaxation_wh: float = 0.0
    extra_w: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    hit: list[Hit] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    windows: list[tuple[datetime, datetime]] = field(default_factory=list)


def judge(*, order: FlexOrder, charge_points: Sequence[ChargePoint], now: datetime) -> Judgement:
    """Judge an order against the sessions of now, stored or not; nothing is saved.

    Supply points that share a feeder are judged together, with those among them that the order does not name.
    """
    ids = [point.pk for point in charge_points]
    total, judged, until_s = _Sum(), set[str](), time.monotonic() + TIME_LIMIT_S
    for supply_point_id in sorted({point.supply_point_id for point in charge_points}):
        if groups.key_of(supply_point_id) not in judged:
            together = _asked(order, ids, supply_point_id, now)
            judged |= together.snapshots.keys()
            _judge(total, order, ids, together, time_limit_s=max(until_s - time.monotonic(), _LEAST_S))
    return Judgement(
        feasible=total.feasible,
        least_limit_w=max(total.least, default=None) if total.certain else None,
        relaxation_wh=round(total.relaxation_wh, 1),
        certain=total.certain,
        hit=tuple(total.hit),
        missed=tuple(total.missed),
        extra_w=max(total.extra_w, default=0.0),
        most_least_w=min(total.most, default=None) if total.certain else None,
        windows=tuple((start.isoformat(), end.isoformat()) for start, end in _joined(total.windows)),
    )


def _asked(order: FlexOrder, charge_point_ids: Sequence[int], supply_point_id: int, now: datetime) -> Together:
    """The question for a supply point and whoever it shares a feeder with, with the order in it."""
    return groups.take_together(
        supply_point_id=supply_point_id,
        now=now,
        extra_orders=[order],
        extra_order_charge_points=charge_point_ids,
        without_orders=[order.pk] if order.pk else [],
    )


def _judge(
    total: _Sum, order: FlexOrder, charge_point_ids: Sequence[int], together: Together, *, time_limit_s: float
) -> None:
    """Add the verdict of these supply points."""
    keys = {key: [it.key for it in orders_of(order, one)] for key, one in together.snapshots.items()}
    shares = {
        key: _share(order, charge_point_ids, together.snapshots[key].supply_point.pk) for key in keys if keys[key]
    }
    if not shares:
        return
    verdicts = judge_together(together.problems, together.limits, keys, shares=shares, time_limit_s=time_limit_s)
    for key, snapshot in together.snapshots.items():
        _add(total, snapshot, verdicts[key], keys[key], shares.get(key, 1.0))


def orders_of(order: FlexOrder, snapshot: Snapshot) -> list[Order]:
    """The order's parts in a problem."""
    mine = key_of(order).split(":")[:2]
    return [it for it in snapshot.problem.orders if it.key.split(":")[:2] == mine]


def _share(order: FlexOrder, charge_point_ids: Sequence[int], supply_point_id: int) -> float:
    if order.scope != FlexOrder.Scope.TOGETHER:
        return 1.0
    return share_of(charge_point_ids=charge_point_ids, supply_point_id=supply_point_id) or 1.0


def _add(total: _Sum, snapshot: Snapshot, verdict: Verdict, keys: Sequence[str], share: float) -> None:
    total.certain = total.certain and verdict.certain
    orders = [order for order in snapshot.problem.orders if order.key in keys]
    total.hit += [_hit(snapshot, key) for key in touched(snapshot, orders) if key in snapshot.needs]
    total.missed += [_missed(snapshot, verdict, key) for key in verdict.session_keys if key in snapshot.needs]
    if verdict.outcome is VerdictOutcome.SUCCESS:
        return
    total.feasible = False
    total.relaxation_wh += verdict.relaxation_wh
    total.extra_w.append(round(verdict.extra_w / share, 1))
    total.windows += [(snapshot.horizon.starts[slot], snapshot.horizon.ends_of(slot)) for slot in verdict.slots]
    if verdict.uniform_limit_w is not None:
        total.least.append(round(verdict.uniform_limit_w / share, 1))
    if verdict.uniform_least_w is not None:
        total.most.append(round(max(verdict.uniform_least_w, 0.0) / share, 1))


def touched(snapshot: Snapshot, orders: Sequence[Order]) -> list[str]:
    """The sessions that stand in a window of the orders, of all where an order is for the whole connection."""
    found = set()
    for order in orders:
        for session in snapshot.problem.sessions:
            meant = not order.session_keys or session.key in order.session_keys
            if meant and session.first_slot < order.last_slot and order.first_slot < session.last_slot:
                found.add(session.key)
    return sorted(found)


def _joined(windows: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same time in the fewest windows."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in sorted(windows):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _hit(snapshot: Snapshot, key: str) -> Hit:
    need = snapshot.needs[key]
    return Hit(str(need.evse), need.pk, need.evse.charge_point_id, need.mode)


def _missed(snapshot: Snapshot, verdict: Verdict, key: str) -> Missed:
    need = snapshot.needs[key]
    capacity = need.battery_capacity_wh or 1
    return Missed(
        name=str(need.evse),
        need_id=need.pk,
        charge_point_id=need.evse.charge_point_id,
        missed_wh=round(verdict.unmet_with[key] - verdict.unmet_without[key], 1),
        target_soc_percent=need.target_soc_percent,
        reached_soc_percent=round(need.target_soc_percent - verdict.unmet_with[key] / capacity * 100, 1),
        departure_at=need.departure_at.isoformat(),
    )
