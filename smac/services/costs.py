"""What a session costs: one function for quote, running cost and receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from chargepoints.domain import tariff
from chargepoints.domain.tariff import CostBreakdown, EnergySlice, TariffTerms
from chargepoints.models import ChargePoint, SupplyPoint, Transaction
from chargepoints.services import registers, reviews, transactions
from smac.models import ChargingNeed
from smac.services import prices
from smac.slots import SLOT, floor

# A charge point without a tariff is a private one: its owner pays what the market asks.
AT_MARKET = TariffTerms(currency="EUR", energy_price_per_kwh=Decimal(0), follows_market=True)


def terms_of(charge_point: ChargePoint) -> TariffTerms:
    """The tariff that holds at a charge point."""
    return charge_point.tariff.terms() if charge_point.tariff else AT_MARKET


def session_cost(*, transaction: Transaction, now: datetime, overdue_minutes: int = 0) -> CostBreakdown:
    """What a transaction has cost so far, or cost in the end: the measured energy at the price of its quarter.

    Nothing, while it is to be checked by staff.
    """
    if reviews.is_withheld(transaction):
        return tariff.nothing(terms_of(transaction.charge_point).currency)
    slices = reviews.billed_energy(transaction)
    return cost_of(charge_point=transaction.charge_point, slices=slices, now=now, overdue_minutes=overdue_minutes)


def expected_cost(
    *,
    need: ChargingNeed,
    starts: Sequence[datetime],
    hours: Sequence[float],
    power_w: Sequence[float],
    now: datetime,
    market_price_at: Callable[[datetime], Decimal] | None = None,
) -> CostBreakdown:
    """What a session will have cost: measured so far, then as planned."""
    measured = registers.quarter_hour_energy(need.transaction) if need.transaction else []
    slices = [*measured, *planned_slices(starts=starts, hours=hours, power_w=power_w)]
    return cost_of(charge_point=need.evse.charge_point, slices=slices, now=now, market_price_at=market_price_at)


def market_of(
    supply_point: SupplyPoint, needs: Iterable[ChargingNeed], *, until: datetime, now: datetime
) -> Callable[[datetime], Decimal]:
    """The market price from the first of some sessions on, read once for all of them."""
    begun = [need.transaction.started_at for need in needs if need.transaction]
    return prices.reader(supply_point=supply_point, start=min([now, *begun]), end=until, known_at=now)


def planned_slices(
    *, starts: Sequence[datetime], hours: Sequence[float], power_w: Sequence[float]
) -> list[EnergySlice]:
    """Planned power as energy by quarter."""
    rows = zip(starts, hours, power_w, strict=True)
    return [EnergySlice(floor(start), power * length) for start, length, power in rows if power]


def cost_of(
    *,
    charge_point: ChargePoint,
    slices: Sequence[EnergySlice],
    now: datetime,
    overdue_minutes: int = 0,
    market_price_at: Callable[[datetime], Decimal] | None = None,
) -> CostBreakdown:
    """The cost of energy slices at a charge point, at the market prices known at `now` (or those given)."""
    return tariff.cost(
        slices=slices,
        terms=terms_of(charge_point),
        market_price_at=market_price_at or _market(charge_point, slices, now),
        overdue_minutes=overdue_minutes,
    )


def _market(charge_point: ChargePoint, slices: Sequence[EnergySlice], now: datetime) -> Callable[[datetime], Decimal]:
    if not slices:
        return prices.from_curve([])
    moments = [piece.starts_at for piece in slices]
    return prices.reader(
        supply_point=charge_point.supply_point, start=min(moments), end=max(moments) + SLOT, known_at=now
    )


def settle(*, transaction: Transaction, now: datetime, overdue_minutes: int = 0) -> CostBreakdown:
    """Compute what a transaction cost and keep it on its row."""
    cost = session_cost(transaction=transaction, now=now, overdue_minutes=overdue_minutes)
    transactions.settle(transaction_row=transaction, cost=cost)
    return cost
