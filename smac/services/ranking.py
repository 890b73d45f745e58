"""Estimates for many charge points at once: no optimiser, the same prices and the same price function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chargepoints.models import Evse, SupplyPoint
from smac import filling, greenness
from smac.models import PlanningState, Series
from smac.optimisation.problem import Mode
from smac.services import costs, prices, series
from smac.slots import Horizon, floor

# How long a car stays where the driver has not said it: long enough to choose hours, short enough to be told.
USUAL_STAY = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Ask:
    """A need at an EVSE: energy from the meter, the power that car and charger share, and the stay."""

    key: int
    evse: Evse
    energy_wh: float
    power_w: float
    arrives_at: datetime
    departs_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the need would cost and take in one mode. `charge_s` counts from the arrival; `green_share` from 0 to 1."""

    price: Decimal
    currency: str
    energy_wh: float
    ends_at: datetime
    charge_s: float
    green_share: float
    co2_g: float
    unmet_wh: float


@dataclass(frozen=True, slots=True)
class _Place:
    """The curves of a supply point over the horizon."""

    headroom_w: tuple[float, ...]
    surplus_w: tuple[float, ...]
    co2: tuple[float | None, ...]
    price: tuple[float, ...]
    market: Callable[[datetime], Decimal]


def quick_rank(
    *, asks: Sequence[Ask], now: datetime, modes: Iterable[Mode] = tuple(Mode)
) -> dict[int, dict[Mode, Estimate]]:
    """For each ask (by its key) and mode an estimate; ten queries, however many there are.

    The EVSEs come with `charge_point__supply_point` and `charge_point__tariff` selected.
    """
    horizon = Horizon.at(now)
    places = _places([ask.evse.charge_point.supply_point for ask in asks], horizon, now)
    wanted = list(modes)
    return {
        ask.key: {mode: _estimate(ask, mode, places[ask.evse.charge_point.supply_point_id], horizon) for mode in wanted}
        for ask in asks
    }


def _places(points: Iterable[SupplyPoint], horizon: Horizon, now: datetime) -> dict[int, _Place]:
    known = {point.pk: point for point in points}
    read = {
        kind: series.curves(kind=kind, supply_points=known.values(), start=now, end=horizon.end, known_at=now)
        for kind in (Series.Kind.IMPORT_PRICE, Series.Kind.CO2, Series.Kind.DEMAND, Series.Kind.PRODUCTION)
    }
    planned = _planned_grid(known)
    return {
        pk: _place(point, {kind: curves[pk] for kind, curves in read.items()}, planned.get(pk, {}), horizon)
        for pk, point in known.items()
    }


def _planned_grid(points: Iterable[int]) -> dict[int, dict[datetime, float]]:
    """What the newest plan of each supply point draws from the grid, by quarter."""
    states = PlanningState.objects.filter(supply_point__in=list(points), run__isnull=False)
    rows = states.values_list("supply_point_id", "run__slot_starts", "run__series")
    return {
        pk: dict(zip((floor(datetime.fromisoformat(text)) for text in starts), curves.get("grid", []), strict=False))
        for pk, starts, curves in rows
    }


def _place(
    point: SupplyPoint, curves: dict[str, series.Curve], planned: dict[datetime, float], horizon: Horizon
) -> _Place:
    demand = [value or 0.0 for _, value in curves[Series.Kind.DEMAND]]
    production = [value or 0.0 for _, value in curves[Series.Kind.PRODUCTION]]
    net = [use - made for use, made in zip(demand, production, strict=True)]
    grid = [planned.get(start, own) for start, own in zip(horizon.aligned, net, strict=True)]
    return _Place(
        headroom_w=tuple(max(point.contracted_capacity_w - power, 0.0) for power in grid),
        surplus_w=tuple(max(-power, 0.0) for power in grid),
        co2=tuple(value for _, value in curves[Series.Kind.CO2]),
        price=tuple(prices.ASSUMED_PRICE if value is None else value for _, value in curves[Series.Kind.IMPORT_PRICE]),
        market=prices.from_curve(curves[Series.Kind.IMPORT_PRICE]),
    )


def _estimate(ask: Ask, mode: Mode, place: _Place, horizon: Horizon) -> Estimate:
    departs_at = ask.departs_at or ask.arrives_at + USUAL_STAY
    hours = tuple(
        _overlap_h(start, length, ask.arrives_at, departs_at)
        for start, length in zip(horizon.starts, horizon.hours, strict=True)
    )
    limits = tuple(min(ask.power_w, room) for room in place.headroom_w)
    ranks = filling.ranks(mode, price=place.price, surplus_w=place.surplus_w, co2=place.co2, power_w=ask.power_w)
    filled = filling.fill(energy_wh=ask.energy_wh, limits_w=limits, hours=hours, ranks=ranks)
    slices = costs.planned_slices(starts=horizon.starts, hours=hours, power_w=filled.power_w)
    cost = costs.cost_of(
        charge_point=ask.evse.charge_point, slices=slices, now=ask.arrives_at, market_price_at=place.market
    )
    green, grams = greenness.of_curve(
        power_w=filled.power_w, own_w=place.surplus_w, hours=hours, co2_g_per_kwh=place.co2
    )
    begins = max(horizon.starts[filled.last_slot], ask.arrives_at)
    ends_at = begins + timedelta(hours=filled.last_slot_hours)
    return Estimate(
        price=cost.total,
        currency=cost.currency,
        energy_wh=cost.energy_wh,
        ends_at=ends_at,
        charge_s=max((ends_at - ask.arrives_at).total_seconds(), 0.0),
        green_share=green,
        co2_g=grams,
        unmet_wh=filled.missing_wh,
    )


def _overlap_h(start: datetime, length_h: float, arrives_at: datetime, departs_at: datetime) -> float:
    end = start + timedelta(hours=length_h)
    return max((min(end, departs_at) - max(start, arrives_at)) / timedelta(hours=1), 0.0)
