"""Block F: start, stop, unlock and trigger from here."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, Command, Connector, Evse, FirmwareUpdate, IdToken, LogUpload, MeterValue
from chargepoints.services import remote_control
from tests.chargepoints.ocpp.conftest import NOW, Clock, rows, until
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v201.station import (
    CARD,
    ID,
    Station,
    connector,
    energy,
    no_transaction,
    over,
    settled,
    transaction,
    wish,
)

Payload = dict[str, Any]


async def start(station: Station, token: IdToken, **answer: Any) -> Payload:
    evse = await rows(lambda: Evse.objects.select_related("charge_point").get(number=1))
    command = await wish(remote_control.start, evse=evse, id_token=token, requested_by=None)
    asked = await station.obey("RequestStartTransaction", **{"status": "Accepted", **answer})
    assert (await settled(command)).status == "accepted"
    assert (asked["idToken"], asked["evseId"]) == (CARD, 1)
    return asked


async def belongs_to(token: IdToken, remote_start_id: int) -> None:
    row = await transaction()
    assert (row.state, row.remote_start_id) == ("active", remote_start_id)
    assert (row.id_token_id, row.driver_id, row.token) == (token.pk, token.driver_id, "DEADBEEF")


@pytest.mark.conformance("TC_F_01")
async def test_a_session_of_a_car_that_is_plugged_in_is_started_from_here(station: Station, token: IdToken) -> None:
    """The transaction began with the cable: the charger names it in its answer."""
    await station.event(
        "Started", "CablePluggedIn", NOW, energy(1_000, "Transaction.Begin"), state="EVConnected", evse=1
    )
    asked = await start(station, token, transactionId=ID)
    remote = {"remoteStartId": asked["remoteStartId"]}
    answer = await station.event("Updated", "RemoteStart", minutes(1), token="DEADBEEF", info=remote)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    await belongs_to(token, asked["remoteStartId"])
    await station.end(minutes(30))
    await over("Local")


async def test_a_start_from_here_names_its_driver_without_a_token(station: Station, token: IdToken) -> None:
    begin = energy(1_000, "Transaction.Begin")
    await station.event("Started", "CablePluggedIn", NOW, begin, state="EVConnected", evse=1)
    asked = await start(station, token, transactionId=ID)
    await station.event("Updated", "RemoteStart", minutes(1), info={"remoteStartId": asked["remoteStartId"]})
    await belongs_to(token, asked["remoteStartId"])


@pytest.mark.conformance("TC_F_02", "TC_F_03")
@pytest.mark.parametrize("asks_first", [True, False])
async def test_a_session_is_started_from_here_before_the_car_is_plugged_in(
    station: Station, charge_point: ChargePoint, token: IdToken, asks_first: bool
) -> None:
    asked = await start(station, token)
    if asks_first:
        assert (await station.authorize("DEADBEEF"))["status"] == "Accepted"
    remote = {"remoteStartId": asked["remoteStartId"]}
    begin = energy(1_000, "Transaction.Begin")
    answer = await station.event(
        "Started", "RemoteStart", NOW, begin, state="Idle", token="DEADBEEF", evse=1, info=remote
    )
    assert answer["idTokenInfo"]["status"] == "Accepted"
    await station.event("Updated", "CablePluggedIn", minutes(1), state="EVConnected")
    await station.event("Updated", "ChargingStateChanged", minutes(2))
    await belongs_to(token, asked["remoteStartId"])
    assert (await connector(charge_point)).status == "charging"


@pytest.mark.conformance("TC_F_04")
async def test_a_car_that_never_comes_leaves_no_session_open(station: Station, token: IdToken) -> None:
    asked = await start(station, token)
    remote = {"remoteStartId": asked["remoteStartId"]}
    begin = energy(1_000, "Transaction.Begin")
    await station.event("Started", "RemoteStart", NOW, begin, state="Idle", token="DEADBEEF", evse=1, info=remote)
    await station.end(minutes(2), "Timeout", trigger="EVConnectTimeout", meter_wh=1_000)
    row = await over("Timeout", energy_wh=0, at=minutes(2))
    assert row.driver_id == token.driver_id


@pytest.mark.conformance("TC_F_06")
@pytest.mark.parametrize(
    ("answer", "result"),
    [("Unlocked", "accepted"), ("UnlockFailed", "rejected"), ("OngoingAuthorizedTransaction", "rejected")],
)
async def test_a_cable_is_unlocked(station: Station, answer: str, result: str) -> None:
    lock = await rows(lambda: Connector.objects.select_related("evse__charge_point").get())
    command = await wish(remote_control.unlock, connector=lock, requested_by=None)
    assert await station.obey("UnlockConnector", status=answer) == {"evseId": 1, "connectorId": 1}
    row = await settled(command)
    assert (row.status, row.result["status"]) == (result, answer)
    assert await no_transaction()


async def trigger(station: Station, charge_point: ChargePoint, message: str, **more: Any) -> Payload:
    command: Command = await wish(remote_control.trigger, charge_point=charge_point, message=message, **more)
    asked = await station.obey("TriggerMessage", status="Accepted")
    assert (await settled(command)).status == "accepted"
    return asked


@pytest.mark.conformance("TC_F_11", "TC_F_12")
@pytest.mark.parametrize("evse_number", [1, None])
async def test_meter_values_are_asked_for(
    station: Station, charge_point: ChargePoint, second_evse: Evse, evse_number: int | None
) -> None:
    asked = await trigger(station, charge_point, "MeterValues", evse_number=evse_number)
    where = {"evse": {"id": 1}} if evse_number else {}
    assert asked == {"requestedMessage": "MeterValues", **where}
    for number in [1] if evse_number else [1, 2]:
        values = [{"timestamp": iso(NOW), "sampledValue": [energy(640 + number, "Trigger")]}]
        assert await station.call("MeterValues", {"evseId": number, "meterValue": values}) == {}
    told = await rows(
        lambda: list(MeterValue.objects.order_by("evse_number").values_list("evse_number", "value", "context"))
    )
    assert told == [(1, 641, "Trigger")] if evse_number else [(1, 641, "Trigger"), (2, 642, "Trigger")]


@pytest.mark.conformance("TC_F_13", "TC_F_14")
@pytest.mark.parametrize("evse_number", [1, None])
async def test_events_of_transactions_are_asked_for(
    station: Station, charge_point: ChargePoint, token: IdToken, evse_number: int | None
) -> None:
    await station.start()
    asked = await trigger(station, charge_point, "TransactionEvent", evse_number=evse_number)
    where = {"evse": {"id": 1}} if evse_number else {}
    assert asked == {"requestedMessage": "TransactionEvent", **where}
    await station.event("Updated", "Trigger", minutes(5), energy(1_400, "Trigger"), state="SuspendedEV")
    row = await transaction()
    assert (row.state, row.charging_state, row.energy_wh, row.last_value_at) == (
        "active",
        "SuspendedEV",
        400,
        minutes(5),
    )


@pytest.mark.conformance("TC_F_15", "TC_F_18", "TC_F_20")
@pytest.mark.parametrize(
    ("message", "payload"),
    [
        ("LogStatusNotification", {"status": "Idle"}),
        ("FirmwareStatusNotification", {"status": "Idle"}),
        ("Heartbeat", {}),
    ],
)
async def test_other_messages_are_asked_for(
    station: Station, charge_point: ChargePoint, clock: Clock, message: str, payload: Payload
) -> None:
    assert await trigger(station, charge_point, message) == {"requestedMessage": message}
    clock.advance(minutes=1)
    answer = await station.call(message, payload)
    assert answer == ({"currentTime": "2026-03-02T09:01:00.000Z"} if message == "Heartbeat" else {})
    heard = ChargePoint.objects.filter(pk=charge_point.pk, last_heard_at=minutes(1))
    assert await until(heard.exists)  # kept after the answer
    assert await rows(lambda: FirmwareUpdate.objects.count() + LogUpload.objects.count()) == 0


@pytest.mark.conformance("TC_F_23", "TC_F_24")
@pytest.mark.parametrize(("told", "kept"), [("Available", "available"), ("Occupied", "preparing")])
async def test_a_connector_s_status_is_asked_for(
    station: Station, charge_point: ChargePoint, told: str, kept: str
) -> None:
    asked = await trigger(station, charge_point, "StatusNotification", evse_number=1, connector_number=1)
    assert asked == {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}}
    await station.status(told, minutes(1))
    row = await connector(charge_point)
    assert (row.status, row.status_at) == (kept, NOW)


@pytest.mark.conformance("TC_F_27")
async def test_a_station_that_does_not_know_a_message_says_so(station: Station, charge_point: ChargePoint) -> None:
    command = await wish(remote_control.trigger, charge_point=charge_point, message="SignV2GCertificate")
    await station.obey("TriggerMessage", status="NotImplemented")
    row = await settled(command)
    assert (row.status, row.result) == ("rejected", {"status": "NotImplemented"})
