"""What only OCPP 2.0.1 has, or has differently."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chargepoints.virtual import Clock, EvseSpec, VirtualChargePoint

from ..central import Central, Payload
from ..conftest import FAST, START
from ..test_charge_point import CARD, a_car, charge
from ..words import Words201


@pytest.fixture
def words(central: Central) -> Words201:
    return Words201(central)


@pytest.fixture
async def charger(central: Central) -> AsyncIterator[VirtualChargePoint]:
    evses = [EvseSpec(1, ("cCCS2", "cG105"), 50_000, dc=True), EvseSpec(2)]
    charge_point = VirtualChargePoint("VCP", central.url, "2.0.1", evses=evses, clock=Clock(START), timing=FAST)
    async with charge_point:
        await charge_point.await_online()
        yield charge_point
    assert charge_point.violations == []


def variable(component: str, name: str, **more: Any) -> Payload:
    return {"component": {"name": component}, "variable": {"name": name}, **more}


async def test_the_other_plug_of_an_evse_in_use_is_unavailable(charger: VirtualChargePoint, central: Central) -> None:
    await charger.plug_in(1, a_car(), connector=2)
    await charger.await_delivered()
    told = {
        (payload["evseId"], payload["connectorId"]): payload["connectorStatus"]
        for payload in central.payloads("StatusNotification")
    }
    assert told == {(1, 1): "Unavailable", (1, 2): "Occupied", (2, 1): "Available"}


async def test_a_transaction_is_told_as_numbered_events(charger: VirtualChargePoint, central: Central) -> None:
    await charge(charger, 2)
    await charger.tick(60)
    await charger.present_token(2, CARD)
    await charger.await_delivered()
    events = central.payloads("TransactionEvent")
    told = [(event["eventType"], event["triggerReason"], event["transactionInfo"]["chargingState"]) for event in events]
    assert told == [
        ("Started", "Authorized", "EVConnected"),
        ("Updated", "ChargingStateChanged", "Charging"),
        ("Updated", "MeterValuePeriodic", "Charging"),
        ("Ended", "StopAuthorized", "EVConnected"),
    ]
    assert [event["seqNo"] for event in events] == [0, 1, 2, 3]
    assert len({event["transactionInfo"]["transactionId"] for event in events}) == 1
    assert all(event["evse"] == {"id": 2, "connectorId": 1} for event in events)


async def test_a_requested_start_is_recognised_by_its_number(
    charger: VirtualChargePoint, central: Central, words: Words201
) -> None:
    await charger.plug_in(2, a_car())
    assert await words.remote_start(2, "APP") == "Accepted"
    await central.wait_for(lambda: central.payloads("TransactionEvent"))
    started = central.payloads("TransactionEvent")[0]
    assert started["triggerReason"] == "RemoteStart"
    assert started["transactionInfo"]["remoteStartId"] == 5
    assert started["idToken"] == {"idToken": "APP", "type": "Central"}


async def test_variables_that_are_not_there_are_named_as_such(charger: VirtualChargePoint, central: Central) -> None:
    asked = [
        variable("OCPPCommCtrlr", "HeartbeatInterval"),
        variable("OCPPCommCtrlr", "Colour"),
        variable("Toaster", "Colour"),
        variable("SecurityCtrlr", "BasicAuthPassword"),
    ]
    answer = await central.call("GetVariables", {"getVariableData": asked})
    statuses = [result["attributeStatus"] for result in answer["getVariableResult"]]
    assert statuses == ["Accepted", "UnknownVariable", "UnknownComponent", "Rejected"]
    changes = [
        variable("SmartChargingCtrlr", "ProfileStackLevel", attributeValue="99"),
        variable("OCPPCommCtrlr", "HeartbeatInterval", attributeValue="soon"),
        variable("Toaster", "Colour", attributeValue="red"),
    ]
    answer = await central.call("SetVariables", {"setVariableData": changes})
    statuses = [result["attributeStatus"] for result in answer["setVariableResult"]]
    assert statuses == ["Rejected", "Rejected", "UnknownComponent"]


async def test_the_base_report_lists_all_variables_but_no_secret(charger: VirtualChargePoint, central: Central) -> None:
    asked = {"requestId": 3, "reportBase": "FullInventory"}
    assert await central.call("GetBaseReport", asked) == {"status": "Accepted"}
    await charger.await_delivered()
    reports = central.payloads("NotifyReport")
    values = {
        (entry["component"]["name"], entry["variable"]["name"]): entry["variableAttribute"][0]
        for report in reports
        for entry in report["reportData"]
    }
    told = [(report["requestId"], report["seqNo"], report["tbc"]) for report in reports]
    assert told == [(3, 0, True), (3, 1, False)]
    assert values["SampledDataCtrlr", "TxUpdatedInterval"]["value"] == "60"
    assert "value" not in values["SecurityCtrlr", "BasicAuthPassword"]


async def test_installed_profiles_are_reported_by_evse(
    charger: VirtualChargePoint, central: Central, words: Words201
) -> None:
    asked: Payload = {"requestId": 9, "chargingProfile": {}}
    assert await central.call("GetChargingProfiles", asked) == {"status": "NoProfiles"}
    start = START.isoformat()
    await words.set_profile(1, "TxDefaultProfile", [(0, 7_000)], start=start)
    await words.set_profile(2, "TxDefaultProfile", [(0, 9_000)], start=start, id=2)
    assert await central.call("GetChargingProfiles", asked) == {"status": "Accepted"}
    await charger.await_delivered()
    first, second = central.payloads("ReportChargingProfiles")
    assert (first["evseId"], first["tbc"], second["evseId"], second["tbc"]) == (1, True, 2, False)
    schedule = second["chargingProfile"][0]["chargingSchedule"][0]
    assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 9_000}]
    only = {"requestId": 10, "chargingProfile": {"chargingProfileId": [77]}}
    assert await central.call("GetChargingProfiles", only) == {"status": "NoProfiles"}


async def test_a_transactions_status_can_be_asked(charger: VirtualChargePoint, central: Central) -> None:
    transaction_id = await charge(charger, 2)
    asked = {"transactionId": transaction_id}
    running = await central.call("GetTransactionStatus", asked)
    assert running == {"ongoingIndicator": True, "messagesInQueue": False}
    central.answers["TransactionEvent"] = None
    await charger.unplug(2)
    assert await central.call("GetTransactionStatus", asked) == {"ongoingIndicator": False, "messagesInQueue": True}
    assert await central.call("GetTransactionStatus", {}) == {"messagesInQueue": True}


async def test_unlocking_is_refused_while_a_transaction_runs(charger: VirtualChargePoint, words: Words201) -> None:
    assert await words.unlock(9) == "UnknownConnector"
    assert await words.unlock(2) == "Unlocked"
    await charge(charger, 2)
    assert await words.unlock(2) == "OngoingAuthorizedTransaction"


async def test_a_reset_can_wait_for_the_transaction(charger: VirtualChargePoint, central: Central) -> None:
    await charge(charger, 2)
    assert await central.call("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
    await charger.present_token(2, CARD)
    await central.wait_for(lambda: len(central.payloads("BootNotification")) == 2)
    assert central.payloads("BootNotification")[1]["reason"] == "ScheduledReset"


async def test_a_reservation_for_any_evse_takes_a_free_one_and_its_end_is_told(
    charger: VirtualChargePoint, central: Central
) -> None:
    asked = {"idToken": {"idToken": "A", "type": "ISO14443"}, "expiryDateTime": "2026-03-02T09:00:00Z"}
    assert await central.call("ReserveNow", {**asked, "id": 1}) == {"status": "Accepted"}
    assert await central.call("ReserveNow", {**asked, "id": 2}) == {"status": "Accepted"}
    assert await central.call("ReserveNow", {**asked, "id": 3}) == {"status": "Occupied"}
    await charger.tick(3_600)
    await charger.await_delivered()
    assert [
        (u["reservationId"], u["reservationUpdateStatus"]) for u in central.payloads("ReservationStatusUpdate")
    ] == [
        (1, "Expired"),
        (2, "Expired"),
    ]


async def test_an_update_goes_through_its_stages_and_boots_with_the_new_version(
    charger: VirtualChargePoint, central: Central
) -> None:
    firmware = {"location": "https://example.org/fw/2.4.1.bin", "retrieveDateTime": START.isoformat()}
    assert await central.call("UpdateFirmware", {"requestId": 4, "firmware": firmware}) == {"status": "Accepted"}
    await central.wait_for(lambda: len(central.payloads("FirmwareStatusNotification")) == 4)
    told = [(p["requestId"], p["status"]) for p in central.payloads("FirmwareStatusNotification")]
    assert told == [(4, stage) for stage in ("Downloading", "Downloaded", "Installing", "Installed")]
    assert central.payloads("BootNotification")[1]["chargingStation"]["firmwareVersion"] == "2.4.1"


async def test_a_log_is_announced(charger: VirtualChargePoint, central: Central) -> None:
    asked = {"logType": "DiagnosticsLog", "requestId": 6, "log": {"remoteLocation": "https://example.org/"}}
    assert await central.call("GetLog", asked) == {"status": "Accepted", "filename": "VCP-DiagnosticsLog.log"}
    await charger.await_delivered()
    assert [p["status"] for p in central.payloads("LogStatusNotification")] == ["Uploading", "Uploaded"]


async def test_a_running_transaction_can_be_asked_for(
    charger: VirtualChargePoint, central: Central, words: Words201
) -> None:
    await charge(charger, 2)
    assert await words.trigger("TransactionEvent", evse=2) == "Accepted"
    await charger.await_delivered()
    assert central.payloads("TransactionEvent")[-1]["triggerReason"] == "Trigger"
    assert await words.trigger("SignV2GCertificate") == "NotImplemented"


async def test_data_of_a_known_vendor_is_understood(charger: VirtualChargePoint, central: Central) -> None:
    charger.data_transfers["org.example"] = lambda message_id, data: ("Accepted", None)
    assert await central.call("DataTransfer", {"vendorId": "org.example"}) == {"status": "Accepted"}
    assert await central.call("DataTransfer", {"vendorId": "other"}) == {"status": "UnknownVendorId"}
