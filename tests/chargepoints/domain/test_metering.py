from datetime import UTC, datetime

import pytest

from chargepoints.domain.metering import ENERGY_IMPORT, POWER_IMPORT, SOC, Sample, checked, to_base, with_totals

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
