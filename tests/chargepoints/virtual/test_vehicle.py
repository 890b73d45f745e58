import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoints.virtual import Vehicle


def test_it_takes_the_least_of_limit_and_own_maximum() -> None:
    car = Vehicle(max_charge_w=7_400)
    assert car.step(0, 11_000) == 7_400
    assert car.step(0, 5_000) == 5_000


def test_losses_stay_outside_the_battery_both_ways() -> None:
    car = Vehicle(capacity_wh=50_000, energy_wh=20_000, efficiency=0.9, max_discharge_w=9_000)
    car.step(3_600, 10_000)
    assert car.energy_wh == pytest.approx(29_000)
    assert car.step(3_600, -9_000) == -9_000
    assert car.energy_wh == pytest.approx(19_000)


def test_a_limit_below_its_minimum_is_a_pause() -> None:
    car = Vehicle(min_power_w=4_140)
    assert car.step(60, 4_000) == 0
    assert car.step(60, 4_140) == 4_140


def test_the_power_falls_above_the_knee_until_the_battery_is_full() -> None:
    car = Vehicle(capacity_wh=50_000, energy_wh=39_000, taper_from_percent=80, max_charge_w=10_000)
    powers = [car.step(60, 11_000) for _ in range(600)]
    assert powers[0] == 10_000
    assert powers == sorted(powers, reverse=True)
    assert car.is_full
    assert car.energy_wh == 50_000
    assert powers[-1] == 0


def test_it_gives_nothing_below_its_floor_nor_without_being_able_to() -> None:
    car = Vehicle(capacity_wh=50_000, energy_wh=6_000, floor_percent=10, efficiency=1.0, max_discharge_w=5_000)
    assert car.step(3_600, -5_000) == -1_000
    assert car.energy_wh == 5_000
    assert car.step(3_600, -5_000) == 0
    assert Vehicle().step(60, -5_000) == 0


@given(
    limits=st.lists(st.floats(-30_000, 30_000), max_size=40),
    soc=st.floats(10, 100),
    dt_s=st.floats(0, 7_200),
)
def test_no_limit_ever_brings_the_battery_out_of_its_bounds(limits: list[float], soc: float, dt_s: float) -> None:
    car = Vehicle(capacity_wh=40_000, energy_wh=400 * soc, max_discharge_w=11_000)
    for limit_w in limits:
        power_w = car.step(dt_s, limit_w)
        assert min(limit_w, 0) <= power_w <= max(limit_w, 0)
        assert 4_000 - 1e-3 <= car.energy_wh <= 40_000
