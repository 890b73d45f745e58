"""Plugs that fit, and what flows through them."""

import pytest

from drivers.services.plugs import best, charge_power_w, fitting

T2, CCS, CHADEMO, SCHUKO = "IEC_62196_T2", "IEC_62196_T2_COMBO", "CHADEMO", "DOMESTIC_F"


def test_a_car_fits_its_own_plug_and_no_foreign_one() -> None:
    assert T2 in fitting(T2)
    assert not fitting(T2) & {CCS, CHADEMO, SCHUKO}
    assert CHADEMO not in fitting(CCS)


def test_a_combo_inlet_takes_a_type_2_plug() -> None:
    assert fitting(CCS) == {CCS, T2}


@pytest.mark.parametrize(
    ("vehicle", "socket", "vehicle_max_w", "evse_max_w", "power_w"),
    [
        (CCS, CCS, 150_000, 50_000, 50_000),
        (CCS, CCS, 40_000, 50_000, 40_000),
        (CCS, T2, 150_000, 22_000, 11_000),
        (T2, T2, 22_000, 22_000, 22_000),
        (T2, T2, 7_400, 22_000, 7_400),
    ],
)
def test_power_is_what_socket_car_and_charger_on_board_allow(
    vehicle: str, socket: str, vehicle_max_w: int, evse_max_w: int, power_w: int
) -> None:
    power = charge_power_w(
        vehicle_standard=vehicle, socket_standard=socket, vehicle_max_w=vehicle_max_w, evse_max_w=evse_max_w
    )
    assert power == power_w


def test_of_several_sockets_a_car_takes_the_one_of_its_own_inlet() -> None:
    assert best(CHADEMO, [T2, CHADEMO]) == CHADEMO
    assert best(CHADEMO, [T2]) == T2
    assert best(T2, [CHADEMO]) == ""
