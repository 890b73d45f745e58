"""From a command's row to the charger and back, in both versions."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, CompositeSchedule, DeviceVariable, OcppMessage
from chargepoints.services import commands
from tests.chargepoints.ocpp.conftest import NOW, Clock, Connect, logged, rows, until
from tests.chargepoints.ocpp.words import WORDS

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
PROFILE = intents.SetChargingProfile(0, 1, 0, "tx_default", NOW, (intents.Period(0, 4_200.0),))
UNLOCK = intents.Unlock(evse_number=1)


async def enqueue(charge_point: ChargePoint, intent: intents.Intent) -> Command:
    return await rows(
        lambda: commands.enqueue(charge_point=charge_point, intent=intent, now=NOW, valid_for=timedelta(hours=1))
    )


async def settled(command: Command, status: str) -> Command:
    return await until(lambda: Command.objects.filter(pk=command.pk, status=status).first())


async def booted(connect: Connect, version: str) -> Any:
    """A charger that has taken its default limit."""
    charger = await connect(version)
    await WORDS[version](charger).boot()
    message_id, _ = await charger.asked("SetChargingProfile")
    await charger.reply(message_id, {"status": "Accepted"})
    await until(lambda: Command.objects.filter(kind="set_charging_profile", status="accepted").exists())
    return charger


@both_versions
async def test_a_boot_is_followed_by_the_safe_default_limit(version: str, connect: Connect) -> None:
    charger = await connect(version)
    await WORDS[version](charger).boot()
    _, payload = await charger.asked("SetChargingProfile")
    profile = payload.get("csChargingProfiles") or payload["chargingProfile"]
    assert profile["chargingProfilePurpose"] == "TxDefaultProfile"


@both_versions
@pytest.mark.parametrize(
    ("answer", "status"), [("Unlocked", "accepted"), ("UnlockFailed", "rejected"), (None, "failed")]
)
async def test_a_command_is_sent_with_its_row_s_id_and_settled_by_the_answer(
    version: str, answer: str | None, status: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    command = await enqueue(charge_point, UNLOCK)
    message_id, _ = await charger.asked("UnlockConnector")
    assert message_id == str(command.pk)
    await charger.reply(message_id, {"status": answer} if answer else {"odd": 1})
    row = await settled(command, status)
    assert row.result == ({"status": answer} if answer else {})


@both_versions
async def test_an_error_of_the_charger_fails_the_command_with_its_words(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    command = await enqueue(charge_point, UNLOCK)
    message_id, _ = await charger.asked()
    await charger.send(f'[4,"{message_id}","NotSupported","no lock",{{}}]')
    assert (await settled(command, "failed")).error == "NotSupported: no lock"


@both_versions
@pytest.mark.parametrize("payload", ['"Accepted"', "[]", "null"])
async def test_an_answer_that_is_no_object_fails_the_command(
    version: str, payload: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    command = await enqueue(charge_point, UNLOCK)
    message_id, _ = await charger.asked()
    await charger.send(f'[3,"{message_id}",{payload}]')
    assert (await settled(command, "failed")).error == "the answer made no sense"


async def test_without_an_answer_the_command_times_out_and_the_next_one_is_sent(
    connect: Connect, charge_point: ChargePoint, settings: Any
) -> None:
    settings.OCPP_ANSWER_TIMEOUT_S = 0.1
    charger = await booted(connect, "1.6")
    first = await enqueue(charge_point, UNLOCK)
    late, _ = await charger.asked("UnlockConnector")
    await settled(first, "timed_out")
    second = await enqueue(charge_point, intents.Reset())
    message_id, _ = await charger.asked("Reset")
    await charger.reply(late, {"status": "Unlocked"})  # too late, and it answers nothing else
    await charger.reply(message_id, {"status": "Accepted"})
    await settled(second, "accepted")
    assert (await rows(lambda: Command.objects.get(pk=first.pk))).status == "timed_out"


async def test_one_command_at_a_time(connect: Connect, charge_point: ChargePoint) -> None:
    charger = await booted(connect, "1.6")
    await enqueue(charge_point, UNLOCK)
    await enqueue(charge_point, intents.Reset())
    message_id, _ = await charger.asked("UnlockConnector")
    assert await charger.nothing_comes()
    await charger.reply(message_id, {"status": "Unlocked"})
    await charger.asked("Reset")


async def test_the_charger_s_own_call_is_answered_while_ours_is_open(
    connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, "1.6")
    command = await enqueue(charge_point, UNLOCK)
    message_id, _ = await charger.asked("UnlockConnector")
    assert "currentTime" in await charger.call("Heartbeat", {}, message_id=message_id)  # the same id, the other way
    await charger.reply(message_id, {"status": "Unlocked"})
    await settled(command, "accepted")


@both_versions
async def test_a_command_under_way_when_the_line_breaks_is_sent_again_with_the_same_id(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, version)
    command = await enqueue(charge_point, UNLOCK)
    first_id, _ = await charger.asked("UnlockConnector")
    await charger.socket.disconnect()
    await settled(command, "queued")
    again = await connect(version)
    await again.call("Heartbeat", {})
    second_id, _ = await again.asked("UnlockConnector")
    assert first_id == second_id == str(command.pk)
    await again.reply(second_id, {"status": "Unlocked"})
    await settled(command, "accepted")


async def test_a_command_of_a_replaced_connection_goes_on_with_the_new_one(
    connect: Connect, charge_point: ChargePoint
) -> None:
    old = await booted(connect, "1.6")
    command = await enqueue(charge_point, UNLOCK)
    await old.asked("UnlockConnector")
    new = await connect("1.6")
    await new.call("Heartbeat", {})
    message_id, _ = await new.asked("UnlockConnector")
    await new.reply(message_id, {"status": "Unlocked"})
    await settled(command, "accepted")


async def test_commands_that_waited_for_the_charger_go_out_once_it_has_booted(
    connect: Connect, charge_point: ChargePoint
) -> None:
    await enqueue(charge_point, UNLOCK)
    charger = await connect("2.0.1")
    assert await charger.nothing_comes()
    await WORDS["2.0.1"](charger).boot()
    await charger.asked("UnlockConnector")


@pytest.mark.parametrize("registration", ["pending", "rejected"])
async def test_a_charger_that_is_not_accepted_is_told_nothing(
    registration: str, connect: Connect, charge_point: ChargePoint
) -> None:
    await rows(lambda: ChargePoint.objects.update(registration=registration))
    await enqueue(charge_point, UNLOCK)
    charger = await connect("1.6")
    assert (await WORDS["1.6"](charger).boot())["status"].lower() == registration
    assert await charger.nothing_comes()


async def test_what_cannot_be_said_in_a_version_fails_and_the_next_is_sent(
    connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await booted(connect, "1.6")
    wrong = await enqueue(charge_point, intents.RemoteStop(transaction_remote_id="a-2.0.1-id"))
    await enqueue(charge_point, UNLOCK)
    await charger.asked("UnlockConnector")
    assert (await settled(wrong, "failed")).error.startswith("not sent")


@both_versions
async def test_a_schedule_that_was_asked_for_is_kept(
    version: str, connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    charger = await booted(connect, version)
    command = await enqueue(charge_point, intents.GetCompositeSchedule(evse_number=1, duration_s=900))
    message_id, _ = await charger.asked("GetCompositeSchedule")
    schedule = {"duration": 900, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 4200}]}
    start = {"scheduleStart": "2026-03-02T09:00:00Z"}
    if version == "1.6":
        answer = {"status": "Accepted", "connectorId": 1, "chargingSchedule": schedule, **start}
    else:
        answer = {"status": "Accepted", "schedule": schedule | start | {"evseId": 1}}
    await charger.reply(message_id, answer)
    await settled(command, "accepted")
    kept = await until(lambda: CompositeSchedule.objects.first())
    assert (kept.starts_at, kept.duration_s, kept.periods) == (NOW, 900, [[0, 4200.0]])


def _unit(payload: dict[str, Any]) -> str:
    schedule = (payload.get("csChargingProfiles") or payload["chargingProfile"])["chargingSchedule"]
    return (schedule[0] if isinstance(schedule, list) else schedule)["chargingRateUnit"]


@both_versions
async def test_a_charger_that_refuses_watts_is_asked_in_amperes_and_from_then_on(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await connect(version)
    await WORDS[version](charger).boot()
    message_id, payload = await charger.asked("SetChargingProfile")
    assert _unit(payload) == "W"
    await charger.reply(message_id, {"status": "Rejected"})
    message_id, payload = await charger.asked("SetChargingProfile")
    assert _unit(payload) == "A"
    await charger.reply(message_id, {"status": "Accepted"})
    await until(lambda: Command.objects.filter(kind="set_charging_profile", status="accepted").exists())
    command = await enqueue(charge_point, PROFILE)
    message_id, payload = await charger.asked("SetChargingProfile")
    assert (message_id, _unit(payload)) == (str(command.pk), "A")


@both_versions
async def test_a_charger_that_told_that_it_takes_amperes_only_is_never_asked_in_watts(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    key = {
        "1.6": ("", "ChargingScheduleAllowedChargingRateUnit", "Current"),
        "2.0.1": ("SmartChargingCtrlr", "RateUnit", "A"),
    }
    component, name, value = key[version]
    told = DeviceVariable(charge_point=charge_point, component=component, name=name, value=value, reported_at=NOW)
    await rows(told.save)
    charger = await connect(version)
    await WORDS[version](charger).boot()
    message_id, payload = await charger.asked("SetChargingProfile")
    assert _unit(payload) == "A"
    await charger.reply(message_id, {"status": "Accepted"})
    await enqueue(charge_point, intents.GetCompositeSchedule(evse_number=1, duration_s=900))
    assert (await charger.asked("GetCompositeSchedule"))[1]["chargingRateUnit"] == "A"


async def test_a_charger_that_refuses_amperes_as_well_has_refused(connect: Connect, charge_point: ChargePoint) -> None:
    charger = await connect("1.6")
    await WORDS["1.6"](charger).boot()
    for answer in ('[3,"{}",{{"status":"Rejected"}}]', '[4,"{}","NotSupported","",{{}}]'):
        message_id, _ = await charger.asked("SetChargingProfile")
        await charger.send(answer.format(message_id))
    row = await until(lambda: Command.objects.filter(kind="set_charging_profile", status="rejected").first())
    assert row.result == {"status": "Rejected"}
    await enqueue(charge_point, PROFILE)
    assert _unit((await charger.asked("SetChargingProfile"))[1]) == "W"


async def test_a_new_password_is_not_in_the_log(connect: Connect, charge_point: ChargePoint) -> None:
    charger = await booted(connect, "1.6")
    await enqueue(charge_point, intents.Configure("AuthorizationKey", "deadbeef"))
    message_id, payload = await charger.asked("ChangeConfiguration")
    assert payload["value"] == "deadbeef"
    await charger.reply(message_id, {"status": "Accepted"})
    await logged()
    kept = await rows(lambda: OcppMessage.objects.get(action="ChangeConfiguration", direction="out"))
    assert kept.payload == {"key": "AuthorizationKey", "value": "***"}
