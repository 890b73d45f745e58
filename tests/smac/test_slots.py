"""The grid of quarter hours."""

from datetime import timedelta

import pytest

from smac.slots import Horizon, quarters
from tests.factories import NOW

M = timedelta(minutes=1)


def test_the_first_slot_is_what_is_left_of_the_quarter_and_the_others_are_whole():
    horizon = Horizon.at(NOW + 4 * M + timedelta(seconds=30, microseconds=7))
    assert horizon.starts[:3] == (NOW + timedelta(seconds=270), NOW + 15 * M, NOW + 30 * M)
    assert horizon.hours[0] == pytest.approx(10.5 / 60)
    assert set(horizon.hours[1:]) == {0.25}
    assert len(horizon.starts) == 96
    assert horizon.aligned[0] == NOW
    assert horizon.end == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("minutes", "from_slot", "until_slot", "whole"),
    [(-5, 0, 0, 0), (0, 0, 0, 0), (5, 0, 1, 0), (15, 1, 1, 1), (16, 1, 2, 1), (2000, 96, 96, 96)],
)
def test_limits_hold_in_every_slot_that_they_touch_and_energy_counts_in_whole_slots(
    minutes, from_slot, until_slot, whole
):
    horizon, at = Horizon.at(NOW), NOW + minutes * M
    assert horizon.touched_from(at) == from_slot
    assert horizon.touched_until(at) == until_slot
    assert horizon.whole_until(at) == whole


def test_quarters_are_those_that_overlap_a_span():
    assert quarters(NOW + 14 * M, NOW + 31 * M) == [NOW, NOW + 15 * M, NOW + 30 * M]


def test_slots_are_cut_where_somebody_leaves_or_an_order_begins():
    horizon = Horizon.at(NOW + 4 * M).cut([NOW + 22 * M + timedelta(seconds=40), NOW + 30 * M, NOW, NOW + 2000 * M])
    assert horizon.starts[:4] == (NOW + 4 * M, NOW + 15 * M, NOW + 22 * M, NOW + 30 * M)
    assert horizon.hours[:4] == pytest.approx((11 / 60, 7 / 60, 8 / 60, 0.25))
    assert horizon.aligned[:4] == (NOW, NOW + 15 * M, NOW + 15 * M, NOW + 30 * M)
    assert (horizon.ends_of(1), horizon.ends_of(96)) == (NOW + 22 * M, horizon.end)
    assert (horizon.whole_until(NOW + 22 * M), horizon.touched_until(NOW + 22 * M)) == (2, 2)
    assert len(horizon.starts) == 97
