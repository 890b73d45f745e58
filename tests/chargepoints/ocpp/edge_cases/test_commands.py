"""What real chargers do with commands: no answer, late answers, and answers in two words for one thing."""

import json
from datetime import timedelta

import pytest

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, FirmwareUpdate, IdToken, OcppMessage, Transaction
from chargepoints.services import commands, diagnostics, firmware
from tests.chargepoints.ocpp.conftest import NOW, Charger, Clock, Connect, logged, rows, until
from tests.chargepoints.ocpp.words import WORDS, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
FIRMWARE = "https://firmware.example.org/a.bin"


async def enqueue(charge_point: ChargePoint, intent: intents.Intent) -> Command:
    return await rows(
        lambda: commands.enqueue(charge_point=charge_point, intent=intent, now=NOW, valid_for=timedelta(hours=1))
    )


async def booted(connect: Connect, version: str) -> Charger:
    charger = await connect(version)
    await WORDS[version](charger).boot()
    message_id, _ = await charger.asked("SetChargingProfile")
    await charger.reply(message_id, {"status": "Accepted"})
    return charger


async def settled(command: Command) -> Command:
    return await until(lambda: Command.objects.filter(pk=command.pk).exclude(status__in=["queued", "sent"]).first())


async def alive(charger: Charger) -> bool:
    return "currentTime" in await charger.call("Heartbeat", {})


async def gone(charger: Charger, charge_point: ChargePoint) -> None:
    await charger.socket.disconnect()
    await until(lambda: ChargePoint.objects.filter(pk=charge_point.pk, connection_key="").exists())


