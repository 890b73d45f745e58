"""Repeats, storms and a stumbling database."""

import asyncio
import json
from typing import Any

import pytest
from django.db import OperationalError

from chargepoints.models import ChargePoint, IdToken, OcppMessage, Transaction
from chargepoints.ocpp import database, v16, v201, validation
from chargepoints.services import recording, transactions
from tests.chargepoints.ocpp.conftest import Charger, Clock, Connect, logged, registered, rows, until
from tests.chargepoints.ocpp.words import WORDS, minutes

START = {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 5, "timestamp": "2026-03-02T09:00:00Z"}


async def test_the_same_frame_twice_gets_the_same_answer_and_is_stored_once(connect: Connect, token: IdToken) -> None:
    charger = await connect()
    frame = json.dumps([2, "once", "StartTransaction", START])
    first = await charger.answer_to_raw(frame)
    assert await charger.answer_to_raw(frame) == first
    assert await rows(Transaction.objects.count) == 1


async def test_an_id_used_again_for_something_else_is_something_else(connect: Connect, token: IdToken) -> None:
    charger = await connect()
    started = await charger.call("StartTransaction", START, message_id="1")
    assert started["transactionId"] > 0
    assert await charger.call("Authorize", {"idTag": "NOBODY"}, message_id="1") == {"idTagInfo": {"status": "Invalid"}}
    again = await charger.call("StartTransaction", START | {"timestamp": "2026-03-02T11:00:00Z"}, message_id="1")
    assert again["transactionId"] != started["transactionId"]


