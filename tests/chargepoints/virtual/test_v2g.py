"""Energy out of the car, in three dialects; the same in both versions."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chargepoints.virtual import Clock, EvseSpec, VirtualChargePoint
from chargepoints.virtual.v2g import LIMITS_SOC, SETPOINTS, VENDOR

from .central import Central
from .conftest import FAST, START
from .test_charge_point import a_car, at, charge
from .words import Words

BACK = EvseSpec(max_discharge_w=10_000, dc=True)


@pytest.fixture
async def charger(request: pytest.FixtureRequest, words: Words, central: Central) -> AsyncIterator[VirtualChargePoint]:
    central.answers["DataTransfer"] = {"status": "Accepted"}
    charge_point = VirtualChargePoint(
        "VCP", central.url, words.version, evses=[BACK], clock=Clock(START), timing=FAST, v2g=request.param
    )
    async with charge_point:
        await charge_point.await_online()
        yield charge_point
    assert charge_point.violations == []


def told(central: Central) -> list[tuple[str, Any]]:
    """The vendor's messages: their id and their data."""
    found = [(payload["messageId"], payload["data"]) for payload in central.payloads("DataTransfer")]
    return [(message_id, json.loads(data) if isinstance(data, str) else data) for message_id, data in found]


@pytest.mark.parametrize("charger", [LIMITS_SOC], indirect=True)
async def test_the_state_of_charge_comes_in_a_vendors_message(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    transaction_id = await charge(charger, car=a_car(max_discharge_w=8_000))
    await words.set_profile(1, "TxProfile", [(0, -5_000)], start=at(0), transactionId=transaction_id)
    await charger.tick(60)
    await charger.await_delivered()
    assert charger.power_w() == -5_000
    (_, first), (message_id, last) = told(central)
    assert (message_id, last["connectorId"], last["v2gCapable"]) == ("VehicleStatus", 1, True)
    assert last["soc"] < first["soc"] == 20.0


@pytest.mark.parametrize("charger", [SETPOINTS], indirect=True)
async def test_a_setpoint_comes_in_a_vendors_message_and_ends_with_the_session(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    transaction_id = await charge(charger, car=a_car(energy_wh=30_000, max_discharge_w=8_000))
    assert await words.set_profile(1, "TxDefaultProfile", [(0, -5_000)], start=at(0)) == "Rejected"
    asked = {"connectorId": 1, "transactionId": transaction_id, "power": -4_000}
    message = {"vendorId": VENDOR, "messageId": "SetPower", "data": json.dumps(asked)}
    assert await central.call("DataTransfer", message) == {"status": "Accepted"}
    assert charger.power_w() == -4_000
    other = {**message, "data": json.dumps({**asked, "transactionId": "other"})}
    assert await central.call("DataTransfer", other) == {"status": "Rejected"}
    assert await central.call("DataTransfer", {**message, "messageId": "Dance"}) == {"status": "UnknownMessageId"}
    await charger.unplug(1)
    await charge(charger, car=a_car())
    assert charger.power_w() == 11_000
    assert told(central)[0][0] == "BatteryStatus"
