"""What chargers write as moments, numbers and samples."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoints.ocpp import reading

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T09:00:00Z", NOW),
        ("2026-03-02T09:00:00.1234567Z", NOW.replace(microsecond=123456)),
        ("2026-03-02t10:00:00+01:00", NOW),
        ("2026-03-02 09:00:00", NOW),
        (" 2026-03-02T09:00:00z ", NOW),
        ("1970-01-01T00:00:07Z", datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)),
    ],
)
def test_moments_become_utc(text: str, moment: datetime) -> None:
    assert reading.moment(text, datetime(2000, 1, 1, tzinfo=UTC)) == moment


@pytest.mark.parametrize("text", ["", None, "yesterday", 12, {}, "2026-99-01T00:00:00Z", "0001-01-01T00:00:00+02:00"])
def test_unreadable_moments_become_now(text: Any) -> None:
    assert reading.moment(text, NOW) == NOW


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12.5", 12.5), ("12,5", 12.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), (7, 7.0), ("-3e2", -300.0),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_written(value: Any, number: float) -> None:
    assert reading.number(value) == number


@pytest.mark.parametrize("value", ["NaN", "inf", "", None, "12 kWh", "1_000", float("nan"), True, {}, "0x1F", 10**400])
def test_rubbish_is_no_number(value: Any) -> None:
    assert reading.number(value) is None


def test_numbers_of_connectors_fit_their_column() -> None:
    assert [reading.small_number(value) for value in (42, "3", -1, None, 10**9)] == [42, 3, 0, 0, 0]


def test_a_sample_is_in_base_units_with_ocpp_s_defaults() -> None:
    read = reading.sample(at=NOW, value="1,5", unit="kWh", fields={})
    assert (read.measurand, read.value, read.unit) == ("Energy.Active.Import.Register", 1500.0, "Wh")
    assert (read.context, read.location, read.flaw) == ("Sample.Periodic", "Outlet", "")


def test_the_unit_that_was_left_out_is_that_of_the_measurand() -> None:
    assert reading.sample(at=NOW, value="6", unit=None, fields={"measurand": "Current.Import"}).unit == "A"


def test_a_multiplier_counts() -> None:
    read = reading.sample(at=NOW, value=6, unit="W", multiplier=3, fields={"measurand": "Power.Active.Import"})
    assert read.value == 6000.0


def test_a_value_that_is_no_number_is_flagged_and_comes_last() -> None:
    bad = reading.sample(at=NOW, value="NaN", unit="Wh", fields={})
    good = reading.sample(at=NOW, value="5", unit="Wh", fields={})
    assert (bad.value, bad.flaw, bad.raw) == (0.0, "unreadable", "NaN")
    assert reading.readable_first([bad, good]) == (good, bad)


def test_a_token_loses_control_bytes_but_is_never_cut() -> None:
    assert reading.token("DEADBEEF\x00\x07 ") == "DEADBEEF"
    assert reading.token("A" * 40) == "A" * 40


def test_the_register_is_the_marked_sample_else_the_first_or_last() -> None:
    one = reading.sample(at=NOW, value="10", unit="Wh", fields={"context": "Sample.Clock"})
    two = reading.sample(at=NOW.replace(hour=10), value="20", unit="Wh", fields={"context": "Transaction.End"})
    phase = reading.sample(at=NOW, value="3", unit="Wh", fields={"phase": "L1"})
    assert reading.register_wh([two, one, phase], context="Transaction.Begin") == 10.0
    assert reading.register_wh([one, two], context="Transaction.End", last=True) == 20.0
    assert reading.register_wh([phase], context="Transaction.Begin") is None


@pytest.mark.parametrize(("value", "multiplier"), [("1e308", 12), ("1e308", 0), ("-1e16", 0), (10**15, 3)])
def test_a_value_beyond_all_meters_is_kept_as_unreadable(value: Any, multiplier: int) -> None:
    """Two of them would differ by no number at all, and energy would have none."""
    found = reading.sample(at=NOW, value=value, unit="Wh", multiplier=multiplier, fields={})
    assert (found.value, found.flaw, found.raw) == (0.0, reading.UNREADABLE, str(value))