async def test_a_status_told_three_times_in_the_same_frame_counts_each_time(
    connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    """Firmware that numbers nothing and dates nothing: Available, Charging, Available."""
    charger = await connect()
    for status in ("Available", "Charging", "Available"):
        clock.advance(minutes=1)
        payload = {"connectorId": 1, "errorCode": "NoError", "status": status}
        await charger.call("StatusNotification", payload, message_id="1")
    assert (await rows(lambda: charge_point.evses.get().connectors.get())).status == "available"


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_database_that_stumbles_costs_no_fact(
    version: str, connect: Connect, token: IdToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAUSES_S", (0.0, 0.0))
    real, left = transactions.start, [OperationalError("deadlock"), OperationalError("gone")]

    def stumbling(**facts: Any) -> Any:
        if left:
            raise left.pop()
        return real(**facts)

    _replace_start(monkeypatch, stumbling)
    words = WORDS[version](await connect(version))
    assert await words.start("DEADBEEF", 5) == "Accepted"
    assert await rows(Transaction.objects.count) == 1


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_fact_that_cannot_be_stored_is_left_unanswered_so_that_the_charger_keeps_it(
    version: str, connect: Connect, token: IdToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PAUSES_S", (0.0, 0.0))

    def lost(*_: Any, **__: Any) -> Any:
        raise OperationalError("no database")

    _replace_start(monkeypatch, lost)
    monkeypatch.setattr(recording, "store", lost)
    charger = await connect(version)
    words = WORDS[version](charger)
    starting = asyncio.create_task(words.start("DEADBEEF", 5))
    await asyncio.sleep(0)
    await charger.send('[2,"after","Heartbeat",{}]')
    with pytest.raises(AssertionError):  # the next answer is the heartbeat's
        await starting


def _replace_start(monkeypatch: pytest.MonkeyPatch, service: Any) -> None:
    monkeypatch.setattr(transactions, "start", service)
    started = v201.handlers.transactions._TRANSACTION_EVENTS["Started"]
    monkeypatch.setitem(v201.handlers.transactions._TRANSACTION_EVENTS, "Started", (started[0], service))


async def test_a_whole_offline_day_sent_at_once_is_one_session(connect: Connect, token: IdToken) -> None:
    """Start, a hundred values and stop, hours late: the times are those of the payload."""
    words = WORDS["1.6"](await connect())
    await words.start("DEADBEEF", 0, minutes(-300))
    for number in range(0, 100, 10):
        await words.meter(number * 10, 1_000, minutes(number - 300))
    await words.stop("DEADBEEF", 1_000, minutes(-200))
    row = await rows(Transaction.objects.get)
    assert (row.started_at, row.ended_at, row.energy_wh) == (minutes(-300), minutes(-200), 1_000)


@pytest.mark.parametrize("transaction_id", [0, -1, 424242])
async def test_a_stop_of_an_unknown_transaction_is_acknowledged_and_kept_apart(
    transaction_id: int, connect: Connect
) -> None:
    charger = await connect()
    payload = {"transactionId": transaction_id, "meterStop": 5, "timestamp": "2026-03-02T09:00:00Z"}
    assert await charger.call("StopTransaction", payload) == {}
    assert await charger.call("StopTransaction", payload) == {}
    assert (await rows(Transaction.objects.get)).state == Transaction.State.QUARANTINED


async def test_meter_values_of_an_unknown_transaction_are_acknowledged(connect: Connect) -> None:
    charger = await connect()
    payload = {
        "connectorId": 1,
        "transactionId": 424242,
        "meterValue": [{"timestamp": "2026-03-02T09:00:00Z", "sampledValue": [{"value": "5"}]}],
    }
    assert await charger.call("MeterValues", payload) == {}


async def test_an_end_before_its_start_and_an_update_after_its_end_are_taken(connect: Connect, token: IdToken) -> None:
    words = WORDS["2.0.1"](await connect("2.0.1"))
    words.seq_no = 2
    await words.stop("DEADBEEF", 500, minutes(30))
    words.seq_no = 0
    await words.start("DEADBEEF", 0)
    await words.meter(250, 1_000, minutes(15))
    row = await rows(Transaction.objects.get)
    assert (row.state, row.energy_wh) == (Transaction.State.ENDED, 500)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_sloppy_firmware_is_understood(version: str, connect: Connect, charge_point: ChargePoint) -> None:
    charger = await connect(version)
    if version == "1.6":
        boot: dict[str, Any] = {"chargePointVendor": "V" * 60, "chargePointModel": 3, "signal": -70, "iccid": None}
    else:
        station = {"vendorName": "V" * 60, "model": 3, "signal": -70, "serialNumber": "S" * 80}
        boot = {"reason": "Boredom", "chargingStation": station}
    assert (await charger.call("BootNotification", boot))["status"] == "Accepted"
    found = await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))
    assert (found.vendor, found.model) == ("V" * 50, "3")


async def test_a_rejected_charger_may_only_boot(connect: Connect, charge_point: ChargePoint) -> None:
    await rows(lambda: ChargePoint.objects.update(registration="rejected"))
    charger = await connect()
    answer = await charger.answer_to_raw('[2,"h","Heartbeat",{}]')
    assert answer[2] == "SecurityError"
    assert (await WORDS["1.6"](charger).boot())["status"] == "Rejected"


async def test_fifty_chargers_that_come_back_at_once_all_start(transactional_db: None, connect: Connect) -> None:
    await rows(lambda: [registered(f"CP{number}") for number in range(50)])
    chargers: list[Charger] = await asyncio.gather(*(connect("1.6", f"CP{number}") for number in range(50)))
    answers = await asyncio.gather(*(charger.call("StartTransaction", START) for charger in chargers))
    assert len({answer["transactionId"] for answer in answers}) == 50
    assert await rows(Transaction.objects.count) == 50


@pytest.mark.parametrize("version", [v16.VERSION, v201.VERSION], ids=lambda version: version.name)
async def test_answers_are_as_the_schemas_want_them(version: Any, connect: Connect, token: IdToken) -> None:
    words = WORDS[version.name](await connect(version.name))
    await words.boot()
    await words.status("Available")
    await words.authorize("DEADBEEF")
    await words.start("DEADBEEF", 0)
    await words.meter(5, 5, minutes(1))
    await words.stop("DEADBEEF", 9, minutes(2))
    await words.charger.call("Heartbeat", {})
    await words.charger.call("DataTransfer", {"vendorId": "x"})
    await logged()
    kept = await until(lambda: list(OcppMessage.objects.filter(direction="out", message_type=3)))
    assert len(kept) == 8
    for message in kept:
        validation.validator(version.name, f"{message.action}Response").validate(message.payload)


ACKNOWLEDGED = {
    "1.6": {
        "DiagnosticsStatusNotification": {"status": "Idle"},
        "FirmwareStatusNotification": {"status": "Installed"},
        "SecurityEventNotification": {"type": "TamperDetectionActivated", "timestamp": "2026-03-02T09:00:00Z"},
    },
    "2.0.1": {
        "ClearedChargingLimit": {"chargingLimitSource": "EMS"},
        "FirmwareStatusNotification": {"status": "Installed"},
        "LogStatusNotification": {"status": "Idle"},
        "NotifyChargingLimit": {"chargingLimit": {"chargingLimitSource": "EMS"}},
        "NotifyEvent": {"generatedAt": "2026-03-02T09:00:00Z", "seqNo": 0, "eventData": []},
        "NotifyReport": {"requestId": 1, "generatedAt": "2026-03-02T09:00:00Z", "seqNo": 0},
        "ReportChargingProfiles": {
            "requestId": 1,
            "chargingLimitSource": "CSO",
            "evseId": 1,
            "chargingProfile": [],
        },
        "ReservationStatusUpdate": {"reservationId": 99, "reservationUpdateStatus": "Expired"},
        "SecurityEventNotification": {"type": "TamperDetectionActivated", "timestamp": "2026-03-02T09:00:00Z"},
    },
}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_news_without_a_consequence_is_acknowledged(version: str, connect: Connect) -> None:
    charger = await connect(version)
    for action, payload in ACKNOWLEDGED[version].items():
        assert await charger.call(action, payload) == {}
