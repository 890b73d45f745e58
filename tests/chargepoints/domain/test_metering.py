from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoints.domain.metering import (
    ENERGY_EXPORT,
    ENERGY_IMPORT,
    POWER_IMPORT,
    SOC,
    Sample,
    checked,
    most_w,
    register_flaw,
    to_base,
    with_totals,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unit", "base"), [("kWh", (1500.0, "Wh")), ("KWH ", (1500.0, "Wh")), ("kw", (1500.0, "W")), ("Hz", (1.5, "Hz"))]
)
def test_units_are_read_in_any_letters_and_unknown_ones_kept(unit: str, base: tuple[float, str]) -> None:
    assert to_base(1.5, unit) == base


@pytest.mark.parametrize(
    ("measurand", "value", "unit", "flaw"),
    [
        (ENERGY_IMPORT, 5.0, "Wh", ""),
        (ENERGY_IMPORT, 5.0, "MWh", "unit"),
        (POWER_IMPORT, 5.0, "Wh", "unit"),
        (SOC, 100.0, "%", ""),
        (SOC, 101.0, "%", "range"),
        ("Voltage", -5.0, "", ""),
    ],
)
def test_what_cannot_be_true_by_itself_is_marked(measurand: str, value: float, unit: str, flaw: str) -> None:
    assert checked(Sample(NOW, measurand, value, unit)).flaw == flaw


def phases(*names: str, flaw: str = "") -> list[Sample]:
    return [Sample(NOW, POWER_IMPORT, 1000.0, "W", phase=name, flaw=flaw) for name in names]


def test_phases_alone_get_their_sum() -> None:
    assert [one.value for one in with_totals(phases("L1", "L2", "L3")) if not one.phase] == [3000.0]


@pytest.mark.parametrize(
    "samples",
    [[*phases("L1", "L2"), *phases("")], phases("L1-L2", "L2-L3"), phases("N"), phases("L1", flaw="unreadable")],
)
def test_a_sum_that_is_there_or_makes_no_sense_is_not_made(samples: list[Sample]) -> None:
    assert with_totals(samples) == samples


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 5_000)), max_size=40))
def test_whatever_a_register_tells_no_more_is_believed_than_power_allows(steps: list[tuple[int, int]]) -> None:
    at, told_wh = NOW, 0.0
    first = previous = Sample(at, ENERGY_IMPORT, told_wh, "Wh")
    for seconds, rise_wh in steps:
        at, told_wh = at + timedelta(seconds=seconds), told_wh + rise_wh
        sample = Sample(at, ENERGY_IMPORT, told_wh, "Wh")
        if not register_flaw(first=first, previous=previous, sample=sample, max_power_w=11_000):
            previous = sample
    hours = (at - NOW).total_seconds() / 3600
    assert previous.value <= 11_000 * hours * 1.1 + 50


def test_where_nobody_knows_the_power_only_a_register_that_runs_backwards_is_doubted() -> None:
    last = Sample(NOW, ENERGY_IMPORT, 1_000, "Wh")
    told = [Sample(NOW, ENERGY_IMPORT, value, "Wh") for value in (900_000, 999)]
    flaws = [register_flaw(first=None, previous=last, sample=one, max_power_w=None) for one in told]
    assert flaws == ["", "backwards"]


@pytest.mark.parametrize(
    ("measurand", "power_w"),
    [(ENERGY_IMPORT, 22_000), (ENERGY_EXPORT, 0), ("Energy.Active.Export.Interval", 0), ("Energy.Active.Net", 22_000)],
)
def test_energy_passes_at_the_power_of_its_direction(measurand: str, power_w: float) -> None:
    assert most_w(measurand, max_power_w=22_000, max_discharge_w=0) == power_w
