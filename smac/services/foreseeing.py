"""What an order would do: the plans under it, and what it costs and emits beside those that hold without it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from chargepoints.domain.tariff import EnergySlice
from chargepoints.models import ChargePoint
from smac.models import ChargingNeed, FlexOrder, PlannedCurve, PlanRun, Series
from smac.optimisation.plan import Plan, SessionPlan, Status
from smac.optimisation.problem import KILO, Session
from smac.optimisation.together import solve_together
from smac.services import costs, judging
from smac.services.solving import TIME_LIMIT_S
from smac.slots import SLOT, Horizon, floor
from smac.snapshot import groups
from smac.snapshot.reading import Snapshot

_CENT = Decimal("0.01")
# A plan of some minutes ago knew the batteries a little otherwise: so much is no effect of an order.
_DRIFT_SHARE, _DRIFT_WH = 0.1, 1_000.0

# Mean power in each slot, W.
Powers = list[float]
PriceAt = Callable[[datetime], Decimal]


@dataclass(frozen=True, slots=True)
class Effect:
    """What changes for all sessions that an order touches, in sum: with it less without it, to the end of the plans.

    ``energy_wh``: what is drawn more (less: what is missed, or given back). ``cost``: what the energy costs more at the
    market's price, less what flows back earns; ``drivers``: by how much the drivers' bills change with it, the rest is
    the stations' operators'. None where nobody told a price, or tariffs are in several currencies. ``co2_g``: of what
    is drawn from the grid; None where nobody told its mix. ``unplanned``: sessions that no plan of before knows.
    ``is_certain`` is False where a plan is a makeshift, as no solver had the time.
    """

    sessions: int
    unplanned: int
    energy_wh: float
    cost: Decimal | None
    drivers: Decimal | None
    co2_g: float | None
    currency: str = "EUR"
    is_certain: bool = True

    @property
    def co2_kg(self) -> float | None:
        return None if self.co2_g is None else self.co2_g / 1000

    @property
    def operators(self) -> Decimal | None:
        """What the stations' operators bear (below zero: save)."""
        return None if self.cost is None or self.drivers is None else self.cost - self.drivers


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The plans of the supply points under an order, and its effect."""

    plans: tuple[tuple[Snapshot, Plan], ...]
    effect: Effect


def foresee(*, order: FlexOrder, charge_points: Sequence[ChargePoint], now: datetime) -> Foreseen:
    """Plan as it would be under an order that is not stored. Nothing is saved or sent.

    Those that share a feeder are planned together, as they will be; only who pauses in the next minutes is left open.
    What holds without the order is read from the plans that were made already.
    """
    ids, found = [point.pk for point in charge_points], dict[str, tuple[Snapshot, Plan]]()
    named = {groups.key_of(point.supply_point_id) for point in charge_points}
    for supply_point_id in sorted({point.supply_point_id for point in charge_points}):
        if groups.key_of(supply_point_id) not in found:
            together = groups.take_together(
                supply_point_id=supply_point_id, now=now, extra_orders=[order], extra_order_charge_points=ids
            )
            plans = solve_together(together.problems, together.limits, time_limit_s=TIME_LIMIT_S, pauses=False)
            found |= {key: (together.snapshots[key], plan) for key, plan in plans.items()}
    total = _Total()
    for key, (snapshot, plan) in found.items():
        if key in named:
            _add(total, order, snapshot, plan, now)
    return Foreseen(tuple(found.values()), total.effect())


# --- the sum ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Total:
    sessions: int = 0
    unplanned: int = 0
    energy_wh: float = 0.0
    market: float = 0.0
    drivers: Decimal = Decimal(0)
    co2_g: float = 0.0
    is_certain: bool = True
    is_priced: bool = True
    has_mix: bool = True
    currencies: set[str] = field(default_factory=set)

    def effect(self) -> Effect:
        compared = self.sessions > self.unplanned or not self.sessions
        known = compared and self.is_priced and len(self.currencies) <= 1
        return Effect(
            sessions=self.sessions,
            unplanned=self.unplanned,
            energy_wh=round(self.energy_wh, 1),
            cost=Decimal(str(self.market)).quantize(_CENT) if known else None,
            drivers=self.drivers if known else None,
            co2_g=round(self.co2_g, 1) if compared and self.has_mix else None,
            currency=next(iter(self.currencies), "EUR"),
            is_certain=self.is_certain,
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """One session with and without the order, by slot of the new plan as far as both plans reach."""

    need: ChargingNeed
    with_w: Powers
    without_w: Powers


def _add(total: _Total, order: FlexOrder, snapshot: Snapshot, plan: Plan, now: datetime) -> None:
    keys = judging.touched(snapshot, judging.orders_of(order, snapshot))
    needs = {key: snapshot.needs[key] for key in keys if key in snapshot.needs}
    pairs = _pairs(snapshot, plan, needs)
    total.sessions += len(needs)
    total.unplanned += len(needs) - len(pairs)
    total.is_certain = total.is_certain and plan.status is not Status.FALLBACK
    if not pairs:
        return
    hours = plan.slot_hours[: len(pairs[0].with_w)]
    more_w = [sum(values) for values in zip(*(_less(pair) for pair in pairs), strict=True)]
    total.energy_wh += sum(power * length for power, length in zip(more_w, hours, strict=True))
    price_at = costs.market_of(snapshot.supply_point, (), until=snapshot.horizon.end, now=now)
    _add_exchange(total, snapshot, plan, more_w, price_at)
    _add_bills(total, plan, pairs, price_at, now)


def _less(pair: _Pair) -> Powers:
    return [mine - before for mine, before in zip(pair.with_w, pair.without_w, strict=True)]


def _add_exchange(total: _Total, snapshot: Snapshot, plan: Plan, more_w: Powers, price_at: PriceAt) -> None:
    """What passes the connection, with the order as planned, and without it with so much less to these vehicles."""
    problem = snapshot.problem
    total.is_priced = total.is_priced and Series.Kind.IMPORT_PRICE not in snapshot.assumed
    total.has_mix = total.has_mix and problem.co2_g_per_kwh is not None
    for slot, more in enumerate(more_w):
        mine, before = plan.grid_w[slot], max(plan.grid_w[slot] - more, -problem.max_export_w[slot])
        drawn = (max(mine, 0.0) - max(before, 0.0)) * plan.slot_hours[slot] / KILO
        given = (max(-mine, 0.0) - max(-before, 0.0)) * plan.slot_hours[slot] / KILO
        total.market += drawn * float(price_at(plan.slot_starts[slot])) - given * problem.export_price[slot]
        total.co2_g += drawn * problem.co2_g_per_kwh[slot] if problem.co2_g_per_kwh else 0.0


def _add_bills(total: _Total, plan: Plan, pairs: Sequence[_Pair], price_at: PriceAt, now: datetime) -> None:
    """What drivers pay with the order less what without it; a tariff's in one, so that cents are rounded once."""
    ids = {pair.need.evse.charge_point_id for pair in pairs}
    points = {point.pk: point for point in ChargePoint.objects.filter(pk__in=ids).select_related("tariff")}
    by_tariff: dict[int | None, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        by_tariff[points[pair.need.evse.charge_point_id].tariff_id].append(pair)
    for alike in by_tariff.values():
        point = points[alike[0].need.evse.charge_point_id]
        for sign, curves in ((1, [it.with_w for it in alike]), (-1, [it.without_w for it in alike])):
            bill = costs.cost_of(charge_point=point, slices=_slices(plan, curves), now=now, market_price_at=price_at)
            total.drivers += sign * bill.total
            total.currencies.add(bill.currency)


def _slices(plan: Plan, curves: Sequence[Powers]) -> list[EnergySlice]:
    """Drawn and given back apart: one vehicle's is not another's."""
    starts, hours = plan.slot_starts[: len(curves[0])], plan.slot_hours[: len(curves[0])]
    drawn = [sum(max(power, 0.0) for power in powers) for powers in zip(*curves, strict=True)]
    given = [sum(min(power, 0.0) for power in powers) for powers in zip(*curves, strict=True)]
    return [
        *costs.planned_slices(starts=starts, hours=hours, power_w=drawn),
        *costs.planned_slices(starts=starts, hours=hours, power_w=given),
    ]


# --- each session -----------------------------------------------------------------------------------------------------


def _pairs(snapshot: Snapshot, plan: Plan, needs: Mapping[str, ChargingNeed]) -> list[_Pair]:
    """The sessions that the plan in force knows, with both curves."""
    runs = PlanRun.objects.filter(supply_point=snapshot.supply_point).exclude(status=PlanRun.Status.FAILED)
    run = runs.only("pk", "slot_starts").order_by("-made_at", "-pk").first()
    if run is None or not run.slot_starts:
        return []
    rows = run.curves.filter(need__in=list(needs.values())).only("need_id", "power_w", "unmet_wh")
    curves = {curve.need_id: curve for curve in rows}
    parts = _parts([datetime.fromisoformat(text) for text in run.slot_starts], snapshot.horizon)
    sessions = {session.key: session for session in snapshot.problem.sessions}
    planned = {one.key: one for one in plan.sessions}
    return [
        _pair(need, sessions[key], planned[key], plan.slot_hours, curves[need.pk], parts)
        for key, need in needs.items()
        if need.pk in curves and parts
    ]


# Of a slot: which slots of an earlier plan it covers, and which share of it each of them is.
Parts = Sequence[Sequence[tuple[int, float]]]


def _parts(earlier: Sequence[datetime], horizon: Horizon) -> Parts:
    """For each slot that an earlier plan reaches to its end."""
    edges, found = [*earlier, floor(earlier[-1]) + SLOT], []
    for slot, start in enumerate(horizon.starts):
        end, first = horizon.ends_of(slot), max(bisect_right(edges, start) - 1, 0)
        if end > edges[-1]:
            break
        last = bisect_left(edges, end)
        overlaps = [(at, min(edges[at + 1], end) - max(edges[at], start)) for at in range(first, last)]
        found.append([(at, overlap / (end - start)) for at, overlap in overlaps])
    return found


def _pair(
    need: ChargingNeed,
    session: Session,
    mine: SessionPlan,
    hours: Sequence[float],
    curve: PlannedCurve,
    parts: Parts,
) -> _Pair:
    before = [sum(curve.power_w[at] * share for at, share in part) for part in parts]
    hours = hours[: len(before)]
    return _Pair(need, list(mine.power_w[: len(before)]), _settled(session, mine, hours, before, curve.unmet_wh))


def _settled(session: Session, mine: SessionPlan, hours: Sequence[float], before: Powers, unmet_wh: float) -> Powers:
    """The plan of before for what the battery needs by now: what it gains under the order, and what it misses by it."""
    charged = sum(max(power, 0.0) * length for power, length in zip(before, hours, strict=True))
    given = sum(max(-power, 0.0) * length for power, length in zip(before, hours, strict=True))
    gained = charged * session.charge_efficiency - given / session.discharge_efficiency
    wanted = _gained_wh(session, mine, len(before)) + max(mine.unmet_wh - unmet_wh, 0.0)
    if charged <= 0 or abs(wanted - gained) > max(_DRIFT_SHARE * abs(gained), _DRIFT_WH):
        return before
    factor = max(1 + (wanted - gained) / (charged * session.charge_efficiency), 0.0)
    return [power * factor if power > 0 else power for power in before]


def _gained_wh(session: Session, mine: SessionPlan, count: int) -> float:
    last = min(count, session.last_slot) - 1
    return mine.energy_wh[last] - session.energy_wh if last >= session.first_slot else 0.0


__all__ = ["Effect", "Foreseen", "foresee"]
