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


async def test_the_start_may_be_the_cable_and_the_card_comes_later(
    charger: VirtualChargePoint, central: Central
) -> None:
    change = variable("TxCtrlr", "TxStartPoint", attributeValue="EVConnected")
    answer = await central.call("SetVariables", {"setVariableData": [change]})
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
    await charger.plug_in(2, a_car())
    await charger.present_token(2, CARD)
    await charger.await_delivered()
    events = central.payloads("TransactionEvent")
    told = [(event["eventType"], event["triggerReason"], "idToken" in event) for event in events]
    assert told == [
        ("Started", "CablePluggedIn", False),
        ("Updated", "Authorized", True),
        ("Updated", "ChargingStateChanged", False),
    ]


async def test_a_start_with_the_card_names_no_plug_and_times_out(charger: VirtualChargePoint, central: Central) -> None:
    charger.variables.set("start_points", "Authorized")
    charger.apply_variables()
    await charger.present_token(2, CARD)
    await charger.tick(130)
    await charger.await_delivered()
    started, ended = [event for event in central.payloads("TransactionEvent") if event["eventType"] != "Updated"]
    assert (started["evse"], started["transactionInfo"]["chargingState"]) == ({"id": 2}, "Idle")
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("EVConnectTimeout", "Timeout")


async def test_a_nonsense_start_point_is_rejected(charger: VirtualChargePoint, central: Central) -> None:
    change = variable("TxCtrlr", "TxStartPoint", attributeValue="Sunrise")
    answer = await central.call("SetVariables", {"setVariableData": [change]})
    assert answer["setVariableResult"][0]["attributeStatus"] == "Rejected"


async def test_variables_have_instances_attributes_and_places(charger: VirtualChargePoint, central: Central) -> None:
    evse = {"name": "EVSE", "evse": {"id": 2}}
    connector = {"name": "Connector", "evse": {"id": 1, "connectorId": 2}}
    named = {"name": "ItemsPerMessage", "instance": "GetReport"}
    asked = [
        {"component": evse, "variable": {"name": "Power"}},
        {"component": connector, "variable": {"name": "ConnectorType"}},
        {"component": {"name": "DeviceDataCtrlr"}, "variable": named},
        variable("DeviceDataCtrlr", "ItemsPerMessage"),
        variable("OCPPCommCtrlr", "HeartbeatInterval", attributeType="Target"),
        {"component": {"name": "EVSE", "evse": {"id": 9}}, "variable": {"name": "Power"}},
    ]
    answer = await central.call("GetVariables", {"getVariableData": asked})
    told = [(one["attributeStatus"], one.get("attributeValue")) for one in answer["getVariableResult"]]
    assert told == [
        ("Accepted", "11000"),
        ("Accepted", "cG105"),
        ("Accepted", "50"),
        ("UnknownVariable", None),
        ("NotSupportedAttributeType", None),
        ("UnknownComponent", None),
    ]


async def test_a_report_can_be_of_one_component_or_of_what_has_a_problem(
    charger: VirtualChargePoint, central: Central
) -> None:
    asked: Payload = {"requestId": 1, "componentVariable": [{"component": {"name": "TxCtrlr"}}]}
    assert await central.call("GetReport", asked) == {"status": "Accepted"}
    charger.station.set_fault(charger.evse(2), "GroundFailure")
    problems: Payload = {"requestId": 2, "componentCriteria": ["Problem"]}
    assert await central.call("GetReport", problems) == {"status": "Accepted"}
    nothing: Payload = {"requestId": 3, "componentVariable": [{"component": {"name": "Toaster"}}]}
    assert await central.call("GetReport", nothing) == {"status": "EmptyResultSet"}
    summary = {"requestId": 4, "reportBase": "SummaryInventory"}
    assert await central.call("GetBaseReport", summary) == {"status": "Accepted"}
    await charger.await_delivered()
    first, second, third = central.payloads("NotifyReport")
    assert {entry["component"]["name"] for entry in first["reportData"]} == {"TxCtrlr"}
    assert {entry["component"]["name"] for entry in second["reportData"]} == {"ChargingStation", "EVSE"}
    assert {entry["variable"]["name"] for entry in third["reportData"]} == {"AvailabilityState", "Problem"}


async def test_one_plug_is_taken_out_of_service(charger: VirtualChargePoint, central: Central) -> None:
    asked = {"operationalStatus": "Inoperative", "evse": {"id": 1, "connectorId": 2}}
    assert await central.call("ChangeAvailability", asked) == {"status": "Accepted"}
    await charger.await_delivered()
    last = central.payloads("StatusNotification")[-1]
    assert (last["evseId"], last["connectorId"], last["connectorStatus"]) == (1, 2, "Unavailable")
    asked["evse"] = {"id": 1, "connectorId": 7}
    assert await central.call("ChangeAvailability", asked) == {"status": "Rejected"}


