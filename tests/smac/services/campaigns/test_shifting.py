"""Arithmetic of an offer."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from smac.services.campaigns import shifting

CENTS = st.integers(0, 100_000).map(lambda cents: Decimal(cents) / 100)
RATES = st.integers(1, 20_000).map(lambda parts: Decimal(parts) / 10_000)


@given(CENTS, RATES)
def test_what_a_budget_pays_for_never_costs_more_than_it(money: Decimal, per_kwh: Decimal) -> None:
    assert shifting.incentive(shifting.affordable_wh(money, per_kwh), per_kwh) <= money


@given(st.lists(st.floats(0, 50_000), max_size=20), st.floats(0, 100_000))
def test_what_is_cut_keeps_its_first_quarters(shifts: list[float], most_wh: float) -> None:
    kept = shifting.cut_to(shifts, most_wh)
    assert shifting.energy_wh(kept) <= most_wh + 1e-6
    assert all(after <= before for before, after in zip(shifts, kept, strict=True))


@given(st.lists(st.tuples(st.integers(-9_000, 9_000), st.integers(-9_000, 9_000), st.integers(-9_000, 9_000))))
def test_delivered_is_never_more_than_promised_in_either_direction(rows: list[tuple[int, int, int]]) -> None:
    baseline, promised, measured = ([row[part] for row in rows] for part in range(3))
    for is_less in (True, False):
        most = shifting.energy_wh(shifting.shifts_w(baseline, promised, is_less=is_less))
        delivered = shifting.delivered_wh(baseline, promised, measured, is_less=is_less)
        assert 0 <= delivered <= most + 1


def test_money_is_rounded_to_the_cent() -> None:
    assert shifting.incentive(1_234, Decimal("0.2500")) == Decimal("0.31")
