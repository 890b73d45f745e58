"""How green the energy of a session was that the meter counted, and what it would have been at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from chargepoints.models import Transaction
from chargepoints.services import registers
from smac import filling, greenness
from smac.models import Series
from smac.optimisation.problem import Mode
from smac.services import costs, series
from smac.services.at_once import fair_share
from smac.slots import SLOT, floor, quarters

_HOUR = timedelta(hours=1)
_KINDS = (Series.Kind.CO2, Series.Kind.PRODUCTION, Series.Kind.DEMAND)


@dataclass(frozen=True, slots=True)
class Footprint:
    """``green_share`` from 0 to 1; grams are None where nobody told the grid's mix.

    ``at_once_price``: what the same energy costs with full power from the start, by the same function, without penalty.
    """

    green_share: float
    co2_g: float | None
    at_once_co2_g: float | None
    at_once_price: Decimal


def of_transaction(*, transaction: Transaction, max_charge_w: float, now: datetime) -> Footprint | None:
    """Of what was drawn so far; None while nothing was. ``max_charge_w``: what charger and car can."""
    drawn = _drawn(transaction)
    if not drawn or max_charge_w <= 0:
        return None
    # A meter's clock may be behind: what it read before the start belongs to the session all the same.
    first = min(drawn)
    begun_at = first if first < floor(transaction.started_at) else transaction.started_at
    starts = quarters(begun_at, max(drawn) + SLOT)
    place = _Place.read(transaction, starts, now)
    hours = [_hours(start, begun_at) for start in starts]
    mine = [_power(drawn.get(start, 0.0), length) for start, length in zip(starts, hours, strict=True)]
    at_once = _filled(sum(drawn.values()), max_charge_w, hours)
    green, grams = place.greenness(mine, hours)
    _green, at_once_grams = place.greenness(at_once, hours)
    slices = costs.planned_slices(starts=starts, hours=hours, power_w=at_once)
    return Footprint(
        green_share=green,
        co2_g=grams,
        at_once_co2_g=at_once_grams,
        at_once_price=costs.cost_of(charge_point=transaction.charge_point, slices=slices, now=now).total,
    )


def _drawn(transaction: Transaction) -> dict[datetime, float]:
    """Wh by quarter, without what was given back."""
    found: dict[datetime, float] = defaultdict(float)
    for piece in registers.quarter_hour_energy(transaction):
        if piece.wh > 0:
            found[floor(piece.starts_at)] += piece.wh
    return dict(found)


def _hours(start: datetime, begun_at: datetime) -> float:
    return (start + SLOT - max(start, begun_at)) / _HOUR


def _power(energy_wh: float, hours: float) -> float:
    return energy_wh / hours if hours > 0 else 0.0


def _filled(energy_wh: float, max_charge_w: float, hours: Sequence[float]) -> tuple[float, ...]:
    ranks = filling.ranks(Mode.FAST, price=hours, surplus_w=(), co2=(), power_w=0.0)
    return filling.fill(energy_wh=energy_wh, limits_w=[max_charge_w] * len(hours), hours=hours, ranks=ranks).power_w


@dataclass(frozen=True, slots=True)
class _Place:
    """What the supply point had by quarter: own surplus and who else drew from it (W), and the grid's mix."""

    surplus_w: Sequence[float]
    others_w: Sequence[float]
    co2: Sequence[float | None]

    @classmethod
    def read(cls, transaction: Transaction, starts: Sequence[datetime], now: datetime) -> _Place:
        point = transaction.charge_point.supply_point
        window = {"start": starts[0], "end": starts[-1] + SLOT, "known_at": now}
        curves = {kind: series.curves(kind=kind, supply_points=[point], **window)[point.pk] for kind in _KINDS}
        told = {kind: [value for _start, value in curve] for kind, curve in curves.items()}
        surplus = [
            max((made or 0.0) - (used or 0.0), 0.0)
            for made, used in zip(told[Series.Kind.PRODUCTION], told[Series.Kind.DEMAND], strict=True)
        ]
        # Who else was there matters only where there is something to share.
        others = _others(transaction, starts) if any(surplus) else [0.0] * len(starts)
        return cls(surplus, others, told[Series.Kind.CO2])

    def greenness(self, power_w: Sequence[float], hours: Sequence[float]) -> tuple[float, float | None]:
        rows = zip(self.surplus_w, power_w, self.others_w, strict=True)
        own = [fair_share(surplus, mine, others) for surplus, mine, others in rows]
        green, grams = greenness.of_curve(power_w=power_w, own_w=own, hours=hours, co2_g_per_kwh=self.co2)
        return green, None if all(value is None for value in self.co2) else grams


def _others(transaction: Transaction, starts: Sequence[datetime]) -> list[float]:
    """Mean power of the other vehicles at the supply point by quarter."""
    total: dict[datetime, float] = defaultdict(float)
    for other in _beside(transaction, starts[0], starts[-1] + SLOT):
        for start, energy_wh in _drawn(other).items():
            total[start] += energy_wh / (SLOT / _HOUR)
    return [total[start] for start in starts]


def _beside(transaction: Transaction, start: datetime, end: datetime) -> Iterable[Transaction]:
    still = Q(ended_at=None) | Q(ended_at__gt=start)
    there = Transaction.objects.filter(still, charge_point__supply_point=transaction.charge_point.supply_point_id)
    return there.filter(started_at__lt=end).exclude(pk=transaction.pk).select_related("charge_point", "evse")
