"""Block B: boot, variables, reports, network profiles, restart."""

from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.domain.intents import Variable
from chargepoints.models import ChargePoint, Command, DeviceReport, DeviceVariable, Evse, IdToken
from chargepoints.services import configuration, device_reports, remote_control
from tests.chargepoints.ocpp.conftest import (
    NOW,
    PATIENCE_S,
    SECRET,
    CallRefused,
    Clock,
    Connect,
    basic,
    communicator,
    rows,
    until,
)
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v201.conftest import Up
from tests.conformance.v201.station import Station, connector, of_id, send, settled, wish

Payload = dict[str, Any]
INTERVAL = Variable("HeartbeatInterval", "OCPPCommCtrlr")
REMOTE = Variable("AuthorizeRemoteStart", "AuthCtrlr")


def place(variable: Variable) -> Payload:
    return {"component": {"name": variable.component}, "variable": {"name": variable.name}}


async def registered_as(registration: str) -> None:
    await rows(lambda: ChargePoint.objects.update(registration=registration, heartbeat_interval_s=60))


async def value(variable: Variable) -> str:
    found = await rows(lambda: DeviceVariable.objects.get(component=variable.component, name=variable.name))
    return found.value


# --- boot -------------------------------------------------------------------------------------------------------------


@pytest.mark.conformance("TC_B_01")
async def test_cold_boot(connect: Connect, charge_point: ChargePoint) -> None:
    station = Station(await connect("2.0.1"))
    answer = await station.boot()
    assert answer == {"status": "Accepted", "currentTime": "2026-03-02T09:00:00.000Z", "interval": 300}
    await station.status("Available")
    assert await station.call("Heartbeat", {}) == {"currentTime": "2026-03-02T09:00:00.000Z"}
    row = await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))
    assert (row.vendor, row.model, row.firmware_version, row.ocpp_version) == ("Vend", "M1", "1.2", "2.0.1")
    assert (row.boot_reason, row.booted_at, row.is_connected) == ("PowerUp", NOW, True)
    assert (await connector(charge_point)).status == "available"
    asked = await station.obey("SetChargingProfile", status="Accepted")
    assert asked["chargingProfile"]["chargingProfilePurpose"] == "TxDefaultProfile"


@pytest.mark.conformance("TC_B_02")
async def test_a_pending_station_is_set_up_first(connect: Connect, charge_point: ChargePoint) -> None:
    await registered_as("pending")
    station = Station(await connect("2.0.1"))
    answer = await station.boot()
    assert (answer["status"], answer["interval"]) == ("Pending", 60)
    charge_point.ocpp_version = "2.0.1"
    await wish(
        configuration.change,
        charge_point=charge_point,
        variables=[Variable(INTERVAL.name, "OCPPCommCtrlr", value="90")],
    )
    await station.obey("SetVariables", setVariableResult=[{**place(INTERVAL), "attributeStatus": "Accepted"}])
    await until(lambda: DeviceVariable.objects.filter(name="HeartbeatInterval", value="90").exists())
    report = await wish(device_reports.ask, charge_point=charge_point, base="FullInventory")
    await station.obey("GetBaseReport", status="Accepted")
    await station.call("NotifyReport", part(report, 0, [inventory(REMOTE)]))
    assert (await rows(lambda: DeviceReport.objects.get())).status == "complete"

    await registered_as("accepted")
    assert (await station.boot())["status"] == "Accepted"
    await station.obey("SetChargingProfile", status="Accepted")


@pytest.mark.conformance("TC_B_30")
@pytest.mark.parametrize("registration", ["pending", "rejected"])
async def test_a_station_that_is_not_accepted_may_not_speak(
    connect: Connect, charge_point: ChargePoint, token: IdToken, registration: str
) -> None:
    await registered_as(registration)
    station = Station(await connect("2.0.1"))
    assert (await station.boot())["status"] == registration.capitalize()
    with pytest.raises(CallRefused) as refusal:
        await station.authorize("DEADBEEF")
    assert refusal.value.args[0] == "SecurityError"
    with pytest.raises(CallRefused):
        await station.status("Available")
    assert (await connector(charge_point)).status == "unknown"
    await registered_as("accepted")
    assert (await station.boot())["status"] == "Accepted"
    assert (await station.authorize("DEADBEEF"))["status"] == "Accepted"


