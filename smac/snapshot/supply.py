"""A supply point's limits, forecasts, prices and storage over a horizon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepoints.domain.tariff import TariffTerms, energy_price
from chargepoints.models import SupplyPoint, Tariff
from smac import selectors
from smac.models import FlexOrder, Series
from smac.optimisation.problem import Problem, Storage
from smac.services import prices, series
from smac.services.series import Origin, Reading
from smac.slots import Horizon
from smac.snapshot import peaks

# What energy given back earns where neither a price series nor a tariff tells: less than it costs, so that nobody
# trades a battery's wear against a guess.
_EXPORT_SHARE = 0.5
# What the supply point's own battery holds where nobody tells: half; and as much (or half) again at the end.
_STORAGE_SHARE = 0.5
_STORAGE_EFFICIENCY = 0.95
_STORAGE_WEAR_PER_KWH = 0.05
# A content told longer ago says little: the battery has worked meanwhile.
_STORAGE_TOLD_WITHIN = timedelta(hours=1)
_VOLTS = 230.0

Curve = list[tuple[datetime, float | None]]
_CURVES = (
    Series.Kind.DEMAND,
    Series.Kind.PRODUCTION,
    Series.Kind.IMPORT_PRICE,
    Series.Kind.EXPORT_PRICE,
    Series.Kind.CO2,
    Series.Kind.MAX_IMPORT,
    Series.Kind.MAX_EXPORT,
)
# Without these something has to be assumed; the others are simply not there.
_NEEDED = (Series.Kind.IMPORT_PRICE, Series.Kind.DEMAND, Series.Kind.PRODUCTION)
# A limit that nobody tells for an hour does not hold in it: it is never taken from another day.
_LIMITS = (Series.Kind.MAX_IMPORT, Series.Kind.MAX_EXPORT)


@dataclass(frozen=True, slots=True)
class Substitute:
    """What stands in for values that nobody told: of which series, where from, for how many quarters."""

    kind: str
    origin: Origin
    quarters: int

    @property
    def is_nobodys(self) -> bool:
        """Whether nothing was found to stand in, and a constant was assumed."""
        return self.origin is Origin.NOBODY


def read_curves(points: Iterable[SupplyPoint], horizon: Horizon, now: datetime) -> dict[int, dict[str, Reading]]:
    """All curves of all these supply points at once, by kind."""
    return series.readings(kinds=_CURVES, supply_points=points, start=now, end=horizon.end, known_at=now)


def frame(
    point: SupplyPoint,
    horizon: Horizon,
    now: datetime,
    *,
    read: Mapping[str, Reading],
    orders: Iterable[FlexOrder] = (),
) -> tuple[Problem, tuple[Substitute, ...]]:
    """A problem without sessions, and what stands in for series that were not told. `orders` may raise its limits."""
    curves = {kind: _by_slot(reading, horizon, told_only=kind in _LIMITS) for kind, reading in read.items()}
    import_price, export_price = _prices(point, curves)
    raised = _raised(point, horizon, orders)
    problem = Problem(
        slot_starts=horizon.starts,
        slot_hours=horizon.hours,
        demand_w=_known(curves[Series.Kind.DEMAND], 0.0, digits=0),
        production_w=_known(curves[Series.Kind.PRODUCTION], 0.0, digits=0),
        import_price=import_price,
        export_price=export_price,
        max_import_w=_within([most for most, _ in raised], curves[Series.Kind.MAX_IMPORT]),
        max_export_w=_within([back for _, back in raised], curves[Series.Kind.MAX_EXPORT]),
        co2_g_per_kwh=_co2(curves[Series.Kind.CO2]),
        storage=_storage(point, now),
        opportunity_cost_per_h=float(point.opportunity_cost_per_h) if point.location.is_public else 0.0,
        demand_charge_per_kw=float(point.demand_charge_per_kw),
        peak_so_far_w=_peak_w(point, now) if point.demand_charge_per_kw else 0.0,
        max_phase_w=(point.phase_current_a * _VOLTS,) * len(horizon.starts) if point.phase_current_a else None,
    )
    return problem, _substitutes(read)


def _by_slot(reading: Reading, horizon: Horizon, *, told_only: bool) -> Curve:
    """The value of each slot's quarter."""
    values = zip(reading.curve, reading.origins, strict=True)
    by_quarter = {at: None if told_only and origin is not Origin.TOLD else value for (at, value), origin in values}
    return [(start, by_quarter[quarter]) for start, quarter in zip(horizon.starts, horizon.aligned, strict=True)]


def _substitutes(read: Mapping[str, Reading]) -> tuple[Substitute, ...]:
    return tuple(
        Substitute(str(kind), origin, quarters)
        for kind in _NEEDED
        for origin, quarters in sorted(read[kind].substitutes.items())
    )


