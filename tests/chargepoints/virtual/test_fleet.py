"""Many chargers of both versions at once, from specs or from a file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chargepoints.virtual import ChargePointSpec, Clock, EvseSpec, Fleet, Vehicle
from chargepoints.virtual.fleet import read_specs

from .central import Central
from .conftest import FAST, START


async def test_a_mixed_fleet_charges_on_one_clock(central: Central) -> None:
    specs = [ChargePointSpec(f"VCP-{number}", "2.0.1" if number % 2 else "1.6") for number in range(30)]
    async with Fleet(specs, central.url, clock=Clock(START), timing=FAST) as fleet:
        await fleet.await_online()
        for charge_point in fleet:
            await charge_point.plug_in(1, Vehicle(efficiency=1.0))
            await charge_point.present_token(1, "04A1")
        await fleet.tick(3_600)
        await fleet.await_delivered()
        assert {round(charge_point.evse().meter.import_wh, 3) for charge_point in fleet} == {11_000}
        assert fleet["VCP-3"].version == "2.0.1"
        assert [violation for charge_point in fleet for violation in charge_point.violations] == []
    assert {call.path for call in central.calls} == {f"/ocpp/{spec.identity}" for spec in specs}


async def test_two_thousand_live_in_one_process_and_those_charge_that_are_plugged_in(central: Central) -> None:
    specs = [ChargePointSpec(f"VCP-{number}", "2.0.1" if number % 2 else "1.6") for number in range(2_000)]
    patient = replace(FAST, call_timeout_s=60)
    fleet = Fleet(specs, central.url, clock=Clock(START), timing=patient, strict=False, frames_kept=2)
    async with fleet:
        await fleet.await_online()
        assert central.connections == 2_000
        charging = list(fleet)[::10]
        for charge_point in charging:
            await charge_point.plug_in(1, Vehicle(efficiency=1.0))
            await charge_point.present_token(1, "04A1")
        await fleet.tick(900)
        await fleet.await_delivered()
        metered = {charge_point.identity: round(charge_point.evse().meter.import_wh, 3) for charge_point in fleet}
        busy = {charge_point.identity for charge_point in charging}
        assert {metered.pop(identity) for identity in busy} == {2_750}
        assert set(metered.values()) == {0}


def test_specs_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    evses = [{"max_power_w": 22_000}, {"connectors": ["cCCS2"], "dc": True, "max_power_w": 50_000}]
    path.write_text(json.dumps([{"identity": "A", "version": "2.0.1", "evses": evses}, {"identity": "B"}]))
    assert read_specs(path) == [
        ChargePointSpec(
            "A", "2.0.1", evses=(EvseSpec(1, max_power_w=22_000), EvseSpec(2, ("cCCS2",), 50_000, dc=True))
        ),
        ChargePointSpec("B"),
    ]


def test_a_misspelt_field_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps([{"identiy": "A"}]))
    with pytest.raises(TypeError):
        read_specs(path)
