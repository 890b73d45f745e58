"""How things are written."""

from dataclasses import replace

import pytest

from chargepoints.virtual import VirtualChargePoint
from chargepoints.virtual.manner import USUAL, Manner
from chargepoints.virtual.samples import REGISTER, Sample

from .conftest import START
from .test_charge_point import charge
from .words import Words


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("utc", "2026-03-02T08:00:00.000Z"),
        ("whole seconds", "2026-03-02T08:00:00Z"),
        ("no zone", "2026-03-02T08:00:00"),
        ("offset", "2026-03-02T08:00:00+00:00"),
    ],
)
def test_times_are_written_in_four_ways(style: str, expected: str) -> None:
    assert Manner(time_style=style).stamp(START) == expected


def test_a_clock_may_be_wrong() -> None:
    assert Manner(clock_error_s=-3_600, time_style="whole seconds").stamp(START) == "2026-03-02T07:00:00Z"


def test_units_and_decimals() -> None:
    register, power = Sample(REGISTER, 12_345, "Wh"), Sample("Power.Active.Import", 7_400.5, "W")
    assert USUAL.text(register) == ("12345", "Wh")
    assert Manner(energy_in_kwh=True, decimal_comma=True).text(register) == ("12,345", "kWh")
    assert Manner(odd_text="NaN").text(power) == ("NaN", "W")
    assert Manner(odd_text="NaN").text(register) == ("12345", "Wh")


async def test_defaults_and_phases_may_go_unnamed(charger: VirtualChargePoint, words: Words) -> None:
    charger.manner = replace(USUAL, leaves_defaults_out=True, names_phases=False)
    await charge(charger)
    await charger.tick(300)
    await charger.await_delivered()
    action = words.durable_actions[-1] if words.version == "2.0.1" else "MeterValues"
    sampled = charger.sent(action)[-1]["meterValue"][0]["sampledValue"]
    first = sampled[0]
    assert set(first) <= {"value", "unitOfMeasure"}
    assert all("phase" not in sample for sample in sampled)
