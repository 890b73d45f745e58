"""What the battery holds."""

import pytest

from drivers.services import battery


def test_what_is_needed_brings_the_battery_to_its_target() -> None:
    needed = battery.energy_needed_wh(soc_percent=40, target_soc_percent=80, capacity_wh=50_000)
    assert needed == pytest.approx(20_000 / 0.92)


def test_nothing_is_needed_above_the_target() -> None:
    assert battery.energy_needed_wh(soc_percent=90, target_soc_percent=80, capacity_wh=50_000) == 0


def test_a_battery_is_never_emptier_than_empty() -> None:
    assert battery.after_driving(soc_percent=5, energy_wh=50_000, capacity_wh=50_000) == 0
