"""When two schedules are the same, and where they are not."""

import pytest

from chargepoints.domain.charging_profile import Stretch
from chargepoints.domain.read_back import Difference, Hardware, difference

AC11 = Hardware(max_power_w=11_000, phases=3)
HOUR_S = 3_600
EXPECTED = (Stretch(0, 7_000.0), Stretch(900, 0.0), Stretch(1_800, 9_000.0))


def found(told, expected=EXPECTED, hardware=AC11, **values) -> Difference | None:
    return difference(expected, told, duration_s=HOUR_S, hardware=hardware, **values)


def test_the_same_schedule_is_no_difference() -> None:
    assert found([(0, 7_000.0), (900, 0.0), (1_800, 9_000.0)]) is None


def test_the_largest_distance_is_told_with_its_place() -> None:
    assert found([(0, 5_000.0), (900, 0.0), (1_800, 4_200.0)]) == Difference(1_800, 9_000.0, 4_200.0)


def test_rounding_and_clocks_that_are_seconds_apart_are_no_difference() -> None:
    assert found([(0, 6_999.5), (930, 0.0), (1_770, 9_080.0)]) is None


def test_whole_amperes_are_no_difference_in_amperes_and_one_in_watts() -> None:
    expected = (Stretch(0, 7_400.0),)
    assert found([(0, 6_900.0)], expected) is not None
    assert found([(0, 6_900.0)], expected, in_ampere=True) is None
    assert found([(0, 6_210.0)], expected, in_ampere=True) is not None


def test_below_six_amperes_all_is_off() -> None:
    low = (Stretch(0, 3_000.0),)
    assert found([(0, 0.0)], low) is None
    assert found([(0, 4_200.0)], low) is not None
    assert found([(0, -3_000.0)], (Stretch(0, 0.0),), Hardware(11_000, 11_000)) is not None


def test_beyond_what_the_evse_can_all_is_its_maximum() -> None:
    assert found([(0, 43_000.0)], (Stretch(0, 22_000.0),)) is None
    assert found([(0, 11_000.0)], (Stretch(0, None),)) is None
    assert found([(0, 4_200.0)], (Stretch(0, None),)) == Difference(0, 11_000.0, 4_200.0)


@pytest.mark.parametrize("told", [[], [(4_000, 5_000.0)]])
def test_a_charger_that_tells_nothing_differs_in_nothing(told) -> None:
    assert found(told) is None


def test_evses_that_share_a_limit_of_the_whole_may_have_less_but_not_more() -> None:
    whole = (Stretch(0, 10_000.0),)
    assert found([(0, 5_000.0)], whole, shared_by=2) is None
    assert found([(0, 4_200.0)], whole, shared_by=2) is not None
    assert found([(0, 5_000.0)], whole) is not None
