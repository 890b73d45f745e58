from datetime import UTC, datetime, timedelta

import pytest

from chargepoints.domain import clock

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
UNSET = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "believed"),
    [
        (NOW, True),
        (NOW - timedelta(days=400), True),
        (NOW + timedelta(hours=14), True),
        (NOW + timedelta(days=2), False),
        (UNSET, False),
        (datetime.min.replace(tzinfo=UTC), False),
        (datetime.max.replace(tzinfo=UTC), False),
    ],
)
def test_old_is_believed_and_what_no_clock_shows_is_not(at: datetime, believed: bool) -> None:
    assert clock.believable(at, NOW) is believed
    assert clock.corrected(at, NOW) == (at if believed else NOW)


def test_a_wrong_moment_is_moved_by_what_the_clock_was_wrong_and_never_beyond_now() -> None:
    offset = NOW - timedelta(hours=1) - UNSET
    assert clock.corrected(UNSET + timedelta(minutes=5), NOW, offset) == NOW - timedelta(minutes=55)
    assert clock.corrected(UNSET + timedelta(hours=5), NOW, offset) == NOW
    assert clock.corrected(datetime.max.replace(tzinfo=UTC), NOW, offset) == NOW


def test_what_the_clock_told_can_be_read_back() -> None:
    assert clock.offset(clock.flaw(UNSET), NOW) == NOW - UNSET
    assert clock.offset("start missing", NOW) == timedelta()