async def test_one_evse_is_reset_and_the_station_goes_on(charger: VirtualChargePoint, central: Central) -> None:
    await charge(charger, 2)
    assert await central.call("Reset", {"type": "Immediate", "evseId": 9}) == {"status": "Rejected"}
    assert await central.call("Reset", {"type": "OnIdle", "evseId": 1}) == {"status": "Accepted"}
    assert charger.evse(2).session
    assert await central.call("Reset", {"type": "Immediate", "evseId": 2}) == {"status": "Accepted"}
    await charger.wait_for(lambda cp: cp.evse(2).session is None)
    await charger.await_delivered()
    assert central.connections == 1
    assert central.payloads("TransactionEvent")[-1]["transactionInfo"]["stoppedReason"] == "ImmediateReset"


async def test_a_reservation_may_ask_for_a_plug_and_be_taken_away_by_a_fault(
    charger: VirtualChargePoint, central: Central
) -> None:
    asked = {"idToken": {"idToken": "A", "type": "ISO14443"}, "expiryDateTime": "2026-03-02T09:00:00Z"}
    wrong = {**asked, "id": 1, "evseId": 2, "connectorType": "cCCS2"}
    assert await central.call("ReserveNow", wrong) == {"status": "Rejected"}
    right = {**asked, "id": 2, "evseId": 1, "connectorType": "cCCS2"}
    assert await central.call("ReserveNow", right) == {"status": "Accepted"}
    charger.station.set_fault(charger.evse(1), "GroundFailure")
    await charger.await_delivered()
    assert central.payloads("ReservationStatusUpdate") == [{"reservationId": 2, "reservationUpdateStatus": "Removed"}]


async def test_a_network_profile_leads_elsewhere_after_a_reboot(charger: VirtualChargePoint, central: Central) -> None:
    elsewhere = Central()
    await elsewhere.start()
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": elsewhere.url,
        "messageTimeout": 30,
        "securityProfile": 1,
        "ocppInterface": "Wired0",
    }
    weaker = {"configurationSlot": 1, "connectionData": {**data, "securityProfile": 0}}
    assert await central.call("SetNetworkProfile", weaker) == {"status": "Rejected"}
    older = {"configurationSlot": 1, "connectionData": {**data, "ocppVersion": "OCPP16"}}
    assert await central.call("SetNetworkProfile", older) == {"status": "Failed"}
    profile = {"configurationSlot": 1, "connectionData": data}
    assert await central.call("SetNetworkProfile", profile) == {"status": "Accepted"}
    change = variable("OCPPCommCtrlr", "NetworkConfigurationPriority", attributeValue="1,0")
    answer = await central.call("SetVariables", {"setVariableData": [change]})
    assert answer["setVariableResult"][0]["attributeStatus"] == "RebootRequired"
    await central.call("Reset", {"type": "Immediate"})
    await elsewhere.wait_for(lambda: elsewhere.payloads("BootNotification"))
    await charger.stop()
    await elsewhere.kill()


async def test_signed_readings_come_with_begin_and_end(charger: VirtualChargePoint, central: Central) -> None:
    charger.variables.set("sign_readings", "true")
    await charge(charger, 2)
    await charger.tick(120)
    await charger.unplug(2)
    await charger.await_delivered()
    signed = [
        event["eventType"]
        for event in central.payloads("TransactionEvent")
        if any("signedMeterValue" in value for value in event["meterValue"][0]["sampledValue"])
    ]
    assert signed == ["Started", "Ended"]


async def test_aligned_values_come_inside_and_outside_of_transactions(
    charger: VirtualChargePoint, central: Central
) -> None:
    charger.variables.set("aligned_s", "900")
    charger.apply_variables()
    await charge(charger, 2)
    await charger.tick(1_000)
    await charger.await_delivered()
    clocked = [e for e in central.payloads("TransactionEvent") if e["triggerReason"] == "MeterValueClock"]
    assert [event["evse"]["id"] for event in clocked] == [2]
    assert [payload["evseId"] for payload in central.payloads("MeterValues")] == [1]


async def test_a_limit_from_elsewhere_is_reported_with_its_source(
    charger: VirtualChargePoint, central: Central
) -> None:
    charger.limits.set(6_000, source="SO", critical=True)
    asked: Payload = {"requestId": 9, "chargingProfile": {"chargingLimitSource": ["SO"]}}
    assert await central.call("GetChargingProfiles", asked) == {"status": "Accepted"}
    await charger.await_delivered()
    (report,) = central.payloads("ReportChargingProfiles")
    assert (report["chargingLimitSource"], report["chargingProfile"][0]["chargingProfilePurpose"]) == (
        "SO",
        "ChargingStationExternalConstraints",
    )
    (told,) = central.payloads("NotifyChargingLimit")
    assert told["chargingLimit"] == {"chargingLimitSource": "SO", "isGridCritical": True}
    assert told["chargingSchedule"][0]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 6_000}]


async def test_a_requested_start_on_a_running_cable_names_its_transaction(
    charger: VirtualChargePoint, central: Central, words: Words201
) -> None:
    charger.variables.set("start_points", "EVConnected")
    charger.apply_variables()
    await charger.plug_in(2, a_car())
    session = charger.evse(2).session
    assert session
    asked = {"idToken": {"idToken": "APP", "type": "Central"}, "remoteStartId": 5, "evseId": 2}
    answer = await central.call("RequestStartTransaction", asked)
    assert answer == {"status": "Accepted", "transactionId": session.key}
    await charger.wait_for(lambda cp: cp.power_w(2) == 11_000)
