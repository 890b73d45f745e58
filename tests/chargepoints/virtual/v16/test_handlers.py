"""What only OCPP 1.6 has, or has differently."""

from collections.abc import AsyncIterator
from importlib.resources import files

import pytest

from chargepoints.virtual import Clock, EvseSpec, VirtualChargePoint
from chargepoints.virtual.v16 import ACTIONS

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


async def test_connector_zero_can_be_reserved_where_the_charger_supports_it(
    charger: VirtualChargePoint, words: Words16
) -> None:
    charger.variables.set("reserve_any", "true")
    assert await words.reserve(0, "A", "2026-03-02T09:00:00Z") == "Accepted"
    assert charger.status() == "Reserved"
    assert await charger.present_token(1, "B") == "Blocked"
    assert await charger.present_token(1, "A") == "Accepted"
    await charger.plug_in(1, a_car())
    await charger.await_delivered()
    assert [begin.reservation_id for begin in words.begins()] == [7]


async def test_a_lock_may_be_jammed_or_not_there(central: Central, words: Words16) -> None:
    specs = [EvseSpec(1, lock="jammed"), EvseSpec(2, lock="none")]
    async with VirtualChargePoint("VCP", central.url, "1.6", evses=specs, clock=Clock(START), timing=FAST) as charger:
        await charger.await_online()
        assert [await words.unlock(number) for number in (1, 2)] == ["UnlockFailed", "NotSupported"]


@pytest.mark.parametrize(("kind", "before_boot"), [("Soft", 1), ("Hard", 0)])
async def test_a_soft_reset_says_goodbye_and_a_hard_one_does_not(
    charger: VirtualChargePoint, central: Central, words: Words16, kind: str, before_boot: int
) -> None:
    await charge(charger)
    assert await central.call("Reset", {"type": kind}) == {"status": "Accepted"}
    await central.wait_for(lambda: len(central.payloads("BootNotification")) == 2)
    assert len(words.ends()) == before_boot
    await charger.await_delivered()
    assert [end.reason for end in words.ends()] == [f"{kind}Reset"]
    assert central.connections == 2


async def test_some_settings_need_a_reboot(charger: VirtualChargePoint, central: Central) -> None:
    change = {"key": "SecurityProfile", "value": "2"}
    assert await central.call("ChangeConfiguration", change) == {"status": "RebootRequired"}


async def test_values_come_at_the_clocks_round_moments(charger: VirtualChargePoint, central: Central) -> None:
    for key, value in (("ClockAlignedDataInterval", "900"), ("MeterValueSampleInterval", "0")):
        assert await central.call("ChangeConfiguration", {"key": key, "value": value}) == {"status": "Accepted"}
    await charger.tick(1_000)
    transaction_id = await charge(charger)
    await charger.tick(1_000)
    await charger.await_delivered()
    values = central.payloads("MeterValues")
    assert [payload["meterValue"][0]["timestamp"][11:16] for payload in values] == ["08:15", "08:30"]
    assert [payload.get("transactionId") for payload in values] == [None, int(transaction_id)]
    assert values[0]["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"


async def test_the_stop_brings_signed_and_sampled_values_where_they_are_asked_for(
    charger: VirtualChargePoint, central: Central
) -> None:
    charger.variables.set("end_measurands", "Energy.Active.Import.Register,Voltage")
    charger.variables.set("sign_readings", "true")
    await charge(charger)
    await charger.tick(3_600)
    await charger.unplug(1)
    await charger.await_delivered()
    (stop,) = central.payloads("StopTransaction")
    begin, end = stop["transactionData"]
    told = [(value["context"], value["value"]) for value in begin["sampledValue"] + end["sampledValue"]]
    assert told[0] == ("Transaction.Begin", "0")
    assert ("Transaction.End", "11000") in told
    signed = [value for value in end["sampledValue"] if value.get("format") == "SignedData"]
    assert '"RV":11.0' in signed[0]["value"]


async def test_a_list_that_is_too_long_or_not_wanted_is_refused(charger: VirtualChargePoint, words: Words16) -> None:
    charger.variables.set("list_max", "1")
    assert await words.send_list(1, {"A": "Accepted", "B": "Accepted"}) == "Failed"
    charger.variables.set("local_list", "false")
    assert await words.send_list(1, {"A": "Accepted"}) == "NotSupported"
    assert await words.list_version() == -1


async def test_the_security_extension_asks_for_its_own_messages(charger: VirtualChargePoint, central: Central) -> None:
    for message, sent in (
        ("FirmwareStatusNotification", "SignedFirmwareStatusNotification"),
        ("LogStatusNotification", "LogStatusNotification"),
    ):
        answer = await central.call("ExtendedTriggerMessage", {"requestedMessage": message})
        assert answer == {"status": "Accepted"}
        await charger.await_delivered()
        assert central.payloads(sent) == [{"status": "Idle"}]


async def test_every_command_of_1_6_has_its_handler() -> None:
    names = {
        path.name[: -len("Response.json")]
        for path in (files("ocpp") / "v16" / "schemas").iterdir()
        if path.name.endswith("Response.json")
    }
    said_by_chargers = {
        *("Authorize", "BootNotification", "DiagnosticsStatusNotification", "FirmwareStatusNotification", "Heartbeat"),
        *("LogStatusNotification", "MeterValues", "SecurityEventNotification", "SignCertificate"),
        *("SignedFirmwareStatusNotification", "StartTransaction", "StatusNotification", "StopTransaction"),
    }
    assert names - said_by_chargers == set(ACTIONS)