@pytest.mark.conformance("TC_B_31")
async def test_a_pending_station_is_asked_to_boot_again(connect: Connect, charge_point: ChargePoint) -> None:
    await registered_as("pending")
    station = Station(await connect("2.0.1"))
    assert (await station.boot())["status"] == "Pending"
    await registered_as("accepted")
    command = await wish(remote_control.trigger, charge_point=charge_point, message="BootNotification")
    assert await station.obey("TriggerMessage", status="Accepted") == {"requestedMessage": "BootNotification"}
    assert (await settled(command)).status == "accepted"
    assert (await station.boot("Triggered"))["status"] == "Accepted"
    assert (await rows(lambda: ChargePoint.objects.get())).booted_at == NOW


@pytest.mark.conformance("TC_B_58")
@pytest.mark.parametrize(("offered", "chosen"), [(["ocpp0.9", "ocpp2.0.1"], "ocpp2.0.1"), (["ocpp0.9"], None)])
async def test_of_the_subprotocols_offered_one_that_is_known_is_chosen(
    charge_point: ChargePoint, clock: Clock, offered: list[str], chosen: str | None
) -> None:
    socket = communicator("/ocpp/CP%201", [basic("CP 1", SECRET)], offered, clock)
    assert await socket.connect(timeout=PATIENCE_S) == (True, chosen)
    if chosen:
        await until(lambda: ChargePoint.objects.exclude(connection_key="").filter(ocpp_version="2.0.1").exists())
    else:
        assert (await socket.receive_output(PATIENCE_S))["type"] == "websocket.close"
        assert not (await rows(ChargePoint.objects.get)).is_connected
    await socket.disconnect(timeout=PATIENCE_S)


# --- variables --------------------------------------------------------------------------------------------------------


@pytest.mark.conformance("TC_B_06", "TC_B_07")
@pytest.mark.parametrize("variables", [[INTERVAL], [INTERVAL, REMOTE]])
async def test_variables_are_read(station: Station, charge_point: ChargePoint, variables: list[Variable]) -> None:
    [command] = await wish(configuration.ask, charge_point=charge_point, variables=variables)
    results = [{**place(one), "attributeStatus": "Accepted", "attributeValue": f"v{one.name}"} for one in variables]
    asked = await station.obey("GetVariables", getVariableResult=results)
    assert asked == {"getVariableData": [{**place(one), "attributeType": "Actual"} for one in variables]}
    assert (await settled(command)).status == "accepted"
    await until(lambda: DeviceVariable.objects.count() == len(variables))
    assert [await value(one) for one in variables] == [f"v{one.name}" for one in variables]


@pytest.mark.conformance("TC_B_08")
async def test_no_more_variables_are_asked_at_once_than_the_station_takes(
    station: Station, charge_point: ChargePoint
) -> None:
    limit = {"component": "DeviceDataCtrlr", "name": "ItemsPerMessage", "instance": "GetVariables", "value": "4"}
    await rows(lambda: DeviceVariable.objects.create(charge_point=charge_point, reported_at=NOW, **limit))
    variables = [Variable(f"V{number}", "TxCtrlr") for number in range(5)]
    await wish(configuration.ask, charge_point=charge_point, variables=variables)
    for expected in (4, 1):
        message_id, asked = await station.asked("GetVariables")
        assert len(asked["getVariableData"]) == expected
        results = [{**place(one), "attributeStatus": "Accepted", "attributeValue": "1"} for one in variables[:expected]]
        await station.charger.reply(message_id, {"getVariableResult": results})
        variables = variables[expected:]
    await until(lambda: DeviceVariable.objects.filter(component="TxCtrlr", value="1").count() == 5)


@pytest.mark.conformance("TC_B_09", "TC_B_10")
@pytest.mark.parametrize("variables", [[INTERVAL], [INTERVAL, REMOTE]])
async def test_variables_are_set(station: Station, charge_point: ChargePoint, variables: list[Variable]) -> None:
    charge_point.ocpp_version = "2.0.1"
    wanted = [Variable(one.name, one.component, value="60") for one in variables]
    [command] = await wish(configuration.change, charge_point=charge_point, variables=wanted)
    results = [{**place(one), "attributeStatus": "Accepted"} for one in reversed(variables)]
    asked = await station.obey("SetVariables", setVariableResult=results)
    assert [one["attributeValue"] for one in asked["setVariableData"]] == ["60"] * len(variables)
    assert (await settled(command)).status == "accepted"
    await until(lambda: DeviceVariable.objects.count() == len(variables))
    assert {await value(one) for one in variables} == {"60"}


