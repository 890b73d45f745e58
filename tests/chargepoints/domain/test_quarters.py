from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoints.domain.quarters import by_quarter, quarter_start

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_energy_between_two_readings_is_spread_evenly_over_the_quarters() -> None:
    pieces = by_quarter([(at(10), 0.0), (at(40), 3000.0)])
    assert pieces == [(at(0), 500.0), (at(15), 1500.0), (at(30), 1000.0)]


def test_two_readings_of_the_same_moment_count_in_its_own_quarter() -> None:
    assert by_quarter([(at(20), 100.0), (at(20), 130.0)]) == [(at(15), 30.0)]


def test_a_single_reading_has_no_energy() -> None:
    assert by_quarter([(at(3), 700.0)]) == []


def test_a_quarter_starts_at_the_full_quarter_of_utc() -> None:
    assert quarter_start(at(29.9)) == at(15)


@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.floats(0, 50_000, allow_nan=False)),
        min_size=2,
        max_size=20,
        unique_by=lambda item: item[0],
    )
)
def test_the_pieces_add_up_to_the_register(readings: list[tuple[int, float]]) -> None:
    times = sorted(minute for minute, _ in readings)
    values = sorted(value for _, value in readings)
    register = [(at(minute), value) for minute, value in zip(times, values, strict=True)]
    assert sum(wh for _, wh in by_quarter(register)) == pytest.approx(values[-1] - values[0], abs=1e-6)
