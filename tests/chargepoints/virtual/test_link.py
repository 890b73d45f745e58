"""The line breaks, the server dies, the mains fail: no transaction is lost, and all is told in order afterwards."""

import asyncio

import pytest

from chargepoints.virtual import Clock, Vehicle, VirtualChargePoint

from .central import Call, Central, Payload
from .conftest import FAST, START
from .test_charge_point import CARD, a_car, charge
from .words import Words, Words16, Words201


def durable(central: Central, words: Words) -> list[Call]:
    return [call for call in central.calls if call.action in words.durable_actions]


def moments(calls: list[Call]) -> list[str]:
    return [call.payload.get("timestamp") or call.payload["meterValue"][0]["timestamp"] for call in calls]


async def test_what_happened_offline_is_told_in_order_after_the_server_came_back(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    transaction_id = await charge(charger)
    before = len(durable(central, words))
    await central.kill()
    await charger.wait_for(lambda cp: not cp.online)
    await charger.tick(1_800)
    await charger.present_token(1, CARD)
    assert len(charger.link.outbox) == 7
    await central.start()
    await charger.await_delivered()
    late = durable(central, words)[before:]
    assert len(late) == 7
    assert moments(late) == sorted(moments(late))
    assert [end.transaction_id for end in words.ends()] == [transaction_id]
    assert words.ends()[0].meter_wh == 5_500


async def test_a_transaction_that_began_and_ended_offline_is_told_whole(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    charger.drop_link(stay_down=True)
    await charger.plug_in(1, a_car())
    await charger.present_token(1, CARD)
    await charger.tick(600)
    await charger.unplug(1)
    assert words.begins() == []
    charger.restore_link()
    await charger.await_delivered()
    assert [begin.token for begin in words.begins()] == [CARD]
    (end,) = words.ends()
    assert end.meter_wh == pytest.approx(11_000 / 6, abs=1)
    assert end.transaction_id not in ("", "-1")
    assert {call.payload.get("offline", True) for call in durable(central, words)} == {True}


async def test_the_transaction_runs_on_through_a_cut_line(charger: VirtualChargePoint, words: Words) -> None:
    transaction_id = await charge(charger)
    connections = charger.link.connections
    charger.drop_link()
    await charger.tick(300)
    await charger.await_delivered()
    session = charger.evse().session
    assert session
    assert session.transaction_id == transaction_id
    assert charger.link.connections == connections + 1
    assert charger.power_w() == 11_000


async def test_a_reconnect_tells_the_status_but_does_not_boot(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    charger.drop_link(stay_down=True)
    await charger.plug_in(1, a_car())
    charger.restore_link()
    await charger.await_delivered()
    assert len(central.payloads("BootNotification")) == 1
    assert words.statuses()[-1] in ("Preparing", "Occupied")


async def test_what_is_worth_nothing_later_is_not_kept(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    central.answers["Heartbeat"] = None
    await charger.tick(300)
    await central.wait_for(lambda: central.payloads("Heartbeat"))
    charger.drop_link(stay_down=True)
    await charger.wait_for(lambda cp: len(cp.link.outbox) == 0)
    charger.restore_link()
    await charger.await_online()
    assert len(central.payloads("Heartbeat")) == 1


async def test_an_unanswered_message_is_said_again_with_the_same_content(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    action = words.durable_actions[0]
    central.answers[action] = None
    charger.link._rpc._timeout_s = 0.05  # type: ignore[union-attr]
    await charger.plug_in(1, a_car())
    await charger.present_token(1, CARD)
    await central.wait_for(lambda: len(central.payloads(action)) >= 2)
    del central.answers[action]
    await charger.await_delivered()
    said = [call for call in central.calls if call.action == action and call.payload == central.payloads(action)[0]]
    assert len(said) >= 2
    assert len({call.message_id for call in said}) == 1
    assert charger.evse().session.transaction_id  # type: ignore[union-attr]


async def test_some_chargers_repeat_under_a_new_message_id(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    charger.link.retry_with_new_id = True
    action = words.durable_actions[0]
    central.answers[action] = {"error": "InternalError"}
    await charger.plug_in(1, a_car())
    await charger.present_token(1, CARD)
    await central.wait_for(lambda: len(central.payloads(action)) >= 2)
    first, second = [call for call in central.calls if call.action == action][:2]
    assert first.payload == second.payload
    assert first.message_id != second.message_id


async def test_a_message_that_the_server_fails_on_is_given_up_in_the_end(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    action = words.durable_actions[0]
    central.answers[action] = {"error": "InternalError"}
    await charger.plug_in(1, a_car())
    await charger.present_token(1, CARD)
    await charger.await_delivered()
    first = central.payloads(action)[0]
    assert central.payloads(action).count(first) == 3


async def test_the_last_message_can_be_doubled(charger: VirtualChargePoint, central: Central, words: Words) -> None:
    await charge(charger)
    before = durable(central, words)
    await charger.duplicate_last()
    await charger.duplicate_last(new_id=True)
    *_, last, again, anew = durable(central, words)
    assert len(durable(central, words)) == len(before) + 2
    assert last == again
    assert last.payload == anew.payload
    assert last.message_id != anew.message_id


async def test_without_a_message_there_is_nothing_to_double(charger: VirtualChargePoint) -> None:
    with pytest.raises(LookupError):
        await charger.duplicate_last()


async def test_nothing_is_said_before_the_boot_is_accepted(words: Words, central: Central) -> None:
    answers: list[Payload] = [
        {"status": status, "currentTime": "2026-03-02T08:00:00Z", "interval": 1}
        for status in ("Rejected", "Pending", "Accepted")
    ]
    central.answers["BootNotification"] = lambda boot: answers.pop(0)
    charger = VirtualChargePoint("VCP", central.url, words.version, clock=Clock(START), timing=FAST)
    async with charger:
        await charger.await_delivered()
    assert [call.action for call in central.calls][:4] == ["BootNotification"] * 3 + ["StatusNotification"]
    assert charger.variables["heartbeat_s"] == "1"


async def test_the_password_opens_and_a_wrong_one_does_not(words: Words, central: Central) -> None:
    await central.kill()
    central.credentials = ("VCP", "a-long-enough-secret")
    await central.start()
    stranger = VirtualChargePoint("VCP", central.url, words.version, "wrong", clock=Clock(START), timing=FAST)
    async with stranger:
        await stranger.wait_for(lambda cp: cp.link.last_error)
    assert "401" in str(stranger.link.last_error)
    assert central.calls == []
    charger = VirtualChargePoint(
        "VCP", central.url, words.version, "a-long-enough-secret", clock=Clock(START), timing=FAST
    )
    async with charger:
        await charger.await_online()


async def test_a_new_password_is_used_from_the_next_connection_on(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    assert await words.set_password("another-long-secret") == "Accepted"
    await central.kill()
    central.credentials = ("VCP 1", "another-long-secret")
    connections = charger.link.connections
    await central.start()
    await charger.wait_for(lambda cp: cp.link.connections > connections)


async def test_a_server_without_our_version_is_left_alone(central: Central) -> None:
    charger = VirtualChargePoint("VCP", central.url, "1.6", clock=Clock(START), timing=FAST)
    charger.link.access = type(charger.link.access)(charger.link.access.address, "VCP", "ocpp9.9")
    async with charger:
        await charger.wait_for(lambda cp: cp.link.last_error)
    assert central.calls == []


async def test_after_a_power_cut_it_boots_and_ends_what_ran(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    await charge(charger)
    await charger.tick(600)
    await charger.await_delivered()
    samples = len(words.values("Energy.Active.Import.Register"))
    charger.power_loss()
    await charger.tick(3_600)
    assert charger.power_w() == 0
    charger.power_restore()
    await charger.await_delivered()
    assert len(words.values("Energy.Active.Import.Register")) == samples
    (end,) = words.ends()
    assert end.reason == "PowerLoss"
    assert end.meter_wh == pytest.approx(11_000 / 6, abs=1)
    assert len(central.payloads("BootNotification")) == 2


async def test_some_chargers_go_on_after_a_power_cut(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger)
    charger.power_loss()
    charger.power_restore(resume=True)
    await charger.await_delivered()
    assert words.ends() == []
    assert charger.power_w() == 11_000


async def test_profiles_outlive_a_reboot_unless_the_firmware_forgets_them(
    charger: VirtualChargePoint, words: Words
) -> None:
    await words.set_profile(1, "TxDefaultProfile", [(0, 7_000)], start=START.isoformat())
    await charger.reboot()
    assert charger.composite()[0].limit_w == 7_000
    await charger.reboot(keep_profiles=False)
    assert charger.composite()[0].limit_w == 11_000


async def test_a_command_can_be_refused_or_met_with_silence(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    charger.refuse("SetChargingProfile")
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 7_000)]) == "Rejected"
    assert len(charger.station.profiles) == 0
    charger.faults.obey("SetChargingProfile")
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 7_000)]) == "Accepted"
    charger.refuse("ClearCache", error="NotSupported", times=1)
    assert await central.call("ClearCache", {}) == {"error": "NotSupported"}
    assert await central.call("ClearCache", {}) == {"status": "Accepted"}
    charger.silence("ClearCache")
    asked = asyncio.create_task(central.call("ClearCache", {}))
    assert await words.list_version() == 0
    assert not asked.done()
    asked.cancel()


async def test_offline_a_card_is_judged_by_the_local_list_and_by_memory(
    charger: VirtualChargePoint, words: Words
) -> None:
    assert await words.send_list(3, {"GOOD": "Accepted", "BAD": "Blocked"}) == "Accepted"
    assert await words.list_version() == 3
    charger.variables.set("offline_unknown", "false")
    charger.drop_link(stay_down=True)
    assert await charger.present_token(1, "BAD") == "Blocked"
    assert await charger.present_token(1, "unknown") == "Invalid"
    assert await charger.present_token(1, "good") == "Accepted"


async def test_a_test_can_say_anything_over_the_line(charger: VirtualChargePoint, central: Central) -> None:
    await charger.send_raw('[2,"id-1","Heartbeat",{}]')
    await central.wait_for(
        lambda: [call.message_id for call in central.calls if call.action == "Heartbeat"] == ["id-1"]
    )


async def test_answers_that_make_no_sense_do_not_break_the_line(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    for action in ("Authorize", *words.durable_actions):
        central.answers[action] = {"idTokenInfo": 7, "transactionId": None}
    await charger.plug_in(1, a_car())
    assert await charger.present_token(1, CARD) == "Accepted"
    await charger.tick(300)
    await charger.await_delivered()
    assert await words.list_version() == 0
    assert len(charger.violations) >= 2
    charger.violations.clear()


async def test_frames_that_are_none_do_not_break_the_line(charger: VirtualChargePoint, central: Central) -> None:
    for raw in ("", "[]", "{}", '[2,"a"]', '[2,"a","ClearCache"]', "[9,1,2,3]", '[3,"nobody-asked",{}]', '[4,"x"]'):
        await central._socket.send(raw)  # type: ignore[union-attr]
    assert await central.call("ClearCache", {}) == {"status": "Accepted"}


async def test_a_kept_station_goes_on_in_another_charge_point(words: Words, central: Central) -> None:
    def make(clock: Clock) -> VirtualChargePoint:
        return VirtualChargePoint("VCP", central.url, words.version, clock=clock, timing=FAST, meter_interval_s=300)

    async with make(Clock(START)) as charger:
        await charger.await_online()
        transaction_id = await charge(charger, car=Vehicle(energy_wh=10_000, efficiency=1.0))
        kept = charger.station
    later = Clock(START)
    later.advance(7_200)
    async with make(later) as charger:
        charger.station = kept
        await charger.await_online()
        await charger.tick(600)
        assert await words.remote_stop(transaction_id) == "Accepted"
        await charger.await_delivered()
    assert words.ends()[0].meter_wh == pytest.approx(11_000 / 6, abs=1)


async def test_offline_events_of_2_0_1_say_so_and_count_on(central: Central) -> None:
    charger = VirtualChargePoint("VCP", central.url, "2.0.1", clock=Clock(START), timing=FAST, meter_interval_s=60)
    async with charger:
        await charger.await_online()
        await charge(charger)
        charger.drop_link(stay_down=True)
        await charger.tick(120)
        charger.restore_link()
        await charger.await_delivered()
    events = central.payloads("TransactionEvent")
    assert [event["offline"] for event in events] == [False, False, True, True]
    assert [event["seqNo"] for event in events] == [0, 1, 2, 3]
    assert isinstance(Words201(central), Words201)


async def test_a_stop_in_1_6_whose_start_was_given_up_names_no_transaction(central: Central) -> None:
    central.answers["StartTransaction"] = {"error": "InternalError"}
    charger = VirtualChargePoint("VCP", central.url, "1.6", clock=Clock(START), timing=FAST, meter_interval_s=60)
    async with charger:
        await charger.await_online()
        await charger.plug_in(1, a_car())
        await charger.present_token(1, CARD)
        await charger.tick(60)
        await charger.unplug(1)
        await charger.await_delivered()
    assert [end.transaction_id for end in Words16(central).ends()] == ["-1"]
    assert "transactionId" not in central.payloads("MeterValues")[0]
