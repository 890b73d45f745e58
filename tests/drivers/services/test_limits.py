"""How long a reservation and a parked car may last."""

from datetime import timedelta

import pytest

from drivers.services.limits import overdue_minutes, reservation_until
from tests.factories import NOW


@pytest.mark.parametrize(("drive_s", "minutes"), [(None, 30), (0, 10), (120, 10), (20 * 60, 35), (90 * 60, 60)])
def test_a_reservation_lasts_as_long_as_the_way_within_ten_and_sixty_minutes(
    drive_s: float | None, minutes: int
) -> None:
    assert reservation_until(now=NOW, drive_s=drive_s) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(("seconds", "minutes"), [(-60, 0), (0, 0), (1, 1), (60, 1), (61, 2), (600, 10)])
def test_each_begun_minute_after_the_time_counts(seconds: int, minutes: int) -> None:
    assert overdue_minutes(pick_up_by=NOW, until=NOW + timedelta(seconds=seconds)) == minutes


def test_at_home_nothing_is_ever_overdue() -> None:
    assert overdue_minutes(pick_up_by=None, until=NOW) == 0
