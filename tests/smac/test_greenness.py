"""Green shares."""

import pytest

from smac import greenness


@pytest.mark.parametrize(("co2", "share"), [(0, 1), (470, 0.3733), (750, 0), (900, 0), (None, 0)])
def test_a_grids_share_comes_from_its_co2_and_is_nothing_where_nothing_is_known(co2, share):
    assert greenness.grid_share(co2) == pytest.approx(share, abs=1e-4)


def test_own_surplus_is_green_and_the_rest_as_green_as_the_grid():
    share, grams = greenness.of_curve(
        power_w=(10_000, -5_000, 10_000), own_w=(10_000, 0, 5_000), hours=(1, 1, 1), co2_g_per_kwh=(500, 500, 375)
    )
    assert share == pytest.approx((10 + 5 + 5 * 0.5) / 20)
    assert grams == pytest.approx(5 * 375)


def test_a_curve_without_energy_has_no_share():
    assert greenness.of_curve(power_w=(0.0,), own_w=(0.0,), hours=(1.0,), co2_g_per_kwh=(None,)) == (0.0, 0.0)
