from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chargepoints.domain.tariff import EnergySlice, TariffTerms, cost

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MARKET = TariffTerms(
    currency="EUR",
    energy_price_per_kwh=Decimal("0.20"),
    follows_market=True,
    session_fee=Decimal("0.35"),
    export_price_per_kwh=Decimal("0.18"),
    penalty_per_minute=Decimal("0.10"),
)


def market(moment: datetime) -> Decimal:
    return Decimal("0.05") if moment < NOON + timedelta(hours=1) else Decimal("0.15")


def test_each_quarter_is_charged_at_its_own_market_price_plus_the_markup() -> None:
    slices = [EnergySlice(NOON, 2000), EnergySlice(NOON + timedelta(hours=1), 1000)]
    assert cost(slices=slices, terms=MARKET, market_price_at=market).energy == Decimal("0.85")


def test_energy_given_back_is_credited_and_never_mixed_with_energy_drawn() -> None:
    result = cost(slices=[EnergySlice(NOON, 1000), EnergySlice(NOON, -2000)], terms=MARKET, market_price_at=market)
    assert (result.energy, result.export_credit) == (Decimal("0.25"), Decimal("0.36"))
    assert (result.energy_wh, result.export_wh) == (1000, 2000)


def test_the_total_is_the_sum_of_what_is_shown() -> None:
    result = cost(slices=[EnergySlice(NOON, 1000)], terms=MARKET, market_price_at=market, overdue_minutes=7)
    assert result.total == result.energy + result.session_fee + result.penalty == Decimal("1.30")


def test_a_fixed_tariff_ignores_the_market() -> None:
    fixed = TariffTerms(currency="EUR", energy_price_per_kwh=Decimal("0.40"), follows_market=False)
    assert cost(slices=[EnergySlice(NOON, 500)], terms=fixed, market_price_at=market).total == Decimal("0.20")


def test_a_very_negative_market_price_never_makes_a_driver_earn_by_drawing() -> None:
    result = cost(slices=[EnergySlice(NOON, 1000)], terms=MARKET, market_price_at=lambda _: Decimal("-0.50"))
    assert result.energy == 0
