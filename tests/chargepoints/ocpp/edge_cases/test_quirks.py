"""Firmware with manners of its own, known by what it tells at its boot."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, IdToken, Transaction
from tests.chargepoints.ocpp.conftest import NOW, Charger, Connect, rows
from tests.chargepoints.ocpp.edge_cases.test_meter_values import block, energy, tell
from tests.chargepoints.ocpp.words import WORDS, Words16, Words201, minutes


async def booted(version: str, connect: Connect, vendor: str, firmware: str = "1.0") -> Words16 | Words201:
    words = WORDS[version](await connect(version))
    await boot(words.charger, version, vendor, firmware)
    return words


async def boot(charger: Charger, version: str, vendor: str, firmware: str) -> None:
    if version == "1.6":
        said: dict[str, Any] = {"chargePointVendor": vendor, "chargePointModel": "M", "firmwareVersion": firmware}
    else:
        said = {
            "reason": "PowerUp",
            "chargingStation": {"vendorName": vendor, "model": "M", "firmwareVersion": firmware},
        }
    await charger.call("BootNotification", said)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_kilowatt_hours_that_are_called_watt_hours_by_known_firmware_are_billed_as_what_they_are(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await booted(version, connect, "OpenEVSE", "v4.2.2")
    await words.start("DEADBEEF", 0)
    await tell(words, block(minutes(30), energy(version, 1)), block(minutes(60), energy(version, 3)))
    assert (await rows(Transaction.objects.get)).energy_wh == 3_000


async def test_local_time_without_a_zone_is_the_charger_s_place_s(connect: Connect, token: IdToken) -> None:
    words = await booted("1.6", connect, "Growatt")
    start = {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 0, "timestamp": "2026-03-02T10:00:00"}
    await words.charger.call("StartTransaction", start)
    assert (await rows(Transaction.objects.get)).started_at == NOW


async def test_other_firmware_of_the_same_vendor_is_taken_at_its_word(connect: Connect, token: IdToken) -> None:
    words = await booted("1.6", connect, "OpenEVSE", "v5.0")
    await words.start("DEADBEEF", 0)
    await tell(words, block(minutes(30), energy("1.6", 300)))
    assert (await rows(Transaction.objects.get)).energy_wh == 300


async def test_what_is_known_of_a_charger_holds_for_its_next_connection_too(connect: Connect, token: IdToken) -> None:
    await booted("1.6", connect, "Growatt")
    charger = await connect("1.6")
    start = {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 0, "timestamp": "2026-03-02T10:00:00"}
    await charger.call("StartTransaction", start)
    assert (await rows(Transaction.objects.get)).started_at == NOW
    assert (await rows(ChargePoint.objects.get)).vendor == "Growatt"
