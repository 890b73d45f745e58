"""One flow for both versions: a charger boots, a car comes, charges under limits, and leaves."""

import asyncio
from datetime import timedelta

import pytest

from chargepoints.virtual import Vehicle, VirtualChargePoint

from .central import Central
from .conftest import START
from .words import Words

CARD = "04A1B2C3"


def a_car(**details: float) -> Vehicle:
    return Vehicle(**{"capacity_wh": 60_000, "energy_wh": 12_000, "efficiency": 1.0, **details})


def at(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat()


async def charge(charger: VirtualChargePoint, evse: int = 1, car: Vehicle | None = None) -> str:
    """Plug in and present the card; the transaction's id as the server knows it."""
    await charger.plug_in(evse, car or a_car())
    assert await charger.present_token(evse, CARD) == "Accepted"
    await charger.await_delivered()
    session = charger.evse(evse).session
    assert session
    assert session.transaction_id
    return session.transaction_id


async def test_it_boots_and_tells_the_status_of_each_connector(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    assert [call.action for call in central.calls][:2] == ["BootNotification", "StatusNotification"]
    assert words.statuses(1) == ["Available"]
    assert set(words.statuses(2)) == {"Available"}
    assert central.calls[0].path == "/ocpp/VCP%201"


async def test_a_card_at_a_plugged_car_starts_and_stops_a_transaction(
    charger: VirtualChargePoint, words: Words
) -> None:
    transaction_id = await charge(charger)
    assert [begin.token for begin in words.begins()] == [CARD]
    assert charger.status() == "Charging"
    assert charger.power_w() == 11_000
    await charger.tick(3_600)
    assert await charger.present_token(1, CARD) == "Accepted"
    await charger.await_delivered()
    (end,) = words.ends()
    assert (end.transaction_id, end.meter_wh, end.reason) == (transaction_id, 11_000, "Local")
    assert charger.power_w() == 0
    assert charger.status() == "Finishing"
    await charger.unplug(1)
    await charger.await_delivered()
    assert words.statuses()[-1] == "Available"


async def test_what_is_told_bears_the_clocks_moment(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    charger.clock.advance(90)
    await charge(charger)
    first = next(call.payload for call in central.calls if call.action in words.durable_actions)
    assert first["timestamp"] == "2026-03-02T08:01:30.000Z"


async def test_meter_values_follow_the_simulated_time(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger)
    await charger.tick(3_600)
    await charger.await_delivered()
    registers = words.values("Energy.Active.Import.Register")
    assert len(registers) == 12
    assert registers[-1] == 11_000
    assert registers == sorted(registers)
    assert set(words.values("Power.Active.Import")) == {11_000}
    assert words.values("SoC") == []


async def test_the_state_of_charge_is_told_where_the_charger_hears_it(
    charger: VirtualChargePoint, words: Words
) -> None:
    await charge(charger, evse=2)
    await charger.tick(3_600)
    await charger.await_delivered()
    assert words.values("SoC")[-1] == pytest.approx(100 * 23_000 / 60_000, abs=0.1)


async def test_a_remote_start_waits_for_the_cable(charger: VirtualChargePoint, words: Words) -> None:
    assert await words.remote_start(1, "APP-7") == "Accepted"
    await charger.wait_for(lambda cp: cp.evse().authorization)
    assert words.begins() == []
    await charger.plug_in(1, a_car())
    await charger.await_delivered()
    assert [begin.token for begin in words.begins()] == ["APP-7"]


async def test_a_remote_start_that_nobody_plugs_into_is_forgotten(charger: VirtualChargePoint, words: Words) -> None:
    await words.remote_start(1, "APP-7")
    await charger.wait_for(lambda cp: cp.evse().authorization)
    await charger.tick(121)
    await charger.plug_in(1, a_car())
    await charger.tick(60)
    assert words.begins() == []
    assert charger.status() == "Preparing"


async def test_a_remote_start_brings_its_own_profile(charger: VirtualChargePoint, words: Words) -> None:
    await charger.plug_in(1, a_car())
    assert await words.remote_start(None, "APP-7", limit_w=6_000) == "Accepted"
    await charger.wait_for(lambda cp: cp.power_w() == 6_000)


async def test_a_remote_stop_ends_the_transaction_and_a_wrong_one_is_rejected(
    charger: VirtualChargePoint, words: Words
) -> None:
    transaction_id = await charge(charger)
    assert await words.remote_stop("987654") == "Rejected"
    assert await words.remote_stop(transaction_id) == "Accepted"
    await charger.await_delivered()
    assert [end.reason for end in words.ends()] == ["Remote"]


async def test_a_busy_charger_rejects_a_remote_start(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger)
    assert await words.remote_start(1, "APP-7") == "Rejected"


async def test_pulling_the_cable_ends_the_transaction(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger)
    await charger.tick(600)
    car = await charger.unplug(1)
    await charger.await_delivered()
    assert [end.reason for end in words.ends()] == ["EVDisconnected"]
    assert car is not None
    assert car.energy_wh == pytest.approx(12_000 + 11_000 / 6)


async def test_an_unknown_card_starts_nothing(charger: VirtualChargePoint, words: Words) -> None:
    words.refuse_tokens("Invalid")
    await charger.plug_in(1, a_car())
    assert await charger.present_token(1, "STRANGER") == "Invalid"
    assert charger.evse().session is None


async def test_only_the_card_that_started_or_its_group_stops(charger: VirtualChargePoint, words: Words) -> None:
    words.put_in_group("FAMILY")
    await charge(charger)
    words.put_in_group("OTHERS")
    assert await charger.present_token(1, "STRANGER") == "ConcurrentTx"
    words.put_in_group("FAMILY")
    assert await charger.present_token(1, "SISTER") == "Accepted"
    assert charger.evse().session is None


async def test_a_start_that_the_server_does_not_authorise_is_ended(charger: VirtualChargePoint, words: Words) -> None:
    words.refuse_started()
    await charger.plug_in(1, a_car())
    await charger.present_token(1, CARD)
    await charger.wait_for(lambda cp: cp.evse().session is None)
    await charger.await_delivered()
    assert [end.reason for end in words.ends()] == ["DeAuthorized"]


async def test_a_profile_limits_the_power_and_its_end_frees_it(charger: VirtualChargePoint, words: Words) -> None:
    transaction_id = await charge(charger)
    periods = [(0, 7_000.0), (900, 0.0), (1_800, 9_000.0)]
    placed = await words.set_profile(1, "TxProfile", periods, start=at(0), transactionId=transaction_id)
    assert placed == "Accepted"
    seen = [charger.power_w()]
    for _ in range(2):
        await charger.tick(900)
        seen.append(charger.power_w())
    assert seen == [7_000, 0, 9_000]
    await charger.await_delivered()
    assert words.values("Energy.Active.Import.Register")[-1] == 1_750
    assert await words.clear_profile(1) == "Accepted"
    await charger.wait_for(lambda cp: cp.power_w() == 11_000)
    assert await words.clear_profile(1) == "Unknown"


async def test_a_limit_below_six_amperes_pauses_and_says_so(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger)
    await words.set_profile(1, "TxDefaultProfile", [(0, 4_000)])
    await charger.wait_for(lambda cp: cp.status() == "SuspendedEVSE")
    assert charger.power_w() == 0


async def test_amperes_count_per_phase(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger)
    await words.set_profile(1, "TxDefaultProfile", [(0, 10)], unit="A")
    await charger.wait_for(lambda cp: cp.power_w() != 0)
    assert charger.power_w() == 10 * 230 * 3


async def test_the_station_limit_is_shared_among_those_who_charge(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger, 1)
    await charge(charger, 2)
    await words.set_profile(0, "ChargingStationMaxProfile", [(0, 12_000)], start=at(0))
    await charger.wait_for(lambda cp: cp.power_w(1) == 6_000)
    assert charger.power_w(2) == 6_000
    await charger.unplug(2)
    assert charger.power_w(1) == 11_000


async def test_a_negative_limit_draws_energy_out_of_the_car(charger: VirtualChargePoint, words: Words) -> None:
    car = a_car(energy_wh=30_000, max_discharge_w=8_000)
    transaction_id = await charge(charger, 2, car)
    await words.set_profile(2, "TxProfile", [(0, -5_000)], start=at(0), transactionId=transaction_id)
    await charger.wait_for(lambda cp: cp.power_w(2) == -5_000)
    await charger.tick(3_600)
    await charger.await_delivered()
    assert words.values("Energy.Active.Export.Register")[-1] == 5_000
    assert car.energy_wh == pytest.approx(25_000)


async def test_a_profile_for_a_transaction_that_does_not_run_is_rejected(
    charger: VirtualChargePoint, words: Words
) -> None:
    assert await words.set_profile(1, "TxProfile", [(0, 7_000)], start=at(0), transactionId="3") == "Rejected"
    assert await words.set_profile(9, "TxDefaultProfile", [(0, 7_000)]) == "Rejected"


async def test_a_profile_belongs_to_its_transaction_and_goes_with_it(charger: VirtualChargePoint, words: Words) -> None:
    transaction_id = await charge(charger)
    assert await words.set_profile(1, "TxProfile", [(0, 7_000)], start=at(0), transactionId="3") == "Rejected"
    await words.set_profile(1, "TxProfile", [(0, 7_000)], start=at(0), transactionId=transaction_id)
    assert len(charger.station.profiles) == 1
    await words.remote_stop(transaction_id)
    await charger.wait_for(lambda cp: len(cp.station.profiles) == 0)


async def test_two_remote_starts_at_once_make_one_transaction(charger: VirtualChargePoint, words: Words) -> None:
    charger.variables.set("authorize_remote", "true")
    await charger.plug_in(1, a_car())
    await asyncio.gather(words.remote_start(1, "APP-1"), words.remote_start(1, "APP-2"))
    await charger.wait_for(lambda cp: len(cp.sent("Authorize")) == 2 and cp.evse().session)
    await charger.await_delivered()
    assert len(words.begins()) == 1
    assert charger.evse().authorization is None


async def test_of_two_cards_at_once_one_charges(charger: VirtualChargePoint, words: Words) -> None:
    await charger.plug_in(1, a_car())
    verdicts = await asyncio.gather(charger.present_token(1, "ONE"), charger.present_token(1, "TWO"))
    assert sorted(verdicts) == ["Accepted", "ConcurrentTx"]
    await charger.unplug(1)
    await charger.plug_in(1, a_car())
    assert charger.evse().session is None


async def test_the_composite_schedule_tells_what_will_happen(charger: VirtualChargePoint, words: Words) -> None:
    await words.set_profile(1, "TxDefaultProfile", [(0, 6_900), (600, 8_000)], start=at(10), id=1)
    await words.set_profile(0, "ChargingStationMaxProfile", [(0, 7_000)], start=at(0), id=2)
    assert await words.composite(1, 3_600) == [(0, 7_000), (600, 6_900), (1_200, 7_000)]
    assert await words.composite(1, 3_600, "A") == [(0, 10.1), (600, 10.0), (1_200, 10.1)]
    assert await words.composite(0, 600) == [(0, 7_000)]
    assert await words.composite(5, 600) == "Rejected"


async def test_a_charger_may_accept_a_profile_and_ignore_it(charger: VirtualChargePoint, words: Words) -> None:
    charger.ignore_profile = True
    await charge(charger)
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 7_000)]) == "Accepted"
    await charger.tick(60)
    assert charger.power_w() == 11_000


