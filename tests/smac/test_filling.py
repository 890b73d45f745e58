"""Closed-form curves for estimates."""

import pytest

from smac.filling import fill, ranks
from smac.optimisation.problem import Mode

ONE_HOUR = (1.0, 1.0, 1.0, 1.0)


def filled(mode, energy_wh=15_000, price=(4, 3, 1, 2), surplus=(0, 0, 0, 0), co2=(100, 300, 200, 400), limit=10_000):
    order = ranks(mode, price=price, surplus_w=surplus, co2=co2, power_w=limit)
    return fill(energy_wh=energy_wh, limits_w=(limit,) * 4, hours=ONE_HOUR, ranks=order)


@pytest.mark.parametrize(
    ("mode", "power"),
    [
        (Mode.FAST, (10_000, 5_000, 0, 0)),
        (Mode.CHEAP, (0, 0, 10_000, 5_000)),
        (Mode.GREEN, (10_000, 0, 5_000, 0)),
        (Mode.BASIC, (3_750, 3_750, 3_750, 3_750)),
    ],
)
def test_each_mode_takes_its_own_slots(mode, power):
    assert filled(mode).power_w == pytest.approx(power)


def test_green_prefers_own_surplus_to_any_mix():
    assert filled(Mode.GREEN, energy_wh=10_000, surplus=(0, 0, 0, 10_000)).power_w == (0, 0, 0, 10_000)


def test_the_end_lies_within_the_last_slot_at_full_power():
    done = filled(Mode.FAST)
    assert (done.last_slot, done.last_slot_hours, done.missing_wh) == (1, 0.5, 0)


def test_what_does_not_fit_is_told():
    assert filled(Mode.FAST, energy_wh=50_000).missing_wh == 10_000
    assert filled(Mode.BASIC, energy_wh=50_000).missing_wh == pytest.approx(10_000)


def test_without_any_room_nothing_is_charged_and_all_is_missing():
    done = fill(energy_wh=1_000, limits_w=(0.0,) * 4, hours=ONE_HOUR, ranks=None)
    assert (done.power_w, done.missing_wh) == ((0.0,) * 4, 1_000)
