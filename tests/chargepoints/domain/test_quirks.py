"""The table of quirks, and messages put right by it."""

from zoneinfo import ZoneInfo

import pytest

from chargepoints.domain import quirks
from chargepoints.domain.quirks import NONE, Quirks, TableError

BERLIN = ZoneInfo("Europe/Berlin")
ROWS = [
    {"seen": "a", "vendor": "Acme*", "energy_unit": "kWh", "max_periods": 4},
    {"seen": "b", "vendor": "acme", "model": "Two", "firmware": "1.?.*", "max_periods": 1},
]


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (("Other", "Two", "1.2.3"), NONE),
        (("ACME Inc.", "Two", "1.2.3"), Quirks(energy_unit="kWh", max_periods=4)),
        (("Acme ", "two", "1.2.3"), Quirks(energy_unit="kWh", max_periods=1)),
        (("Acme", "Two", "2.2.3"), Quirks(energy_unit="kWh", max_periods=4)),
        (("", "", ""), NONE),
    ],
)
def test_entries_are_found_by_patterns_and_the_later_one_counts(told: tuple[str, str, str], found: Quirks) -> None:
    vendor, model, firmware = told
    assert quirks.of(quirks.parse(ROWS), vendor=vendor, model=model, firmware=firmware) == found


@pytest.mark.parametrize(
    "row",
    [
        {"vendor": "Acme"},
        {"seen": "a"},
        {"seen": "a", "vendor": "*", "local_time": True},
        {"seen": "a", "vendor": "Acme", "colour": "red"},
        {"seen": "a", "vendor": "Acme", "local_time": "yes"},
        {"seen": "a", "vendor": "Acme", "max_periods": "4"},
    ],
)
def test_an_entry_that_nobody_understands_or_that_is_about_everybody_is_an_error(row: dict[str, object]) -> None:
    with pytest.raises(TableError):
        quirks.parse([row])


def test_local_time_gets_its_zone_and_told_zones_stay() -> None:
    said = {
        "timestamp": "2026-07-01T12:00:00",
        "meterValue": [{"timestamp": "2026-07-01T12:00:00Z"}, {"timestamp": "?"}],
    }
    mended = quirks.mend(said, Quirks(local_time=True), BERLIN)
    assert mended["timestamp"] == "2026-07-01T12:00:00+02:00"
    assert mended["meterValue"] == said["meterValue"]


def test_energies_get_their_true_unit_in_both_versions_and_nothing_else_does() -> None:
    said = {
        "sampledValue": [
            {"value": "361", "unit": "Wh"},
            {"value": "361", "measurand": "Energy.Active.Export.Register"},
            {
                "value": 361,
                "measurand": "Energy.Active.Import.Register",
                "unitOfMeasure": {"unit": "Wh", "multiplier": 0},
            },
            {"value": "9451", "measurand": "Power.Active.Import", "unit": "W"},
            {"value": "AB", "format": "SignedData"},
        ]
    }
    first, second, third, power, signed = quirks.mend(said, Quirks(energy_unit="kWh"), BERLIN)["sampledValue"]
    assert first["unit"] == second["unit"] == "kWh"
    assert third["unitOfMeasure"] == {"unit": "kWh", "multiplier": 0}
    assert (power, signed) == (said["sampledValue"][3], said["sampledValue"][4])
    assert said["sampledValue"][0]["unit"] == "Wh"


def test_measurands_get_the_standard_s_names() -> None:
    said = {"sampledValue": [{"value": "80", "measurand": "EV.SoC"}]}
    mended = quirks.mend(said, Quirks(measurands=(("EV.SoC", "SoC"),)), BERLIN)
    assert mended["sampledValue"] == [{"value": "80", "measurand": "SoC"}]


def test_only_some_quirks_need_messages_put_right() -> None:
    assert Quirks(local_time=True).mends
    assert not Quirks(rate_unit="A", no_read_back=True).mends