async def test_a_reservation_keeps_others_out_and_is_used_by_its_holder(
    charger: VirtualChargePoint, words: Words
) -> None:
    assert await words.reserve(1, CARD, at(30)) == "Accepted"
    assert await words.reserve(1, "OTHER", at(30), reservation_id=8) == "Occupied"
    assert charger.status() == "Reserved"
    assert await charger.present_token(1, "OTHER") == "Blocked"
    await charge(charger)
    assert [begin.reservation_id for begin in words.begins()] == [7]


async def test_a_reservation_lapses_and_can_be_cancelled(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    await words.reserve(1, CARD, at(30))
    await charger.tick(1_800)
    assert charger.status() == "Available"
    await words.reserve(1, CARD, at(60))
    assert await central.call("CancelReservation", {"reservationId": 7}) == {"status": "Accepted"}
    assert await central.call("CancelReservation", {"reservationId": 7}) == {"status": "Rejected"}
    assert charger.status() == "Available"


async def test_going_out_of_service_waits_for_the_transaction(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger)
    assert await words.change_availability(1, operative=False) == "Scheduled"
    await charger.unplug(1)
    await charger.await_delivered()
    assert words.statuses()[-1] == "Unavailable"
    assert await words.remote_start(1, "APP-7") == "Rejected"
    assert await words.change_availability(0, operative=True) == "Accepted"
    assert charger.status() == "Available"


async def test_settings_can_be_read_and_changed(charger: VirtualChargePoint, words: Words) -> None:
    await charge(charger)
    assert await words.meter_interval() == "300"
    assert await words.set_meter_interval(900) == "Accepted"
    assert await words.meter_interval() == "900"
    await charger.tick(3_600)
    await charger.await_delivered()
    assert len(words.values("Energy.Active.Import.Register")) == 4
    assert await words.set_password("short") == "Rejected"


async def test_messages_come_when_they_are_asked_for(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    for message in ("BootNotification", "Heartbeat", "StatusNotification", "MeterValues"):
        before = len(central.payloads(message))
        assert await words.trigger(message) == "Accepted"
        await charger.await_delivered()
        assert len(central.payloads(message)) == before + 1
    assert await words.trigger("Heartbeat", evse=9) == "Rejected"


async def test_a_reset_ends_the_transaction_and_boots_again(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    await charge(charger)
    assert await words.reset() == "Accepted"
    await central.wait_for(lambda: len(central.payloads("BootNotification")) == 2)
    await charger.await_delivered()
    assert words.ends()[0].reason in ("HardReset", "ImmediateReset")


async def test_heartbeats_keep_the_servers_interval(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    for _ in range(11):
        await charger.tick(60)
    await charger.await_delivered()
    assert len(central.payloads("Heartbeat")) == 2


async def test_an_unknown_action_is_not_implemented_and_a_wrong_shape_is_refused(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    assert await central.call("MakeCoffee", {}) == {"error": "NotImplemented"}
    refused = await central.call("CancelReservation", {"reservationId": "seven"})
    assert refused["error"] in ("FormationViolation", "FormatViolation")
    charger.violations.clear()
