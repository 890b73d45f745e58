"""A plan can be kept as text, and its curves become periods of a charging profile."""

import pytest

from smac.optimisation.plan import Period, merge_periods, plan_from_json, plan_to_json
from smac.optimisation.solve import solve
from tests.smac.optimisation.scenes import mixed


def test_equal_slots_are_one_period() -> None:
    assert merge_periods([0, 0, 11_000, 11_000, 0]) == (Period(0, 0), Period(2, 11_000), Period(4, 0))


def test_a_curve_without_slots_has_no_periods() -> None:
    assert merge_periods([]) == ()


def test_within_the_tolerance_the_lowest_counts() -> None:
    assert merge_periods([1_000.4, 1_000, 1_000.9]) == (Period(0, 1_000),)
    assert len(merge_periods([1_000, 1_000.9, 1_001.8])) == 2


def test_a_charger_with_few_periods_gets_the_closest_curve_below_the_plan() -> None:
    curve = [float(slot * 100) for slot in range(24)]
    periods = merge_periods(curve, max_periods=5)
    assert len(periods) <= 5
    for slot, power in enumerate(curve):
        at = [period.power_w for period in periods if period.first_slot <= slot][-1]
        assert at <= power


@pytest.mark.parametrize("most", [1, 2, 3])
def test_any_curve_fits_at_last(most: int) -> None:
    assert len(merge_periods([0, 22_000] * 48, max_periods=most)) <= most


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_comes_back_from_its_text(seed: int) -> None:
    plan = solve(mixed(seed), time_limit_s=0.0 if seed == 0 else 10.0)
    assert plan_from_json(plan_to_json(plan)) == plan
