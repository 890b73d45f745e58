"""A supply point's limits, forecasts, prices and storage over a horizon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chargepoints.domain.tariff import TariffTerms, energy_price
from chargepoints.models import SupplyPoint, Tariff
from smac.models import Series
from smac.optimisation.problem import Problem, Storage
from smac.services import forecasts, prices
from smac.slots import Horizon

# What energy given back earns where neither a price series nor a tariff tells: less than it costs, so that nobody
# trades a battery's wear against a guess.
_EXPORT_SHARE = 0.5
# The content of the supply point's own battery is not measured yet: half full, and half full again at the end.
_STORAGE_SHARE = 0.5
_STORAGE_EFFICIENCY = 0.95
_STORAGE_WEAR_PER_KWH = 0.05

Curve = list[tuple[datetime, float | None]]


def frame(point: SupplyPoint, horizon: Horizon, now: datetime) -> tuple[Problem, tuple[str, ...]]:
    """A problem without sessions and orders, and the names of the series that had to be assumed."""
    curves = {kind: _read(kind, point, horizon, now) for kind in Series.Kind.values}
    import_price, export_price = _prices(point, curves)
    count = len(horizon.starts)
    problem = Problem(
        slot_starts=horizon.starts,
        slot_hours=horizon.hours,
        demand_w=_known(curves[Series.Kind.DEMAND], 0.0, digits=0),
        production_w=_known(curves[Series.Kind.PRODUCTION], 0.0, digits=0),
        import_price=import_price,
        export_price=export_price,
        max_import_w=(float(point.contracted_capacity_w),) * count,
        max_export_w=(float(point.injection_limit_w),) * count,
        co2_g_per_kwh=_co2(curves[Series.Kind.CO2]),
        storage=_storage(point),
        opportunity_cost_per_h=float(point.opportunity_cost_per_h) if point.location.is_public else 0.0,
    )
    needed = (Series.Kind.IMPORT_PRICE, Series.Kind.DEMAND, Series.Kind.PRODUCTION)
    return problem, tuple(str(kind) for kind in needed if any(value is None for _, value in curves[kind]))


def _read(kind: str, point: SupplyPoint, horizon: Horizon, now: datetime) -> Curve:
    """The value of each slot's quarter."""
    by_quarter = dict(forecasts.curve(supply_point=point, kind=kind, start=now, end=horizon.end, known_at=now))
    return [(start, by_quarter[quarter]) for start, quarter in zip(horizon.starts, horizon.aligned, strict=True)]


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


def _storage(point: SupplyPoint) -> Storage | None:
    if not point.storage_capacity_wh or not point.storage_power_w:
        return None
    half = point.storage_capacity_wh * _STORAGE_SHARE
    return Storage(
        capacity_wh=float(point.storage_capacity_wh),
        energy_wh=half,
        max_charge_w=float(point.storage_power_w),
        max_discharge_w=float(point.storage_power_w),
        end_energy_wh=half,
        charge_efficiency=_STORAGE_EFFICIENCY,
        discharge_efficiency=_STORAGE_EFFICIENCY,
        wear_cost_per_kwh=_STORAGE_WEAR_PER_KWH,
    )


def headroom_w(problem: Problem) -> Sequence[float]:
    """What vehicles may draw in each slot: the limit less demand plus production."""
    rows = zip(problem.max_import_w, problem.demand_w, problem.production_w, strict=True)
    return tuple(max(limit - demand + made, 0.0) for limit, demand, made in rows)