async def test_a_refused_setting_says_why_and_is_not_believed(station: Station, charge_point: ChargePoint) -> None:
    charge_point.ocpp_version = "2.0.1"
    wanted = [Variable(INTERVAL.name, INTERVAL.component, value="60"), Variable("X", "Y", value="1")]
    [command] = await wish(configuration.change, charge_point=charge_point, variables=wanted)
    statuses = ["RebootRequired", "UnknownComponent"]
    results = [{**place(one), "attributeStatus": how} for one, how in zip(wanted, statuses, strict=True)]
    await station.obey("SetVariables", setVariableResult=results)
    assert (await settled(command)).status == "rejected"
    await until(lambda: DeviceVariable.objects.count() == 2)
    told = await rows(lambda: list(DeviceVariable.objects.values_list("value", "needs_reboot", "refusal")))
    assert told == [("60", True, ""), ("", False, "UnknownComponent")]


# --- reports ----------------------------------------------------------------------------------------------------------


def inventory(variable: Variable) -> Payload:
    return {
        **place(variable),
        "variableAttribute": [{"type": "Actual", "value": "7", "mutability": "ReadOnly"}],
        "variableCharacteristics": {"dataType": "integer", "supportsMonitoring": False, "maxLimit": 9},
    }


def part(report: DeviceReport, number: int, data: list[Payload], *, last: bool = True) -> Payload:
    return {
        "requestId": report.request_id,
        "generatedAt": iso(NOW),
        "reportData": data,
        "tbc": not last,
        "seqNo": number,
    }


@pytest.mark.conformance("TC_B_12", "TC_B_13", "TC_B_14")
@pytest.mark.parametrize("base", ["ConfigurationInventory", "FullInventory", "SummaryInventory"])
async def test_an_inventory_comes_in_parts(station: Station, charge_point: ChargePoint, base: str) -> None:
    report = await wish(device_reports.ask, charge_point=charge_point, base=base)
    asked = await station.obey("GetBaseReport", status="Accepted")
    assert asked == {"requestId": report.request_id, "reportBase": base}
    await settled(report.command)
    assert await station.call("NotifyReport", part(report, 0, [inventory(INTERVAL)], last=False)) == {}
    assert (await rows(DeviceReport.objects.get)).status == "running"
    await station.call("NotifyReport", part(report, 1, [inventory(REMOTE)]))
    row = await rows(DeviceReport.objects.get)
    assert (row.status, row.kind, row.parts, row.variables, row.completed_at) == ("complete", base, 2, 2, NOW)
    told = await rows(lambda: DeviceVariable.objects.get(name="HeartbeatInterval"))
    assert (told.value, told.mutability, told.data_type, told.max_limit) == ("7", "ReadOnly", "integer", 9)


async def test_a_station_without_such_a_report_says_so(station: Station, charge_point: ChargePoint) -> None:
    for status, expected in (("NotSupported", "refused"), ("EmptyResultSet", "empty")):
        report = await wish(device_reports.ask, charge_point=charge_point, base="SummaryInventory")
        await station.obey("GetBaseReport", status=status)
        await settled(report.command)
        assert (await rows(lambda pk=report.pk: DeviceReport.objects.get(pk=pk))).status == expected


@pytest.mark.conformance("TC_B_18")
async def test_a_custom_report_tells_what_was_asked(station: Station, charge_point: ChargePoint) -> None:
    power = Variable("Power", "EVSE", evse_number=1)
    report = await wish(device_reports.ask, charge_point=charge_point, criteria=["Problem"], variables=[power])
    asked = await station.obey("GetReport", status="Accepted")
    where = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
    assert asked == {
        "requestId": report.request_id,
        "componentCriteria": ["Problem"],
        "componentVariable": [where],
    }
    await station.call("NotifyReport", part(report, 0, [inventory(power) | where]))
    assert (await rows(DeviceReport.objects.get)).status == "complete"
    told = await rows(lambda: DeviceVariable.objects.get())
    assert (told.component, told.evse_number, told.name, told.value) == ("EVSE", 1, "Power", "7")