@both_versions
@pytest.mark.parametrize("code", ["NotSupported", "NotImplemented"])
async def test_not_supported_and_not_implemented_mean_the_same_as_an_error(
    code: str, version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    upload = await rows(
        lambda: diagnostics.ask_log(charge_point=charge_point, log="security", url="https://logs.example.org/", now=NOW)
    )
    message_id, _ = await charger.asked("GetLog")
    await charger.send(json.dumps([4, message_id, code, "", {}]))
    row = await settled(upload.command)
    assert (row.status, row.error) == ("failed", f"{code}: ")
    await rows(upload.refresh_from_db)
    assert (upload.is_over, upload.ending) == (True, "refused")
    assert await alive(charger)


@both_versions
@pytest.mark.parametrize("status", ["NotSupported", "NotImplemented"])
async def test_not_supported_and_not_implemented_mean_the_same_as_a_status(
    status: str, version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    command = await enqueue(charge_point, intents.Trigger("MeterValues", 1))
    message_id, _ = await charger.asked("TriggerMessage")
    await charger.reply(message_id, {"status": status})
    row = await settled(command)
    assert (row.status, row.result) == ("rejected", {"status": status})
    assert await alive(charger)


@pytest.mark.parametrize(
    ("action", "code"), [("ClearCache", "NotSupported"), ("Teleport", "NotImplemented"), ("", "NotImplemented")]
)
async def test_we_say_not_supported_to_what_ocpp_has_and_not_implemented_to_the_rest(
    action: str, code: str, connect: Connect
) -> None:
    """OCPP-J 4.2.3: a message for chargers is known but not for us; an invented one is not known at all."""
    charger = await connect()
    answer = await charger.answer_to_raw(json.dumps([2, "x", action, {}]))
    assert answer[:3] == [4, "x", code]


@both_versions
async def test_a_reset_that_drops_the_line_without_an_answer_is_not_sent_again(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    command = await enqueue(charge_point, intents.Reset(immediate=True))
    await charger.asked("Reset")
    await gone(charger, charge_point)
    row = await settled(command)
    assert (row.status, await rows(lambda: row.changes.last().note)) == ("timed_out", "link lost")
    again = await booted(connect, version)
    assert await again.nothing_comes()


@both_versions
async def test_a_reset_that_is_answered_drops_the_line_and_what_waits_goes_out_after_the_boot(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    reset = await enqueue(charge_point, intents.Reset())
    message_id, _ = await charger.asked("Reset")
    await charger.reply(message_id, {"status": "Accepted"})
    assert (await settled(reset)).status == "accepted"
    await gone(charger, charge_point)
    waiting = await enqueue(charge_point, intents.Unlock(evse_number=1))
    again = await connect(version)
    await WORDS[version](again).boot()
    message_id, _ = await again.asked("UnlockConnector")
    await again.reply(message_id, {"status": "Unlocked"})
    assert (await settled(waiting)).status == "accepted"


@both_versions
async def test_an_unlock_that_failed_says_so_and_leaves_the_session_alone(
    version: str, connect: Connect, charge_point: ChargePoint, token: IdToken
) -> None:
    charger = await booted(connect, version)
    await WORDS[version](charger).start("DEADBEEF", 0)
    command = await enqueue(charge_point, intents.Unlock(evse_number=1))
    message_id, _ = await charger.asked("UnlockConnector")
    await charger.reply(message_id, {"status": "UnlockFailed"})
    row = await settled(command)
    assert (row.status, row.result) == ("rejected", {"status": "UnlockFailed"})
    assert (await rows(Transaction.objects.get)).state == "active"


@both_versions
async def test_an_answer_that_comes_after_the_reconnect_settles_nothing_twice(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    command = await enqueue(charge_point, intents.Trigger("Heartbeat"))
    message_id, _ = await charger.asked("TriggerMessage")
    await gone(charger, charge_point)
    again = await connect(version)
    await again.reply(message_id, {"status": "Rejected"})  # before it is asked again
    await WORDS[version](again).boot()
    repeated, _ = await again.asked("TriggerMessage")
    assert repeated == message_id == str(command.pk)
    await again.reply(repeated, {"status": "Accepted"})
    assert (await settled(command)).status == "accepted"
    await again.reply(repeated, {"status": "Rejected"})
    assert await alive(again)
    assert (await rows(lambda: Command.objects.get(pk=command.pk))).status == "accepted"
    await logged()
    late = OcppMessage.objects.filter(direction="in", message_type=3, message_id=message_id)
    assert await rows(late.count) == 3


@both_versions
async def test_a_firmware_status_that_never_ends_is_closed_with_a_reason_and_opened_by_a_late_word(
    version: str, connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    charger = await booted(connect, version)
    update = await rows(lambda: firmware.ask(charge_point=charge_point, url=FIRMWARE, retrieve_at=NOW, now=NOW))
    message_id, _ = await charger.asked("UpdateFirmware")
    await charger.reply(message_id, {"status": "Accepted"})
    await settled(update.command)
    number = {"requestId": update.request_id} if version == "2.0.1" else {}
    await charger.call("FirmwareStatusNotification", {"status": "Downloading", **number})
    clock.advance(days=2)
    assert await rows(lambda: firmware.sweep(now=clock.now)) == 1
    row = await rows(FirmwareUpdate.objects.get)
    assert (row.status, row.is_over, row.ending, row.get_ending_display()) == (
        "Downloading",
        True,
        "silent",
        "The charger never told how it ended.",
    )
    await charger.call("FirmwareStatusNotification", {"status": "Installed", **number})
    row = await rows(FirmwareUpdate.objects.get)
    assert (row.status, row.ending, row.status_at) == ("Installed", "done", minutes(2 * 24 * 60))


async def test_a_firmware_status_before_the_answer_to_the_question_is_taken(
    connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, "1.6")
    update = await rows(lambda: firmware.ask(charge_point=charge_point, url=FIRMWARE, retrieve_at=NOW, now=NOW))
    message_id, _ = await charger.asked("UpdateFirmware")
    await charger.call("FirmwareStatusNotification", {"status": "Downloading"})
    await charger.reply(message_id, {})
    await settled(update.command)
    assert (await rows(FirmwareUpdate.objects.get)).status == "Downloading"
