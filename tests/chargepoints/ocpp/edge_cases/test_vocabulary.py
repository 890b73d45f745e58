"""Every word that the standards have for meter values is kept whole."""

import json
from importlib.resources import files
from typing import Any

import pytest

from chargepoints.domain.metering import default_unit
from chargepoints.models import IdToken, MeterValue
from chargepoints.ocpp import reading
from tests.chargepoints.ocpp.conftest import NOW, Connect, rows
from tests.chargepoints.ocpp.edge_cases.test_meter_values import begun, block, tell
from tests.chargepoints.ocpp.words import minutes

FIELDS = ("measurand", "context", "location", "phase")
BASE = {
    "Wh": ("kWh", 1_000),
    "W": ("kW", 1_000),
    "VA": ("kVA", 1_000),
    "var": ("kvar", 1_000),
    "varh": ("kvarh", 1_000),
}


def words_of(version: str) -> dict[str, list[str]]:
    """The enumerations of a sampled value in the standard's own schema."""
    folder = files("ocpp") / f"v{version.replace('.', '')}" / "schemas"
    name = "MeterValues.json" if version == "1.6" else "MeterValuesRequest.json"
    found: dict[str, list[str]] = {}
    _collect(json.loads((folder / name).read_text(encoding="utf-8-sig")), found)
    return found


def _collect(node: Any, found: dict[str, list[str]]) -> None:
    """2.0.1 names its enumerations by type: MeasurandEnumType, ReadingContextEnumType, and so on."""
    if isinstance(node, list):
        for item in node:
            _collect(item, found)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        name = "context" if key == "ReadingContextEnumType" else key.removesuffix("EnumType").lower()
        if name in (*FIELDS, "unit") and isinstance(value, dict) and "enum" in value:
            found[name] = value["enum"]
        _collect(value, found)


ALL = [(version, field, word) for version in ("1.6", "2.0.1") for field in FIELDS for word in words_of(version)[field]]


@pytest.mark.parametrize(("version", "field", "word"), ALL)
def test_a_word_of_the_standard_is_kept_whole(version: str, field: str, word: str) -> None:
    sample = reading.sample(at=NOW, value="1", unit=None, fields={field: word})
    assert getattr(sample, field) == word
    assert sample.flaw == ""


def test_both_standards_were_read() -> None:
    assert {field: len(words) for field, words in words_of("1.6").items()} == {
        "measurand": 22,
        "context": 8,
        "location": 5,
        "phase": 10,
        "unit": 18,
    }
    assert len(words_of("2.0.1")["measurand"]) == 25


@pytest.mark.parametrize("word", words_of("1.6")["unit"])
def test_a_unit_of_1_6_is_kept_or_brought_to_its_base(word: str) -> None:
    sample = reading.sample(at=NOW, value="2.5", unit=word, fields={"measurand": "Temperature"})
    factors = {large: (base, factor) for base, (large, factor) in BASE.items()}
    spelled = {"Celcius": "Celsius", "Percent": "%"}
    base, factor = factors.get(word, (spelled.get(word, word), 1))
    assert (sample.unit, sample.value) == (base, 2.5 * factor)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_one_block_may_hold_every_measurand_and_each_is_kept_in_its_usual_unit(
    version: str, connect: Connect, token: IdToken
) -> None:
    words, names = await begun(version, connect), words_of(version)["measurand"]
    values = [{"value": 5 if version == "2.0.1" else "5", "measurand": name} for name in names]
    await tell(words, block(minutes(5), *values))
    kept = await rows(lambda: dict(MeterValue.objects.filter(at=minutes(5)).values_list("measurand", "unit")))
    assert set(kept) == set(names)
    assert (
        kept["Energy.Reactive.Import.Interval"]
        == reading.to_base(0, default_unit("Energy.Reactive.Import.Interval"))[1]
    )
    assert kept["SoC"] == "%"


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_value_by_each_phase_context_and_place_is_a_value_of_its_own(
    version: str, connect: Connect, token: IdToken
) -> None:
    words, told = await begun(version, connect), words_of(version)
    number = {"value": 7 if version == "2.0.1" else "7", "measurand": "Voltage"}
    values = [{**number, field: word} for field in ("phase", "context", "location") for word in told[field]]
    await tell(words, block(minutes(5), *values))
    # The usual context and place, left out or said, are the same.
    expected = len(values) - 1
    assert await rows(lambda: MeterValue.objects.filter(measurand="Voltage").count()) == expected
