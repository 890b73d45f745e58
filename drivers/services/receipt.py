"""The receipt's lines: at which price which part of the energy was taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from chargepoints.domain import tariff
from chargepoints.services import reviews
from drivers.models import ChargeSession
from smac.services import costs, prices
from smac.slots import SLOT


@dataclass(frozen=True, slots=True)
class Line:
    """Neighbouring quarters of one price, money per kWh. What was given back is a line of its own (``wh`` < 0)."""

    starts_at: datetime
    ends_at: datetime
    wh: float
    price_per_kwh: Decimal


def lines(*, session: ChargeSession, now: datetime) -> list[Line]:
    """The billed energy in the order of time, by the terms and market prices that the cost is computed with."""
    row = session.transaction
    slices = sorted(reviews.billed_energy(row), key=lambda piece: (piece.wh < 0, piece.starts_at)) if row else []
    if row is None or not slices:
        return []
    terms = costs.terms_of(row.charge_point)
    moments = [piece.starts_at for piece in slices]
    point = row.charge_point.supply_point
    market = prices.reader(supply_point=point, start=min(moments), end=max(moments) + SLOT, known_at=now)
    found = [
        Line(
            piece.starts_at,
            piece.starts_at + SLOT,
            piece.wh,
            tariff.energy_price(terms, market(piece.starts_at)) if piece.wh > 0 else terms.export_price_per_kwh,
        )
        for piece in slices
    ]
    return _joined(found)


def _joined(found: Iterable[Line]) -> list[Line]:
    joined: list[Line] = []
    for line in found:
        last = joined[-1] if joined else None
        alike = last and last.price_per_kwh == line.price_per_kwh and (last.wh > 0) == (line.wh > 0)
        if last and alike and last.ends_at == line.starts_at:
            joined[-1] = replace(last, ends_at=line.ends_at, wh=last.wh + line.wh)
        else:
            joined.append(line)
    return joined


def mean_price(*, amount: Decimal, energy_wh: float) -> Decimal | None:
    """What a kWh cost on the average; None below one, where the cents of the amount would bend it."""
    return amount / (Decimal(str(energy_wh)) / 1000) if energy_wh >= 1000 else None
