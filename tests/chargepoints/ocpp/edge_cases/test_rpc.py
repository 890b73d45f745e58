"""Frames as real firmware sends them around ours: late, twice, empty, in between."""

import json
from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.domain.command import CommandStatus
from chargepoints.models import ChargePoint, Command, IdToken, MeterValue, OcppMessage, Transaction
from chargepoints.services import commands
from tests.chargepoints.ocpp.conftest import NOW, CallRefused, Charger, Connect, logged, rows, until
from tests.chargepoints.ocpp.words import WORDS, iso

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


async def asked(charger: Charger, charge_point: ChargePoint, version: str) -> tuple[Command, str]:
    """A command that has gone out, and the id of its call."""
    await WORDS[version](charger).boot()
    command = await rows(
        lambda: commands.enqueue(charge_point=charge_point, intent=intents.Trigger(message="Heartbeat"), now=NOW)
    )
    message_id, _ = await charger.asked("TriggerMessage")
    return command, message_id


async def settled(command: Command) -> Command:
    return await until(lambda: Command.objects.filter(pk=command.pk).exclude(status__in=["queued", "sent"]).first())


async def alive(charger: Charger) -> bool:
    return "currentTime" in await charger.call("Heartbeat", {})


@both_versions
@pytest.mark.parametrize("error", [["", "", {}], ["", ""], [""], [None, None, None], ["NotSupported", "", {}, "more"]])
async def test_an_error_without_words_is_an_answer(
    error: list[Any], version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await connect(version)
    command, message_id = await asked(charger, charge_point, version)
    await charger.send(json.dumps([4, message_id, *error]))
    assert (await settled(command)).status not in (CommandStatus.ACCEPTED, CommandStatus.TIMED_OUT)
    assert await alive(charger)


@both_versions
async def test_answers_with_unknown_ids_settle_nothing(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await connect(version)
    command, message_id = await asked(charger, charge_point, version)
    await charger.send('[3,"nobody",{"status":"Accepted"}]')
    await charger.send('[4,"nobody","InternalError","",{}]')
    assert await alive(charger)
    assert (await rows(lambda: Command.objects.get(pk=command.pk))).status == CommandStatus.SENT
    await charger.reply(message_id, {"status": "Accepted"})
    assert (await settled(command)).status == CommandStatus.ACCEPTED


@both_versions
async def test_an_answer_that_comes_twice_settles_once(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await connect(version)
    command, message_id = await asked(charger, charge_point, version)
    await charger.reply(message_id, {"status": "Accepted"})
    assert (await settled(command)).status == CommandStatus.ACCEPTED
    await charger.reply(message_id, {"status": "Rejected"})
    assert await alive(charger)
    assert (await rows(lambda: Command.objects.get(pk=command.pk))).status == CommandStatus.ACCEPTED


@both_versions
async def test_a_session_s_facts_are_taken_while_our_own_call_is_open(
    version: str, connect: Connect, charge_point: ChargePoint, token: IdToken
) -> None:
    charger = await connect(version)
    command, message_id = await asked(charger, charge_point, version)
    assert await WORDS[version](charger).start("DEADBEEF", 0) == "Accepted"
    assert await rows(Transaction.objects.count) == 1
    await charger.reply(message_id, {"status": "Accepted"})
    assert (await settled(command)).status == CommandStatus.ACCEPTED


@both_versions
async def test_the_charger_may_use_the_id_of_our_open_call_for_its_own(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await connect(version)
    command, message_id = await asked(charger, charge_point, version)
    assert "currentTime" in await charger.call("Heartbeat", {}, message_id=message_id)
    await charger.reply(message_id, {"status": "Accepted"})
    assert (await settled(command)).status == CommandStatus.ACCEPTED


@both_versions
async def test_a_repeat_with_the_same_id_over_a_new_connection_is_stored_once(
    version: str, connect: Connect, token: IdToken
) -> None:
    if version == "1.6":
        action = "StartTransaction"
        payload: dict[str, Any] = {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 5, "timestamp": iso(NOW)}
    else:
        action = "TransactionEvent"
        payload = {
            "eventType": "Started",
            "timestamp": iso(NOW),
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": "t-1"},
            "evse": {"id": 1},
            "idToken": {"idToken": "DEADBEEF", "type": "ISO14443"},
        }
    answers = [await (await connect(version)).call(action, payload, message_id="7") for _ in range(2)]
    assert answers[0] == answers[1]
    assert await rows(Transaction.objects.count) == 1


async def test_the_same_meter_values_twice_under_one_id_are_answered_twice_and_stored_once(
    connect: Connect, token: IdToken
) -> None:
    charger = await connect()
    block = {"timestamp": iso(NOW), "sampledValue": [{"value": "5"}]}
    frame = json.dumps([2, "m", "MeterValues", {"connectorId": 1, "meterValue": [block]}])
    assert [await charger.answer_to_raw(frame) for _ in range(2)] == [[3, "m", {}]] * 2
    assert await rows(MeterValue.objects.count) == 1


@both_versions
async def test_an_unknown_vendor_s_message_is_answered_and_in_the_log(version: str, connect: Connect) -> None:
    charger = await connect(version)
    answer = await charger.call("DataTransfer", {"vendorId": "com.example", "messageId": "x", "data": "y"})
    assert answer == {"status": "UnknownVendorId"}
    await logged()
    kept = await rows(lambda: OcppMessage.objects.get(direction="in", action="DataTransfer"))
    assert kept.payload["vendorId"] == "com.example"


@both_versions
async def test_additional_properties_cost_no_fact(version: str, connect: Connect, token: IdToken) -> None:
    words = WORDS[version](await connect(version))
    real = words.charger.call

    async def sloppy(action: str, payload: dict[str, Any], message_id: str = "") -> dict[str, Any]:
        return await real(action, payload | {"firmwareMood": {"deep": [1, 2]}}, message_id)

    words.charger.call = sloppy  # type: ignore[method-assign]
    await words.boot()
    assert await words.start("DEADBEEF", 0) == "Accepted"
    assert (await rows(Transaction.objects.get)).state == Transaction.State.ACTIVE


@pytest.mark.parametrize("message_id", ["", " ", "x" * 500, "ä€", 0, 1.5])
async def test_a_strange_id_comes_back_as_it_is(message_id: Any, connect: Connect) -> None:
    charger = await connect()
    assert (await charger.answer_to_raw(json.dumps([2, message_id, "Heartbeat", {}])))[:2] == [3, message_id]


@both_versions
async def test_a_start_that_lacks_what_nobody_can_guess_is_refused_and_the_next_is_taken(
    version: str, connect: Connect, token: IdToken
) -> None:
    charger = await connect(version)
    action = "StartTransaction" if version == "1.6" else "TransactionEvent"
    with pytest.raises(CallRefused) as refusal:
        await charger.call(action, {"timestamp": iso(NOW)})
    assert "ConstraintViolation" in refusal.value.args[0]
    assert await WORDS[version](charger).start("DEADBEEF", 0) == "Accepted"
    assert await rows(Transaction.objects.count) == 1


async def test_a_call_without_payload_costs_no_other_frame_its_place_in_the_log(connect: Connect) -> None:
    charger = await connect()
    await charger.answer_to_raw('[2,"1","Heartbeat",null]')
    assert await alive(charger)
    await logged()
    assert await rows(lambda: OcppMessage.objects.filter(action="Heartbeat", direction="in").count()) == 2
