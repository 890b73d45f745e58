"""Frames that are no messages, and messages that are not understood: each gets its answer, none costs the link."""

import json
from typing import Any

import pytest

from chargepoints.models import OcppMessage
from chargepoints.ocpp import rpc
from tests.chargepoints.ocpp.conftest import CallRefused, Charger, Connect, logged, rows

UNREADABLE = ["not json", "{}", "[]", '"text"', "null", "[" * 100_000, '{"a":', "1e999", "[2", b"\xff\xfe", "9" * 5000]


@pytest.mark.parametrize("frame", UNREADABLE)
@pytest.mark.parametrize(("version", "code"), [("1.6", "FormationViolation"), ("2.0.1", "RpcFrameworkError")])
async def test_what_is_no_message_is_answered_without_an_id(
    version: str, code: str, frame: str | bytes, connect: Connect
) -> None:
    charger = await connect(version)
    answer = await charger.answer_to_raw(frame)
    assert answer[:3] == [4, "-1", code]
    assert len(answer) == 5
    assert await _alive(charger)


@pytest.mark.parametrize(
    ("frame", "codes"),
    [
        ('[2,"id"]', ("FormationViolation", "RpcFrameworkError")),
        ('[2,"id","Heartbeat"]', ("FormationViolation", "RpcFrameworkError")),
        ('[2,"id","Heartbeat",{},1]', ("FormationViolation", "RpcFrameworkError")),
        ('[2,"id",7,{}]', ("FormationViolation", "RpcFrameworkError")),
        ('[9,"id","Heartbeat",{}]', ("FormationViolation", "MessageTypeNotSupported")),
        ('[2,"id","Heartbeat",[]]', ("FormationViolation", "FormatViolation")),
        ('[2,"id","Heartbeat",null]', ("FormationViolation", "FormatViolation")),
        ('[2,"id","Levitate",{}]', ("NotImplemented", "NotImplemented")),
        ('[2,"id","../../etc/passwd",{}]', ("NotImplemented", "NotImplemented")),
        ('[2,"id","Reset",{"type":"Soft"}]', ("NotSupported", "NotSupported")),
        ('[2,"id","Authorize",{}]', ("OccurenceConstraintViolation", "OccurrenceConstraintViolation")),
        ('[2,"id","DataTransfer",{"vendorId":{}}]', ("TypeConstraintViolation", "TypeConstraintViolation")),
    ],
)
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_message_that_cannot_be_dealt_with_gets_the_version_s_own_code(
    version: str, frame: str, codes: tuple[str, str], connect: Connect
) -> None:
    charger = await connect(version)
    answer = await charger.answer_to_raw(frame)
    assert answer[:3] == [4, "id", codes[version == "2.0.1"]]
    assert await _alive(charger)


async def test_an_error_never_repeats_what_the_charger_sent(connect: Connect) -> None:
    charger = await connect("1.6")
    answer = await charger.answer_to_raw('[2,"id","Authorize",{"idTag":{"secret":"HUNTER2"}}]')
    assert "HUNTER2" not in json.dumps(answer)
    assert "idTag" in answer[3]


@pytest.mark.parametrize(
    "frame",
    ['[3,"nobody",{}]', '[3,"x"]', '[4,"nobody","",""]', '[4,"nobody"]', "[4]", '[3,"x",{},1]'],
)
async def test_answers_that_nobody_awaits_are_passed_over(frame: str, connect: Connect) -> None:
    charger = await connect()
    await charger.send(frame)
    assert await _alive(charger)


async def test_ids_that_are_numbers_come_back_as_numbers(connect: Connect) -> None:
    assert (await (await connect()).answer_to_raw('[2,17,"Heartbeat",{}]'))[:2] == [3, 17]


@pytest.mark.parametrize(
    "frame", ['\ufeff[2,"a","Heartbeat",{}]', b'[2,"a","Heartbeat",{}]', '\n [ 2 ,"a","Heartbeat",{}]\r\n']
)
async def test_byte_order_marks_binary_frames_and_blanks_do_no_harm(frame: str | bytes, connect: Connect) -> None:
    assert (await (await connect()).answer_to_raw(frame))[:2] == [3, "a"]


async def test_frames_of_a_mebibyte_are_taken_and_larger_ones_end_the_link(connect: Connect) -> None:
    charger = await connect()
    frame = json.dumps([2, "big", "DataTransfer", {"vendorId": "v", "data": ""}])
    big = frame.replace('"data": ""', f'"data": "{"x" * (rpc.MOST_BYTES - len(frame))}"')
    assert (await charger.answer_to_raw(big))[:2] == [3, "big"]
    await charger.send(big + " ")
    assert await charger.closed() == 4009


async def test_several_frames_at_once_are_answered_in_order(connect: Connect) -> None:
    charger = await connect()
    for number in range(20):
        await charger.send(json.dumps([2, f"n{number}", "Heartbeat", {}]))
    assert [(await charger.frame())[1] for _ in range(20)] == [f"n{number}" for number in range(20)]


async def test_characters_that_no_database_takes_are_left_out_of_the_log(connect: Connect) -> None:
    charger = await connect()
    await charger.send('[2,"odd\\u0000","DataTransfer",{"vendorId":"a\\u0000b\\ud800"}]')
    assert (await charger.frame())[0] == 3
    await logged()
    kept = await rows(lambda: OcppMessage.objects.get(direction="in"))
    assert (kept.message_id, kept.payload) == ("odd", {"vendorId": "ab?"})


async def test_a_handler_that_fails_answers_internal_error_and_the_link_lives(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("chargepoints.services.authorization.authorize", broken)
    charger = await connect()
    with pytest.raises(CallRefused) as refusal:
        await charger.call("Authorize", {"idTag": "A"})
    assert refusal.value.args[0] == "InternalError"
    assert "secret" not in str(refusal.value.args)
    assert await _alive(charger)


async def _alive(charger: Charger) -> bool:
    return "currentTime" in await charger.call("Heartbeat", {})
