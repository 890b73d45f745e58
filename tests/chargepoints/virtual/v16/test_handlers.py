"""What only OCPP 1.6 has, or has differently."""

from collections.abc import AsyncIterator

import pytest

from chargepoints.virtual import Clock, VirtualChargePoint

from ..central import Central
from ..conftest import FAST, START
from ..test_charge_point import a_car, charge
from ..words import Words16


@pytest.fixture
def words(central: Central) -> Words16:
    return Words16(central)


@pytest.fixture
async def charger(central: Central) -> AsyncIterator[VirtualChargePoint]:
    async with VirtualChargePoint("VCP", central.url, "1.6", clock=Clock(START), timing=FAST) as charge_point:
        await charge_point.await_online()
        yield charge_point
    assert charge_point.violations == []


async def test_connector_zero_stands_for_the_whole_charger(
    charger: VirtualChargePoint, central: Central, words: Words16
) -> None:
    assert words.statuses(0) == ["Available"]
    assert await words.change_availability(0, operative=False) == "Accepted"
    await charger.await_delivered()
    assert words.statuses(0)[-1] == words.statuses(1)[-1] == "Unavailable"
    assert await words.change_availability(7, operative=True) == "Rejected"


async def test_the_configuration_is_told_without_the_secret(charger: VirtualChargePoint, central: Central) -> None:
    answer = await central.call("GetConfiguration", {})
    keys = {entry["key"]: entry for entry in answer["configurationKey"]}
    assert keys["ChargeProfileMaxStackLevel"] == {"key": "ChargeProfileMaxStackLevel", "readonly": True, "value": "8"}
    assert "AuthorizationKey" not in keys
    assert answer["unknownKey"] == []
    asked = await central.call("GetConfiguration", {"key": ["heartbeatinterval", "Colour"]})
    assert [entry["key"] for entry in asked["configurationKey"]] == ["HeartbeatInterval"]
    assert asked["unknownKey"] == ["Colour"]


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("Colour", "red", "NotSupported"),
        ("NumberOfConnectors", "3", "Rejected"),
        ("HeartbeatInterval", "soon", "Rejected"),
        ("HeartbeatInterval", "60", "Accepted"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,Nonsense", "Rejected"),
        ("MeterValuesSampledData", "Energy.Active.Import.Register,Voltage", "Accepted"),
    ],
)
async def test_configuration_changes_are_checked(
    charger: VirtualChargePoint, central: Central, key: str, value: str, expected: str
) -> None:
    assert await central.call("ChangeConfiguration", {"key": key, "value": value}) == {"status": expected}


async def test_unlocking_ends_the_transaction(charger: VirtualChargePoint, words: Words16) -> None:
    await charge(charger)
    assert await words.unlock(4) == "NotSupported"
    assert await words.unlock(1) == "Unlocked"
    await charger.await_delivered()
    assert [end.reason for end in words.ends()] == ["UnlockCommand"]


async def test_an_update_goes_through_its_stages_and_boots_with_the_new_version(
    charger: VirtualChargePoint, central: Central
) -> None:
    update = {"location": "https://example.org/fw/2.4.1.bin", "retrieveDate": START.isoformat()}
    assert await central.call("UpdateFirmware", update) == {}
    await central.wait_for(lambda: len(central.payloads("FirmwareStatusNotification")) == 4)
    stages = [payload["status"] for payload in central.payloads("FirmwareStatusNotification")]
    assert stages == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert central.payloads("BootNotification")[1]["firmwareVersion"] == "2.4.1"


async def test_diagnostics_are_announced(charger: VirtualChargePoint, central: Central) -> None:
    answer = await central.call("GetDiagnostics", {"location": "ftp://example.org/"})
    assert answer == {"fileName": "VCP.log"}
    await charger.await_delivered()
    assert [p["status"] for p in central.payloads("DiagnosticsStatusNotification")] == ["Uploading", "Uploaded"]


async def test_data_of_a_known_vendor_is_understood(charger: VirtualChargePoint, central: Central) -> None:
    charger.data_transfers["org.example"] = lambda message_id, data: ("Accepted", f"{message_id}:{data}")
    asked = {"vendorId": "org.example", "messageId": "soc", "data": "?"}
    assert await central.call("DataTransfer", asked) == {"status": "Accepted", "data": "soc:?"}
    assert await central.call("DataTransfer", {"vendorId": "other"}) == {"status": "UnknownVendorId"}


async def test_a_differential_list_needs_a_newer_version(charger: VirtualChargePoint, central: Central) -> None:
    entry = {"idTag": "GOOD", "idTagInfo": {"status": "Accepted"}}
    full = {"listVersion": 5, "updateType": "Full", "localAuthorizationList": [entry]}
    assert await central.call("SendLocalList", full) == {"status": "Accepted"}
    removal = {"listVersion": 5, "updateType": "Differential", "localAuthorizationList": [{"idTag": "GOOD"}]}
    assert await central.call("SendLocalList", removal) == {"status": "VersionMismatch"}
    assert await central.call("SendLocalList", {**removal, "listVersion": 6}) == {"status": "Accepted"}
    charger.variables.set("offline_unknown", "false")
    charger.drop_link(stay_down=True)
    assert await charger.present_token(1, "GOOD") == "Invalid"


async def test_a_charger_may_know_amperes_only_and_one_profile_of_one_period(
    charger: VirtualChargePoint, words: Words16
) -> None:
    for name, value in (("rate_units", "A"), ("max_periods", "1"), ("max_profiles", "1")):
        charger.variables.set(name, value)
    start = START.isoformat()
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 7_000)], start=start) == "Rejected"
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 16), (60, 8)], unit="A", start=start) == "Rejected"
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 16)], unit="A", start=start) == "Accepted"
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 8)], unit="A", start=start, id=2) == "Rejected"
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 8)], unit="A", start=start) == "Accepted"
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 8)], unit="A", start=start, stackLevel=9) == "Rejected"
    assert charger.composite()[0].limit_w == 8 * 690


async def test_without_a_way_back_negative_limits_are_rejected(charger: VirtualChargePoint, words: Words16) -> None:
    assert await words.set_profile(1, "TxDefaultProfile", [(0, -5_000)], start=START.isoformat()) == "Rejected"


async def test_nobody_reserves_connector_zero(charger: VirtualChargePoint, words: Words16) -> None:
    assert await words.reserve(0, "A", "2026-03-02T09:00:00Z") == "Rejected"


async def test_meter_values_asked_for_in_a_transaction_name_it(
    charger: VirtualChargePoint, central: Central, words: Words16
) -> None:
    transaction_id = await charge(charger, car=a_car())
    assert await words.trigger("MeterValues") == "Accepted"
    await charger.await_delivered()
    (payload,) = central.payloads("MeterValues")
    assert payload["transactionId"] == int(transaction_id)
    assert {sample["context"] for sample in payload["meterValue"][0]["sampledValue"]} == {"Trigger"}
