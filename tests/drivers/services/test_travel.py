"""The way to a station."""

import pytest

from drivers.services.travel import Position, straight_line_m, trip

STEINHEIM = Position(51.8660, 9.0947)
HAGEDORN = Position(51.8690, 9.1680)


def test_a_degree_of_latitude_is_about_111_km() -> None:
    assert straight_line_m(Position(50, 9), Position(51, 9)) == pytest.approx(111_195, abs=10)


def test_streets_are_longer_than_the_straight_line() -> None:
    drive = trip(STEINHEIM, HAGEDORN, consumption_wh_per_km=200)
    assert drive.distance_m > straight_line_m(STEINHEIM, HAGEDORN)
    assert drive.energy_wh == pytest.approx(drive.distance_m / 5)


def test_twice_as_far_takes_longer_but_not_twice_as_long() -> None:
    near = trip(Position(50, 9), Position(50.1, 9), consumption_wh_per_km=170)
    far = trip(Position(50, 9), Position(50.2, 9), consumption_wh_per_km=170)
    assert near.drive_s < far.drive_s < 2 * near.drive_s


def test_at_the_station_only_parking_is_left() -> None:
    assert trip(STEINHEIM, STEINHEIM, consumption_wh_per_km=170).drive_s == 120