# --- network profiles -------------------------------------------------------------------------------------------------


@pytest.mark.conformance("TC_B_42", "TC_B_44")
@pytest.mark.parametrize(("answer", "result"), [("Accepted", "accepted"), ("Failed", "rejected")])
async def test_a_network_profile_is_set(station: Station, charge_point: ChargePoint, answer: str, result: str) -> None:
    intent = intents.SetNetworkProfile(1, "wss://charging.example.org/ocpp", 2)
    command = await send(charge_point, intent)
    asked = await station.obey("SetNetworkProfile", status=answer)
    assert asked["configurationSlot"] == 1
    assert asked["connectionData"] == {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": "wss://charging.example.org/ocpp",
        "messageTimeout": 30,
        "securityProfile": 2,
        "ocppInterface": "Wired0",
    }
    row = await settled(command)
    assert (row.status, row.result) == (result, {"status": answer})


# --- restart ----------------------------------------------------------------------------------------------------------


async def reset(station: Station, charge_point: ChargePoint, answer: str, **how: Any) -> Payload:
    command: Command = await wish(
        remote_control.reset, charge_point=charge_point, requested_by=None, **{"immediate": False, **how}
    )
    asked = await station.obey("Reset", status=answer)
    row = await settled(command)
    assert (row.status, row.result["status"]) == ("accepted", answer)
    return asked


@pytest.mark.conformance("TC_B_20")
async def test_an_idle_station_restarts_at_once(station: Station, up: Up, charge_point: ChargePoint) -> None:
    assert await reset(station, charge_point, "Accepted") == {"type": "OnIdle"}
    again = await up()
    assert (await again.boot("RemoteReset"))["status"] == "Accepted"
    assert (await rows(ChargePoint.objects.get)).boot_reason == "RemoteReset"
    assert (await connector(charge_point)).status == "available"


@pytest.mark.conformance("TC_B_21")
async def test_a_station_in_use_restarts_after_the_session(
    station: Station, up: Up, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start()
    assert await reset(station, charge_point, "Scheduled") == {"type": "OnIdle"}
    assert (await of_id()).state == "active"
    await station.end(minutes(30), "EVDisconnected", trigger="EVCommunicationLost")
    assert (await (await up()).boot("ScheduledReset"))["status"] == "Accepted"
    assert ((await of_id()).state, (await of_id()).energy_wh) == ("ended", 2_500)


@pytest.mark.conformance("TC_B_22")
async def test_a_station_in_use_ends_the_session_and_restarts_when_it_is_urgent(
    station: Station, up: Up, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start()
    assert await reset(station, charge_point, "Accepted", immediate=True) == {"type": "Immediate"}
    await station.end(minutes(1), "ImmediateReset", trigger="ResetCommand", meter_wh=1_100)
    await up()
    row = await of_id()
    assert (row.state, row.stop_reason, row.energy_wh, row.ended_at) == ("ended", "ImmediateReset", 100, minutes(1))


@pytest.mark.conformance("TC_B_25", "TC_B_26", "TC_B_27")
@pytest.mark.parametrize(
    ("in_use", "immediate", "answer"),
    [(False, False, "Accepted"), (True, False, "Scheduled"), (True, True, "Accepted")],
)
async def test_one_evse_restarts_alone(
    station: Station, charge_point: ChargePoint, token: IdToken, in_use: bool, immediate: bool, answer: str
) -> None:
    evse = await rows(lambda: Evse.objects.get(number=1))
    if in_use:
        await station.start()
    asked = await reset(station, charge_point, answer, immediate=immediate, evse=evse)
    assert asked == {"type": "Immediate" if immediate else "OnIdle", "evseId": 1}
    if in_use:
        reason = "ImmediateReset" if immediate else "EVDisconnected"
        await station.end(minutes(5), reason, trigger="ResetCommand" if immediate else "EVCommunicationLost")
        row = await of_id()
        assert (row.state, row.stop_reason, row.ended_at) == ("ended", reason, minutes(5))
    await station.status("Unavailable", minutes(6))
    assert (await connector(charge_point)).status == "unavailable"
    await station.status("Available", minutes(7))
    assert (await connector(charge_point)).status == "available"
    assert (await rows(lambda: ChargePoint.objects.get())).is_connected
