"""Estimates for many charge points at once: no optimiser, the same prices and the same price function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np

from chargepoints.domain import tariff
from chargepoints.domain.tariff import TariffTerms
from chargepoints.models import Evse, SupplyPoint
from smac import filling_many
from smac.filling_many import Curves, Needs, Rows
from smac.models import PlanningState, Series
from smac.optimisation.problem import Mode
from smac.services import costs, prices, series
from smac.services.series import Reading
from smac.slots import HORIZON_SLOTS, SLOT, Horizon, floor

# How long a car stays where the driver has not said it: long enough to choose hours, short enough to be told.
USUAL_STAY = timedelta(hours=4)
_KINDS = (Series.Kind.IMPORT_PRICE, Series.Kind.CO2, Series.Kind.DEMAND, Series.Kind.PRODUCTION)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ask:
    """A need at a supply point: energy from the meter, the power that car and charger share, the tariff, the stay."""

    key: int
    supply_point: SupplyPoint
    terms: TariffTerms
    energy_wh: float
    power_w: float
    arrives_at: datetime
    departs_at: datetime

    @classmethod
    def at(
        cls, evse: Evse, *, energy_wh: float, power_w: float, arrives_at: datetime, departs_at: datetime | None = None
    ) -> Ask:
        """A need at an EVSE that comes with ``charge_point__supply_point`` and ``charge_point__tariff``."""
        point = evse.charge_point
        leaves_at = departs_at or arrives_at + USUAL_STAY
        return cls(evse.pk, point.supply_point, costs.terms_of(point), energy_wh, power_w, arrives_at, leaves_at)


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
class Figures:
    """One mode's figures of all asks, in their order; prices to a millionth, where an estimate's are money."""

    price: Rows
    charge_s: Rows
    green_share: Rows


class Estimates(Mapping[int, dict[Mode, Estimate]]):
    """The answers to many asks: arrays to rank by, and for those that are shown the exact figures."""

    def __init__(self, asks: Sequence[Ask], starts: Sequence[datetime], needs: Needs, modes: Iterable[Mode]) -> None:
        self._asks = asks
        self._starts = starts
        self._needs = needs
        self._curves: dict[Mode, Curves] = {mode: filling_many.fill(mode, needs) for mode in modes}
        self._green = {mode: filling_many.greenness(needs, curves) for mode, curves in self._curves.items()}
        self._rows = {ask.key: row for row, ask in enumerate(asks)}

    def __len__(self) -> int:
        return len(self._asks)

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __getitem__(self, key: int) -> dict[Mode, Estimate]:
        return {mode: self._estimate(self._rows[key], mode) for mode in self._curves}

    def figures(self, mode: Mode) -> Figures:
        """What to rank by in a mode."""
        energy_kwh = self._curves[mode].taken_wh / 1000
        price = (energy_kwh * self._kwh_prices).sum(axis=1) + self._fees
        return Figures(price, self._charge_s(mode), self._green[mode][0])

    @cached_property
    def _kwh_prices(self) -> Rows:
        added = np.array([float(ask.terms.energy_price_per_kwh) for ask in self._asks])[:, None]
        follows = np.array([ask.terms.follows_market for ask in self._asks])[:, None]
        return np.where(follows, np.maximum(self._needs.price + added, 0.0), added)

    @cached_property
    def _fees(self) -> Rows:
        return np.array([float(ask.terms.session_fee) for ask in self._asks])

    def _charge_s(self, mode: Mode) -> Rows:
        curves = self._curves[mode]
        starts = np.array([start.timestamp() for start in self._starts])
        arrivals = np.array([ask.arrives_at.timestamp() for ask in self._asks])
        begins = np.maximum(starts[curves.last_slot], arrivals) if len(self._asks) else arrivals
        return np.maximum(begins + curves.last_slot_hours * 3600 - arrivals, 0.0)

    def _estimate(self, row: int, mode: Mode) -> Estimate:
        ask, curves = self._asks[row], self._curves[mode]
        cost = tariff.cost(slices=self._slices(row, mode), terms=ask.terms, market_price_at=self._market(row))
        share, grams = (values[row] for values in self._green[mode])
        charge_s = float(self._charge_s(mode)[row])
        return Estimate(
            price=cost.total,
            currency=cost.currency,
            energy_wh=cost.energy_wh,
            ends_at=ask.arrives_at + timedelta(seconds=charge_s),
            charge_s=charge_s,
            green_share=float(share),
            co2_g=float(grams),
            unmet_wh=float(curves.missing_wh[row]),
        )

    def _slices(self, row: int, mode: Mode) -> list[tariff.EnergySlice]:
        taken = self._curves[mode].taken_wh[row]
        return [
            tariff.EnergySlice(floor(self._starts[slot]), float(taken[slot]))
            for slot in map(int, np.flatnonzero(taken))
        ]

    def _market(self, row: int) -> Callable[[datetime], Decimal]:
        by_quarter = {floor(start): self._needs.price[row, slot] for slot, start in enumerate(self._starts)}
        return lambda at: prices.as_money(float(by_quarter[at]))


def quick_rank(*, asks: Sequence[Ask], now: datetime, modes: Iterable[Mode] = tuple(Mode)) -> Estimates:
    """For each ask (by its key) and mode an estimate; one query each for curves, their values and plans."""
    horizon = _horizon(asks, now)
    return Estimates(asks, horizon.starts, _needs(asks, horizon, now), modes)


def _horizon(asks: Sequence[Ask], now: datetime) -> Horizon:
    """No longer than the longest stay."""
    last = max((ask.departs_at for ask in asks), default=now)
    return Horizon.at(now, min(max((last - floor(now)) // SLOT + 1, 1), HORIZON_SLOTS))


def _needs(asks: Sequence[Ask], horizon: Horizon, now: datetime) -> Needs:
    points = {ask.supply_point.pk: ask.supply_point for ask in asks}
    read = series.readings(kinds=_KINDS, supply_points=points.values(), start=now, end=horizon.end, known_at=now)
    rows = {pk: number for number, pk in enumerate(points)}
    index = np.array([rows[ask.supply_point.pk] for ask in asks], dtype=int)
    by_kind = {kind: _matrix([read[pk][kind] for pk in points], len(horizon.starts)) for kind in _KINDS}
    price = by_kind[Series.Kind.IMPORT_PRICE]
    grid = _grid(points, by_kind[Series.Kind.DEMAND], by_kind[Series.Kind.PRODUCTION], horizon)
    capacity = np.array([float(point.contracted_capacity_w) for point in points.values()])[:, None]
    return Needs(
        energy_wh=np.array([ask.energy_wh for ask in asks], dtype=float),
        power_w=np.array([float(ask.power_w) for ask in asks], dtype=float),
        hours=_hours(asks, horizon, now),
        headroom_w=np.maximum(capacity - grid, 0.0)[index],
        surplus_w=np.maximum(-grid, 0.0)[index],
        price=np.where(np.isnan(price), prices.ASSUMED_PRICE, price)[index],
        co2=by_kind[Series.Kind.CO2][index],
    )


def _matrix(readings: Sequence[Reading], slots: int) -> Rows:
    """A row a reading; curves that several supply points share are turned into numbers once."""
    known: dict[int, Rows] = {}
    for reading in readings:
        if id(reading) not in known:
            known[id(reading)] = np.array([np.nan if value is None else value for _, value in reading.curve])
    found = [known[id(reading)] for reading in readings]
    return np.array(found) if found else np.empty((0, slots))


def _grid(points: Iterable[int], demand: Rows, production: Rows, horizon: Horizon) -> Rows:
    """What each supply point draws from the grid: by its newest plan, else by the forecasts."""
    grid: Rows = np.nan_to_num(demand) - np.nan_to_num(production)
    columns = {start: number for number, start in enumerate(horizon.aligned)}
    rows = {pk: number for number, pk in enumerate(points)}
    for pk, starts, powers in _planned_grid(rows):
        for text, power in zip(starts, powers or (), strict=False):
            column = columns.get(floor(datetime.fromisoformat(text)))
            if column is not None:
                grid[rows[pk], column] = power
    return grid


def _planned_grid(points: Iterable[int]) -> Iterable[tuple[int, list[str], list[float]]]:
    states = PlanningState.objects.filter(supply_point__in=list(points), run__isnull=False)
    return states.values_list("supply_point_id", "run__slot_starts", "run__series__grid")


def _hours(asks: Sequence[Ask], horizon: Horizon, now: datetime) -> Rows:
    """How long the car stands in each slot, in hours."""
    starts = np.array([(start - now) / _HOUR for start in horizon.starts])[None, :]
    ends = starts + np.array(horizon.hours)[None, :]
    arrivals = np.array([(ask.arrives_at - now) / _HOUR for ask in asks])[:, None]
    departures = np.array([(ask.departs_at - now) / _HOUR for ask in asks])[:, None]
    return np.maximum(np.minimum(ends, departures) - np.maximum(starts, arrivals), 0.0)
