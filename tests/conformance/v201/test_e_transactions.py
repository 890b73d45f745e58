"""Block E: the points at which a transaction starts and stops, and how it is."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, IdToken, Transaction
from chargepoints.services import remote_control, transaction_status
from tests.chargepoints.ocpp.conftest import rows, until
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v201.station import (
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

BEGIN = energy(1_000, "Transaction.Begin")
Step = tuple[str, dict[str, Any]]
CABLE: Step = ("CablePluggedIn", {"state": "EVConnected"})
CARD: Step = ("Authorized", {"state": "EVConnected", "token": "DEADBEEF"})
CARD_ALONE: Step = ("Authorized", {"state": "Idle", "token": "DEADBEEF"})
POWER: Step = ("ChargingStateChanged", {"state": "Charging"})
SIGNED: Step = ("SignedDataReceived", {"state": "EVConnected"})
BAY: Step = ("EVDetected", {"state": "Idle"})


async def walk(station: Station, before: list[str], steps: list[Step]) -> None:
    """The first step starts the transaction, each further one is an update, a minute apart."""
    for token in before:
        assert (await station.authorize(token))["status"] == "Accepted"
    assert await no_transaction()
    for number, (trigger, how) in enumerate(steps):
        kind = "Updated" if number else "Started"
        where = {} if number else {"evse": 1}
        samples = [] if number else [BEGIN]
        answer = await station.event(kind, trigger, minutes(number), *samples, **where, **how)
        if "token" in how:
            assert answer["idTokenInfo"]["status"] == "Accepted"
        row = await transaction()
        assert (row.remote_id, row.state, row.last_seq_no, row.meter_start_wh) == (ID, "active", number, 1_000)
        assert row.charging_state == how["state"]


@pytest.mark.conformance("TC_E_01", "TC_E_02", "TC_E_03", "TC_E_04", "TC_E_09", "TC_E_10", "TC_E_11", "TC_E_12")
@pytest.mark.parametrize(
    ("before", "steps"),
    [
        pytest.param(
            ["DEADBEEF"],
            [("ChargingStateChanged", {"state": "EVConnected", "token": "DEADBEEF"}), POWER],
            id="PowerPathClosed",
        ),
        pytest.param(
            ["DEADBEEF"], [("ChargingStateChanged", {"state": "Charging", "token": "DEADBEEF"})], id="EnergyTransfer"
        ),
        pytest.param([], [CABLE, CARD, POWER], id="EVConnected"),
        pytest.param(["DEADBEEF"], [CARD_ALONE, CABLE, POWER], id="Authorized"),
        pytest.param(["DEADBEEF"], [SIGNED, CARD, POWER], id="DataSigned"),
        pytest.param([], [BAY, CABLE, CARD, POWER], id="ParkingBayOccupancy"),
    ],
)
async def test_a_transaction_starts_where_the_station_is_set_to(
    station: Station, charge_point: ChargePoint, token: IdToken, before: list[str], steps: list[Step]
) -> None:
    await walk(station, before, steps)
    row = await transaction()
    assert (row.id_token_id, row.driver_id, row.charging_state) == (token.pk, token.driver_id, "Charging")
    assert (await connector(charge_point)).status == "charging"


@pytest.mark.conformance("TC_E_07", "TC_E_08", "TC_E_14", "TC_E_15", "TC_E_19", "TC_E_20", "TC_E_22", "TC_E_39")
@pytest.mark.parametrize(
    ("steps", "trigger", "reason"),
    [
        pytest.param([("StopAuthorized", "EVConnected")], "ChargingStateChanged", "Local", id="PowerPathClosed"),
        pytest.param([("StopAuthorized", "SuspendedEVSE")], "ChargingStateChanged", "Local", id="EnergyTransfer"),
        pytest.param([("StopAuthorized", "EVConnected")], "EVCommunicationLost", "Local", id="EVDisconnected there"),
        pytest.param([], "StopAuthorized", "Local", id="StopAuthorized"),
        pytest.param(
            [("StopAuthorized", "EVConnected"), ("EVCommunicationLost", "Idle")], "EVDeparted", "Local", id="ParkingBay"
        ),
        pytest.param([], "EVCommunicationLost", "EVDisconnected", id="EVDisconnected by the car"),
        pytest.param(
            [("ChargingStateChanged", "SuspendedEV")], "ChargingStateChanged", "StoppedByEV", id="SuspendedEV"
        ),
        pytest.param([], "EVConnectTimeout", "Timeout", id="Deauthorized by time"),
    ],
)
async def test_a_transaction_stops_where_the_station_is_set_to(
    station: Station,
    charge_point: ChargePoint,
    token: IdToken,
    steps: list[tuple[str, str]],
    trigger: str,
    reason: str,
) -> None:
    await station.start()
    for number, (why, state) in enumerate(steps):
        by = {"token": "DEADBEEF"} if why == "StopAuthorized" else {}
        await station.event("Updated", why, minutes(20 + number), state=state, **by)
        row = await transaction()
        assert (row.state, row.charging_state) == ("active", state)
    await station.end(minutes(30), reason, trigger=trigger)
    row = await over(reason)
    assert (row.id_token_id, row.last_seq_no) == (token.pk, len(steps) + 1)
    await station.status("Available", minutes(31))
    assert (await connector(charge_point)).status == "available"


@pytest.mark.conformance("TC_E_16")
async def test_a_card_that_turns_out_to_be_no_good_ends_the_session(
    station: Station, charge_point: ChargePoint
) -> None:
    """The station let it start by itself; our answer tells it better."""
    assert await station.start(token="UNKNOWN") in ("Invalid", "Unknown")
    assert (await transaction()).state == "quarantined"
    await station.end(minutes(1), "DeAuthorized", trigger="Deauthorized", meter_wh=1_010)
    row = await transaction()
    assert (row.stop_reason, row.energy_wh, row.driver_id) == ("DeAuthorized", 10, None)
    assert row.flaw.startswith("token refused")


@pytest.mark.conformance("TC_E_17")
async def test_a_car_that_leaves_after_its_card_was_refused_ends_the_session(station: Station) -> None:
    await station.start(token="UNKNOWN")
    await station.event("Updated", "Deauthorized", minutes(1), state="SuspendedEVSE")
    assert (await transaction()).state == "quarantined"
    await station.end(minutes(5), "DeAuthorized", trigger="EVCommunicationLost", meter_wh=1_000)
    row = await transaction()
    assert (row.stop_reason, row.energy_wh, row.ended_at) == ("DeAuthorized", 0, minutes(5))


@pytest.mark.conformance("TC_E_21")
async def test_a_session_is_ended_from_here(station: Station, token: IdToken) -> None:
    await station.start()
    command = await wish(remote_control.stop, transaction_row=await transaction(), requested_by=None)
    assert await station.obey("RequestStopTransaction", status="Accepted") == {"transactionId": ID}
    assert (await settled(command)).status == "accepted"
    await station.end(minutes(30), "Remote", trigger="RemoteStop")
    await over("Remote")


@pytest.mark.conformance("TC_E_26")
async def test_a_cable_that_is_pulled_and_plugged_again_goes_on_in_the_same_session(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start()
    await station.event("Updated", "EVCommunicationLost", minutes(5), energy(1_500), state="Idle")
    row = await transaction()
    assert (row.state, row.charging_state, row.energy_wh) == ("active", "Idle", 500)
    await station.event("Updated", "CablePluggedIn", minutes(8), state="EVConnected")
    await station.event("Updated", "ChargingStateChanged", minutes(9))
    assert (await connector(charge_point)).status == "charging"
    await station.end(minutes(30))
    await over("Local")


@pytest.mark.conformance("TC_E_38")
async def test_a_car_that_is_not_ready_is_waited_for(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start(state="EVConnected")
    await station.event("Updated", "ChargingStateChanged", minutes(1), state="SuspendedEV")
    row = await transaction()
    assert (row.state, row.charging_state) == ("active", "SuspendedEV")
    assert (await connector(charge_point)).status == "suspended_ev"
    await station.event("Updated", "ChargingStateChanged", minutes(9), energy(1_000))
    await station.end(minutes(30))
    await over("Local")


@pytest.mark.conformance("TC_E_29", "TC_E_30")
@pytest.mark.parametrize("in_queue", [True, False])
async def test_a_running_transaction_is_asked_after(
    station: Station, charge_point: ChargePoint, token: IdToken, in_queue: bool
) -> None:
    await station.start()
    command = await wish(transaction_status.ask, charge_point=charge_point, transaction_row=await transaction())
    asked = await station.obey("GetTransactionStatus", ongoingIndicator=True, messagesInQueue=in_queue)
    assert asked == {"transactionId": ID}
    assert (await settled(command)).status == "accepted"
    row = await until(lambda: Transaction.objects.exclude(messages_in_queue=None).first())
    assert (row.messages_in_queue, row.state) == (in_queue, "active")


@pytest.mark.conformance("TC_E_31")
async def test_a_transaction_that_is_over_there_is_over_here_when_its_end_comes(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start()
    await wish(transaction_status.ask, charge_point=charge_point, transaction_row=await transaction())
    await station.obey("GetTransactionStatus", ongoingIndicator=False, messagesInQueue=True)
    row = await until(lambda: Transaction.objects.exclude(messages_in_queue=None).first())
    assert (row.messages_in_queue, row.state) == (True, "active")
    await station.end(minutes(30), offline=True)
    assert (await over("Local")).was_offline


@pytest.mark.parametrize("offline", [("Started",), ("Updated",), ("Ended",), ()])
async def test_a_transaction_knows_that_a_part_of_it_was_told_late(
    station: Station, token: IdToken, offline: tuple[str, ...]
) -> None:
    await station.start(offline="Started" in offline)
    await station.event("Updated", "MeterValuePeriodic", minutes(5), energy(1_500), offline="Updated" in offline)
    await station.end(minutes(30), offline="Ended" in offline)
    assert (await over("Local")).was_offline == bool(offline)


async def test_a_transaction_that_is_over_there_and_will_never_tell_is_set_apart(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start()
    await station.event("Updated", "MeterValuePeriodic", minutes(10), energy(1_800))
    await wish(transaction_status.ask, charge_point=charge_point, transaction_row=await transaction())
    await station.obey("GetTransactionStatus", ongoingIndicator=False, messagesInQueue=False)
    row = await until(lambda: Transaction.objects.filter(state="quarantined").first())
    assert (row.flaw, row.ended_at, row.energy_wh) == ("no stop was sent", minutes(10), 800)
    await station.end(minutes(30))
    await over("Local")


@pytest.mark.conformance("TC_E_33", "TC_E_34")
@pytest.mark.parametrize("in_queue", [True, False])
async def test_a_station_tells_whether_it_has_anything_left_to_tell(
    station: Station, charge_point: ChargePoint, token: IdToken, in_queue: bool
) -> None:
    await station.start()
    command = await wish(transaction_status.ask, charge_point=charge_point)
    assert await station.obey("GetTransactionStatus", messagesInQueue=in_queue) == {}
    row = await settled(command)
    assert (row.status, row.result) == ("accepted", {"messagesInQueue": in_queue})
    assert ((await transaction()).state, (await transaction()).messages_in_queue) == ("active", None)


@pytest.mark.conformance("TC_E_53")
async def test_every_transaction_counts_its_messages_from_0(station: Station, token: IdToken) -> None:
    for number, remote_id in enumerate(("first", "second")):
        station.seq_no = 0
        await station.start(minutes(number * 60), id=remote_id)
        await station.event("Updated", "MeterValuePeriodic", minutes(number * 60 + 10), energy(1_800), id=remote_id)
        await station.end(minutes(number * 60 + 30), id=remote_id)
    told = await rows(lambda: list(Transaction.objects.order_by("pk").values_list("remote_id", "state", "energy_wh")))
    assert told == [("first", "ended", 2_500), ("second", "ended", 2_500)]
    assert await rows(lambda: set(Transaction.objects.values_list("last_seq_no", "flaw"))) == {(2, "")}
