"""Whether an order can be kept: the verdict of every supply point, merged into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from chargepoints.models import ChargePoint
from smac.models import FlexOrder
from smac.optimisation.verdict import Verdict, VerdictOutcome
from smac.optimisation.verdict import judge as judge_problem
from smac.services.planning import TIME_LIMIT_S
from smac.snapshot import reading
from smac.snapshot.orders import key_of, share_of
from smac.snapshot.reading import Snapshot


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

    `least_limit_w`: the least power limit (as the order states it: each or together) that costs nobody anything.
    `relaxation_wh`: by how much energy the order would have to be exceeded. `certain` is False when a solver ran out
    of time.
    """

    feasible: bool
    least_limit_w: float | None
    relaxation_wh: float
    certain: bool
    hit: tuple[Hit, ...] = ()
    missed: tuple[Missed, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The judgement as FlexOrder.verdict keeps it."""
        return {**asdict(self), "hit": [asdict(it) for it in self.hit], "missed": [asdict(it) for it in self.missed]}


@dataclass(slots=True)
class _Sum:
    feasible: bool = True
    certain: bool = True
    relaxation_wh: float = 0.0
    least: list[float] = field(default_factory=list)
    hit: list[Hit] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)


def judge(*, order: FlexOrder, charge_points: Sequence[ChargePoint], now: datetime) -> Judgement:
    """Judge an order against the sessions of now, stored or not; nothing is saved."""
    ids = [point.pk for point in charge_points]
    total = _Sum()
    for supply_point_id in sorted({point.supply_point_id for point in charge_points}):
        snapshot = reading.take(
            supply_point_id=supply_point_id,
            now=now,
            extra_orders=[order],
            extra_order_charge_points=ids,
            without_orders=[order.pk] if order.pk else [],
        )
        keys = [it.key for it in snapshot.problem.orders if it.key.split(":")[:2] == key_of(order).split(":")[:2]]
        if keys:
            verdict = judge_problem(snapshot.problem, keys, time_limit_s=TIME_LIMIT_S)
            _add(total, snapshot, verdict, keys, _share(order, ids, supply_point_id))
    return Judgement(
        feasible=total.feasible,
        least_limit_w=max(total.least, default=None),
        relaxation_wh=round(total.relaxation_wh, 1),
        certain=total.certain,
        hit=tuple(total.hit),
        missed=tuple(total.missed),
    )


def _share(order: FlexOrder, charge_point_ids: Sequence[int], supply_point_id: int) -> float:
    if order.scope == FlexOrder.Scope.EACH:
        return 1.0
    return share_of(charge_point_ids=charge_point_ids, supply_point_id=supply_point_id) or 1.0


def _add(total: _Sum, snapshot: Snapshot, verdict: Verdict, keys: Sequence[str], share: float) -> None:
    total.feasible = total.feasible and verdict.outcome is VerdictOutcome.SUCCESS
    total.certain = total.certain and verdict.certain
    total.relaxation_wh += verdict.relaxation_wh
    if verdict.uniform_limit_w is not None and verdict.outcome is VerdictOutcome.UNFEASIBLE:
        total.least.append(round(verdict.uniform_limit_w / share, 1))
    touched = {key for order in snapshot.problem.orders if order.key in keys for key in order.session_keys}
    total.hit += [_hit(snapshot, key) for key in sorted(touched) if key in snapshot.needs]
    total.missed += [_missed(snapshot, verdict, key) for key in verdict.session_keys if key in snapshot.needs]


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
