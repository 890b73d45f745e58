"""A charger that is not accepted yet may be looked at and set up, and tells what it is asked for."""

import pytest

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands
from tests.chargepoints.ocpp.conftest import NOW, CallRefused, Connect, rows
from tests.chargepoints.ocpp.words import WORDS, Words201

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


async def pending() -> None:
    await rows(lambda: ChargePoint.objects.update(registration="pending"))


async def enqueue(intent: intents.Intent) -> Command:
    return await rows(lambda: commands.enqueue(charge_point=ChargePoint.objects.get(), intent=intent, now=NOW))


@both_versions
async def test_only_questions_and_settings_go_out_before_it_is_accepted(version: str, connect: Connect) -> None:
    await pending()
    words = WORDS[version](await connect(version))
    start = await enqueue(intents.RemoteStart(evse_number=1, token="A", remote_start_id=1))
    trigger = await enqueue(intents.Trigger("BootNotification"))
    await words.boot()
    message_id, payload = await words.charger.asked()
    assert (message_id, payload) == (str(trigger.pk), {"requestedMessage": "BootNotification"})
    await words.charger.reply(message_id, {"status": "Accepted"})
    assert await words.charger.nothing_comes()

    await rows(lambda: ChargePoint.objects.update(registration="accepted"))
    await words.boot()
    assert (await words.charger.asked())[0] == str(start.pk)


async def test_what_it_was_asked_for_is_taken_and_nothing_else(connect: Connect) -> None:
    await pending()
    words = Words201(await connect("2.0.1"))
    await words.boot()
    with pytest.raises(CallRefused) as refusal:
        await words.charger.call("Heartbeat", {})
    assert refusal.value.args[0] == "SecurityError"
    await enqueue(intents.Trigger("Heartbeat"))
    message_id, _ = await words.charger.asked("TriggerMessage")
    await words.charger.reply(message_id, {"status": "Accepted"})
    assert "currentTime" in await words.charger.call("Heartbeat", {})
    with pytest.raises(CallRefused):
        await words.status("Available")
