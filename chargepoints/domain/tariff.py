"""One price function for quote, running cost and receipt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class TariffTerms:
    """What a kilowatt-hour and a minute cost. Money per kWh, per session or per minute, in ``currency``.

    With ``follows_market`` the energy price is the market price of the slot plus ``energy_price_per_kwh``.
    """

    currency: str
    energy_price_per_kwh: Decimal
    follows_market: bool
    session_fee: Decimal = Decimal(0)
    export_price_per_kwh: Decimal = Decimal(0)
    pickup_grace_minutes: int = 15
    penalty_per_minute: Decimal = Decimal(0)


@dataclass(frozen=True)
class EnergySlice:
    """Energy of one quarter of an hour: ``wh`` > 0 from the grid, < 0 back to it."""

    starts_at: datetime
    wh: float


@dataclass(frozen=True)
class CostBreakdown:
    """Money by component, each rounded to the cent; ``total`` is their sum."""

    currency: str
    energy: Decimal
    session_fee: Decimal
    export_credit: Decimal
    penalty: Decimal
    energy_wh: float
    export_wh: float

    @property
    def total(self) -> Decimal:
        return self.energy + self.session_fee + self.penalty - self.export_credit


def energy_price(terms: TariffTerms, market_price_per_kwh: Decimal) -> Decimal:
    """Price of a kWh drawn in a slot with this market price. A price never goes below zero for a driver."""
    if not terms.follows_market:
        return terms.energy_price_per_kwh
    return max(market_price_per_kwh + terms.energy_price_per_kwh, Decimal(0))


def cost(
    *,
    slices: Sequence[EnergySlice],
    terms: TariffTerms,
    market_price_at: Callable[[datetime], Decimal],
    overdue_minutes: int = 0,
) -> CostBreakdown:
    """What a session costs: energy slot by slot, the fee, the penalty, less what was given back."""
    drawn = Decimal(0)
    credit = Decimal(0)
    for piece in slices:
        kwh = Decimal(str(abs(piece.wh))) / 1000
        if piece.wh >= 0:
            drawn += kwh * energy_price(terms, market_price_at(piece.starts_at))
        else:
            credit += kwh * terms.export_price_per_kwh
    return CostBreakdown(
        currency=terms.currency,
        energy=_rounded(drawn),
        session_fee=_rounded(terms.session_fee),
        export_credit=_rounded(credit),
        penalty=_rounded(terms.penalty_per_minute * overdue_minutes),
        energy_wh=sum(piece.wh for piece in slices if piece.wh > 0),
        export_wh=-sum(piece.wh for piece in slices if piece.wh < 0),
    )


def nothing(currency: str) -> CostBreakdown:
    """What a session costs that is not billed."""
    zero = Decimal("0.00")
    return CostBreakdown(
        currency=currency, energy=zero, session_fee=zero, export_credit=zero, penalty=zero, energy_wh=0.0, export_wh=0.0
    )


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