def _raised(point: SupplyPoint, horizon: Horizon, orders: Iterable[FlexOrder]) -> list[tuple[float, float]]:
    """Import and export limit of each slot: the contract's, or what the grid operator allows beyond it.

    Only in slots that lie within the order whole: a limit may hold too long, an allowance may not.
    """
    most = [(float(point.contracted_capacity_w), float(point.injection_limit_w))] * len(horizon.starts)
    for order in orders:
        if order.scope != FlexOrder.Scope.SUPPLY:
            continue
        for slot, start in enumerate(horizon.starts):
            if order.starts_at <= start and horizon.ends_of(slot) <= order.ends_at:
                export_w = float(order.max_export_w) if order.v2g else 0.0
                most[slot] = (max(most[slot][0], float(order.max_power_w)), max(most[slot][1], export_w))
    return most


def _within(limits: Sequence[float], told: Curve) -> tuple[float, ...]:
    """The lesser of what is allowed and what was told that the grid bears; negative values mean nothing at all."""
    rows = zip(limits, told, strict=True)
    return tuple(limit if value is None else min(limit, max(round(value), 0.0)) for limit, (_, value) in rows)


def _known(curve: Curve, default: float, *, digits: int) -> tuple[float, ...]:
    return tuple(round(default if value is None else value, digits) for _, value in curve)


def _co2(curve: Curve) -> tuple[float, ...] | None:
    return None if any(value is None for _, value in curve) else _known(curve, 0.0, digits=1)


def _prices(point: SupplyPoint, curves: dict[str, Curve]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What a kWh costs and earns here. Giving back never earns more than drawing costs: else a plan would do both."""
    market = _known(curves[Series.Kind.IMPORT_PRICE], prices.ASSUMED_PRICE, digits=6)
    terms = _terms(point)
    paid = tuple(_paid(terms, price) for price in market)
    earned = curves[Series.Kind.EXPORT_PRICE]
    offered = tuple(_offered(terms, value, price) for (_, value), price in zip(earned, paid, strict=True))
    return paid, tuple(min(back, price) for back, price in zip(offered, paid, strict=True))


def _terms(point: SupplyPoint) -> TariffTerms | None:
    tariff = Tariff.objects.filter(charge_points__supply_point=point).order_by("pk").first()
    return tariff.terms() if tariff else None


def _paid(terms: TariffTerms | None, market: float) -> float:
    """The driver's price where it follows the market. A fixed tariff leaves the market's: the operator buys there."""
    if terms is None or not terms.follows_market:
        return market
    return float(energy_price(terms, prices.as_money(market)))


def _offered(terms: TariffTerms | None, told: float | None, paid: float) -> float:
    if told is not None:
        return round(told, 6)
    if terms is not None and terms.export_price_per_kwh > 0:
        return float(terms.export_price_per_kwh)
    return round(max(paid, 0.0) * _EXPORT_SHARE, 6)


def _storage(point: SupplyPoint, now: datetime) -> Storage | None:
    if not point.storage_capacity_wh or not point.storage_power_w:
        return None
    half = point.storage_capacity_wh * _STORAGE_SHARE
    told = _storage_content_wh(point, now)
    return Storage(
        capacity_wh=float(point.storage_capacity_wh),
        energy_wh=half if told is None else told,
        max_charge_w=float(point.storage_power_w),
        max_discharge_w=float(point.storage_power_w),
        end_energy_wh=half if told is None else min(half, told),
        charge_efficiency=_STORAGE_EFFICIENCY,
        discharge_efficiency=_STORAGE_EFFICIENCY,
        wear_cost_per_kwh=_STORAGE_WEAR_PER_KWH,
    )


def _storage_content_wh(point: SupplyPoint, now: datetime) -> float | None:
    """What the battery was last told to hold, if that is not too long ago."""
    percent = selectors.newest_value(
        kind=Series.Kind.STORAGE_SOC, supply_point=point, since=now - _STORAGE_TOLD_WITHIN, known_at=now
    )
    return None if percent is None else round(min(max(percent, 0.0), 100.0) / 100 * point.storage_capacity_wh)


def _peak_w(point: SupplyPoint, now: datetime) -> float:
    """The highest quarter hour of this month so far: what its meter told, or what its sessions' meters and plans do."""
    begin = peaks.month_of(point, now)
    told = selectors.newest_value(kind=Series.Kind.PEAK, supply_point=point, since=begin, known_at=now)
    return round(max(told or 0.0, peaks.peak_of(point, now).power_w))


def headroom_w(problem: Problem) -> Sequence[float]:
    """What vehicles may draw in each slot: the limit less demand plus production."""
    rows = zip(problem.max_import_w, problem.demand_w, problem.production_w, strict=True)
    return tuple(max(limit - demand + made, 0.0) for limit, demand, made in rows)
