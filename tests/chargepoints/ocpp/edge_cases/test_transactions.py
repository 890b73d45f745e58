"""What real chargers do to transactions: the answer lets the charger go on, the rows keep what makes sense."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from chargepoints import events
from chargepoints.models import ChargePoint, Connector, Evse, IdToken, MeterValue, Reservation, Transaction
from chargepoints.services import authorization, reservations
from tests.chargepoints.ocpp.conftest import NOW, Charger, Clock, Connect, registered, rows
from tests.chargepoints.ocpp.words import WORDS, Words16, Words201, iso, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
UUID = Words201.transaction_id


async def only() -> Transaction:
    return await rows(Transaction.objects.get)


async def states() -> list[str]:
    return await rows(lambda: list(Transaction.objects.order_by("pk").values_list("state", flat=True)))


async def event(
    charger: Charger, kind: str, seq_no: int, at: Any, *, info: dict[str, Any] | None = None, **fields: Any
) -> dict[str, Any]:
    """A TransactionEvent of 2.0.1, without anything that is not asked for."""
    payload = {
        "eventType": kind,
        "timestamp": iso(at),
        "triggerReason": "Trigger",
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": UUID, **(info or {})},
        **fields,
    }
    return await charger.call("TransactionEvent", payload)


def card(token: str) -> dict[str, Any]:
    return {"idToken": {"idToken": token, "type": "ISO14443"}}


def register(value_wh: float, at: Any, context: str = "Sample.Periodic") -> dict[str, Any]:
    energy = {"value": value_wh, "context": context, "measurand": "Energy.Active.Import.Register"}
    return {"meterValue": [{"timestamp": iso(at), "sampledValue": [energy]}]}


EVSE = {"evse": {"id": 1, "connectorId": 1}}


def reserved(holder: IdToken, minute: float = 0) -> Reservation:
    """The EVSE reserved ``minute`` after NOW for half an hour."""
    Connector.objects.update(status="available")
    return reservations.reserve(
        evse=Evse.objects.get(), driver=holder.driver, id_token=holder, until=minutes(minute + 30), now=minutes(minute)
    )


def of_another(token: str = "STRANGER") -> IdToken:
    return authorization.register_token(token=token, driver=get_user_model().objects.create_user(token.lower()))


async def test_a_start_that_is_repeated_after_its_stop_gets_the_old_id_and_stays_ended(
    connect: Connect, token: IdToken
) -> None:
    words = Words16(await connect())
    await words.start("DEADBEEF", 1_000)
    first = words.transaction_id
    await words.stop("DEADBEEF", 3_000, minutes(30))
    await words.start("deadbeef", 1_000)
    assert words.transaction_id == first
    row = await only()
    assert (row.state, row.energy_wh) == (Transaction.State.ENDED, 2_000)


async def test_the_repeat_of_a_start_with_an_endless_token_is_the_same_start(connect: Connect) -> None:
    words = Words16(await connect())
    for _ in range(2):
        assert await words.start("X" * 60, 1_000) == "Invalid"
    assert (await only()).token == "X" * 36


async def test_the_repeat_of_a_start_on_an_unknown_connector_is_the_same_start(
    connect: Connect, token: IdToken
) -> None:
    await rows(lambda: Evse.objects.create(charge_point=ChargePoint.objects.get(), number=2, max_power_w=11_000))
    charger = await connect()
    start = {"connectorId": 42, "idTag": "DEADBEEF", "meterStart": 5, "timestamp": iso(NOW)}
    ids = {(await charger.call("StartTransaction", start))["transactionId"] for _ in range(2)}
    row = await only()
    assert ids == {row.pk}
    assert (row.state, row.flaw) == (Transaction.State.QUARANTINED, "unknown EVSE 42")


async def test_connector_42_of_a_charger_with_one_is_that_one(connect: Connect, token: IdToken) -> None:
    charger = await connect()
    start = {"connectorId": 42, "idTag": "DEADBEEF", "meterStart": 0, "timestamp": iso(NOW)}
    ids = {(await charger.call("StartTransaction", start))["transactionId"] for _ in range(2)}
    block = {"timestamp": iso(minutes(10)), "sampledValue": [{"value": "900"}]}
    await charger.call("MeterValues", {"connectorId": 42, "meterValue": [block]})
    row = await rows(Transaction.objects.select_related("evse").get)
    assert ids == {row.pk}
    assert (row.state, row.evse.number, row.energy_wh) == (Transaction.State.ACTIVE, 1, 900)


@both_versions
async def test_a_session_that_was_offline_keeps_the_times_of_its_payload(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 0, minutes(-3000))
    await words.stop("DEADBEEF", 5_000, minutes(-2940))
    row = await only()
    assert (row.started_at, row.ended_at) == (minutes(-3000), minutes(-2940))
    assert (row.state, row.energy_wh, row.flaw) == (Transaction.State.ENDED, 5_000, "")


async def test_a_stop_without_token_is_normal(connect: Connect, token: IdToken) -> None:
    charger = await connect()
    words = Words16(charger)
    await words.start("DEADBEEF", 0)
    stop = {"transactionId": words.transaction_id, "meterStop": 800, "timestamp": iso(minutes(9))}
    assert await charger.call("StopTransaction", stop) == {}
    row = await only()
    assert (row.state, row.stop_reason, row.energy_wh) == (Transaction.State.ENDED, "Local", 800)


@both_versions
async def test_a_stop_that_comes_twice_counts_once(version: str, connect: Connect, token: IdToken) -> None:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 0)
    assert await words.stop("DEADBEEF", 900, minutes(10)) == "Accepted"
    assert await words.stop("DEADBEEF", 4_000, minutes(50)) == "Accepted"
    row = await only()
    assert (row.ended_at, row.energy_wh) == (minutes(10), 900)


@both_versions
async def test_another_card_of_the_group_may_stop_and_the_session_stays_the_starters(
    version: str, connect: Connect, token: IdToken
) -> None:
    await rows(lambda: (of_another("SISTER"), IdToken.objects.update(parent="FAMILY")))
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 0)
    assert await words.stop("SISTER", 900, minutes(10)) == "Accepted"
    row = await only()
    assert (row.state, row.driver_id) == (Transaction.State.ENDED, token.driver_id)


@both_versions
async def test_the_stop_of_a_card_that_expired_meanwhile_is_taken_all_the_same(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    await rows(lambda: IdToken.objects.update(expires_at=minutes(5)))
    words = WORDS[version](await connect(version))
    assert await words.start("DEADBEEF", 0) == "Accepted"
    clock.advance(minutes=10)
    assert await words.stop("DEADBEEF", 900, minutes(10)) == "Expired"
    row = await only()
    assert (row.state, row.energy_wh) == (Transaction.State.ENDED, 900)


async def test_values_that_come_only_with_the_stop_count(connect: Connect, token: IdToken) -> None:
    charger = await connect()
    words = Words16(charger)
    await words.start("DEADBEEF", 1_000)
    data = [
        {"timestamp": iso(minutes(number)), "sampledValue": [{"value": str(1_000 + number * 100)}]}
        for number in (10, 20, 30)
    ]
    stop = {"transactionId": words.transaction_id, "meterStop": 4_500, "timestamp": iso(minutes(40))}
    await charger.call("StopTransaction", stop | {"transactionData": data})
    assert (await only()).energy_wh == 3_500
    assert await rows(lambda: MeterValue.objects.filter(transaction__isnull=False).count()) == 5


@pytest.mark.parametrize("said", [5.0, "5", "5.0"])
async def test_an_id_in_another_notation_is_the_same_id(said: Any, connect: Connect, token: IdToken) -> None:
    charger = await connect()
    words = Words16(charger)
    await words.start("DEADBEEF", 0)
    said = (
        type(said)(words.transaction_id) if not isinstance(said, str) else said.replace("5", str(words.transaction_id))
    )
    await charger.call("StopTransaction", {"transactionId": said, "meterStop": 700, "timestamp": iso(minutes(8))})
    assert (await only()).state == Transaction.State.ENDED


@both_versions
async def test_a_second_start_without_a_stop_sets_the_first_apart_until_its_stop_comes(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 0)
    first = words.transaction_id
    words.transaction_id = "second"
    await words.start("DEADBEEF", 2_000, minutes(30))
    assert await states() == ["quarantined", "active"]
    words.transaction_id = first
    await words.stop("DEADBEEF", 1_500, minutes(20))
    assert await states() == ["ended", "active"]


@both_versions
async def test_a_refused_start_leaves_the_running_transaction_alone(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 0)
    words.transaction_id = "second"
    assert await words.start("NOBODY", 2_000, minutes(30)) == "Invalid"
    assert await states() == ["active", "quarantined"]


@both_versions
async def test_a_meter_that_stops_below_its_start_gives_no_energy_and_is_marked(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 1_000)
    await words.stop("DEADBEEF", 999, minutes(10))
    row = await only()
    assert (row.state, row.energy_wh, row.flaw) == (Transaction.State.ENDED, 0, "meter stop below start")


@both_versions
async def test_a_meter_that_was_reset_in_the_middle_is_not_billed_unseen(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 1_000)
    await words.meter(2_500, 6_000, minutes(15))
    await words.meter(10, 6_000, minutes(20))
    await words.stop("DEADBEEF", 1_200, minutes(40))
    row = await only()
    assert (row.state, row.energy_wh, row.flaw) == (Transaction.State.ENDED, 1_500, "doubtful meter stop")


@both_versions
async def test_an_offline_begin_at_0_does_not_bill_the_whole_register(
    version: str, connect: Connect, token: IdToken
) -> None:
    """A peer billed 910 kWh for 0.083."""
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 0, minutes(-60))
    await words.stop("DEADBEEF", 910_083, minutes(-30))
    row = await only()
    assert (row.state, row.energy_wh, row.flaw) == (Transaction.State.ENDED, 0, "doubtful meter stop")


async def test_a_begin_at_0_that_comes_after_the_end_does_not_bill_it_either(connect: Connect, token: IdToken) -> None:
    words = Words201(await connect("2.0.1"))
    words.seq_no = 1
    await words.stop("DEADBEEF", 910_083, minutes(-30))
    words.seq_no = 0
    await words.start("DEADBEEF", 0, minutes(-60))
    row = await only()
    assert (row.state, row.energy_wh, row.flaw) == (Transaction.State.ENDED, 0, "doubtful meter stop")


@both_versions
async def test_a_start_on_a_reserved_connector_by_another_is_blocked_and_the_reservation_stays(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    held = await rows(lambda: (of_another(), reserved(token))[1])
    assert await words.start("STRANGER", 0) == "Blocked"
    assert await states() == ["quarantined"]
    assert (await rows(lambda: Reservation.objects.get(pk=held.pk))).status == Reservation.Status.ACTIVE


@both_versions
async def test_an_offline_start_from_before_a_reservation_is_not_measured_by_it(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    held = await rows(lambda: (of_another(), reserved(token))[1])
    assert await words.start("STRANGER", 0, minutes(-120)) == "Accepted"
    assert (await rows(lambda: Reservation.objects.get(pk=held.pk))).status == Reservation.Status.ACTIVE
    assert (await only()).reservation_id is None


async def test_a_start_with_an_unknown_reservation_is_a_start(connect: Connect, token: IdToken) -> None:
    charger = await connect()
    start = {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 5, "timestamp": iso(NOW), "reservationId": 4711}
    assert (await charger.call("StartTransaction", start))["idTagInfo"]["status"] == "Accepted"
    row = await only()
    assert (row.state, row.reservation_id) == (Transaction.State.ACTIVE, None)


@both_versions
async def test_a_power_loss_ends_the_session_with_its_reason_and_a_boot_changes_nothing(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = WORDS[version](await connect(version))
    await words.boot()
    await words.start("DEADBEEF", 0)
    clock.advance(minutes=20)
    words = type(words)(await connect(version))
    await words.boot()
    row = await only()
    assert row.state == Transaction.State.ACTIVE
    if version == "1.6":
        stop = {"transactionId": row.pk, "meterStop": 700, "timestamp": iso(minutes(8)), "reason": "PowerLoss"}
        await words.charger.call("StopTransaction", stop)
    else:
        end = register(700, minutes(8), "Transaction.End")
        await event(words.charger, "Ended", 1, minutes(8), info={"stoppedReason": "PowerLoss"}, **end)
    row = await only()
    assert (row.state, row.stop_reason, row.energy_wh) == (Transaction.State.ENDED, "PowerLoss", 700)


@both_versions
async def test_a_session_that_is_refused_after_an_offline_start_is_measured_and_to_be_checked(
    version: str, connect: Connect
) -> None:
    words = WORDS[version](await connect(version))
    assert await words.start("NOBODY", 0, minutes(-60)) == "Invalid"
    await words.stop("NOBODY", 400, minutes(-55))
    row = await only()
    assert (row.state, row.flaw) == (Transaction.State.QUARANTINED, "token refused: Invalid")
    assert (row.energy_wh, row.ended_at) == (400, minutes(-55))


async def test_ids_are_positive_and_unique_across_chargers(connect: Connect, token: IdToken) -> None:
    await rows(lambda: registered("CP 2"))
    ids = []
    for identity in ("CP 1", "CP 2"):
        words = Words16(await connect("1.6", identity))
        await words.start("DEADBEEF", 0)
        ids.append(words.transaction_id)
    assert min(ids) > 0
    assert len(set(ids)) == 2


async def test_an_id_of_36_characters_stays_whole(connect: Connect, token: IdToken) -> None:
    words = Words201(await connect("2.0.1"))
    await words.start("DEADBEEF", 0)
    assert (await only()).remote_id == UUID
    assert len(UUID) == 36


async def test_gaps_and_repeats_in_the_count_change_nothing(connect: Connect, token: IdToken) -> None:
    words = Words201(await connect("2.0.1"))
    await words.start("DEADBEEF", 0)
    for seq_no, minute in ((4, 10), (4, 10), (9, 20), (9, 20)):
        words.seq_no = seq_no
        await words.meter(minute * 100, 6_000, minutes(minute))
    row = await only()
    assert (row.energy_wh, row.last_seq_no, row.state) == (2_000, 9, Transaction.State.ACTIVE)
    assert await rows(lambda: MeterValue.objects.filter(measurand="Power.Active.Import").count()) == 2


async def test_an_older_event_does_not_turn_back_what_the_car_does(connect: Connect, token: IdToken) -> None:
    charger = await connect("2.0.1")
    await event(charger, "Started", 0, NOW, info={"chargingState": "EVConnected"}, **EVSE, **card("DEADBEEF"))
    await event(charger, "Updated", 5, minutes(20), info={"chargingState": "SuspendedEV"}, **register(9, minutes(20)))
    await event(charger, "Updated", 3, minutes(10), info={"chargingState": "Charging"})
    assert (await only()).charging_state == "SuspendedEV"


@pytest.mark.parametrize("restart", [0, 1])
async def test_a_count_that_starts_again_after_a_reboot_is_followed(
    restart: int, connect: Connect, token: IdToken
) -> None:
    charger = await connect("2.0.1")
    await event(charger, "Started", 0, NOW, info={"chargingState": "Charging"}, **EVSE, **card("DEADBEEF"))
    await event(charger, "Updated", 7, minutes(10), info={"chargingState": "Charging"}, **register(500, minutes(10)))
    for number, state in enumerate(("SuspendedEVSE", "SuspendedEV")):
        await event(charger, "Updated", restart + number, minutes(20 + number), info={"chargingState": state})
    row = await only()
    assert (row.charging_state, row.last_seq_no) == ("SuspendedEV", restart + 1)


@pytest.mark.parametrize("left_out", ["", "seqNo"])
async def test_a_session_that_is_told_backwards_is_the_same_session(
    left_out: str, connect: Connect, token: IdToken
) -> None:
    charger = await connect("2.0.1")
    ended = {
        "eventType": "Ended",
        "timestamp": iso(minutes(30)),
        "triggerReason": "EVDeparted",
        "seqNo": 2,
        "transactionInfo": {"transactionId": UUID, "stoppedReason": "EVDisconnected"},
        **register(3_000, minutes(30), "Transaction.End"),
    }
    ended.pop(left_out, None)
    assert await charger.call("TransactionEvent", ended) == {}
    await event(charger, "Updated", 1, minutes(15), offline=True, **register(1_500, minutes(15)))
    begin = register(0, NOW, "Transaction.Begin")
    await event(charger, "Started", 0, NOW, offline=True, **EVSE, **card("DEADBEEF"), **begin)
    row = await rows(Transaction.objects.select_related("evse", "connector").get)
    assert (row.state, row.flaw, row.energy_wh, row.driver_id) == ("ended", "", 3_000, token.driver_id)
    assert (row.evse.number, row.connector.number) == (1, 1)


async def test_the_floors_above_hear_of_a_session_whose_start_came_last(connect: Connect, token: IdToken) -> None:
    heard: list[tuple[str, int | None]] = []

    def began(transaction_id: int, **_: Any) -> None:
        heard.append(("began", Transaction.objects.get(pk=transaction_id).driver_id))

    def ended(transaction_id: int, **_: Any) -> None:
        heard.append(("ended", Transaction.objects.get(pk=transaction_id).driver_id))

    charger = await connect("2.0.1")
    await event(charger, "Ended", 2, minutes(30), **register(3_000, minutes(30), "Transaction.End"))
    events.transaction_started.connect(began)
    events.transaction_ended.connect(ended)
    try:
        await event(charger, "Started", 0, NOW, **EVSE, **card("DEADBEEF"), **register(0, NOW, "Transaction.Begin"))
    finally:
        events.transaction_started.disconnect(began)
        events.transaction_ended.disconnect(ended)
    assert heard == [("began", token.driver_id), ("ended", token.driver_id)]


async def test_an_event_of_an_ended_transaction_does_not_revive_it(connect: Connect, token: IdToken) -> None:
    words = Words201(await connect("2.0.1"))
    await words.start("DEADBEEF", 0)
    await words.stop("DEADBEEF", 1_000, minutes(10))
    await words.meter(1_900, 6_000, minutes(20))
    row = await only()
    assert (row.state, row.energy_wh, row.power_w > 0) == (Transaction.State.ENDED, 1_000, False)


async def test_a_start_that_is_told_twice_with_another_evse_stays_where_it_was(
    connect: Connect, token: IdToken
) -> None:
    await rows(lambda: Evse.objects.create(charge_point=ChargePoint.objects.get(), number=2, max_power_w=11_000))
    charger = await connect("2.0.1")
    for number in (1, 2):
        await event(charger, "Started", 0, NOW, evse={"id": number}, **card("DEADBEEF"))
    row = await rows(Transaction.objects.select_related("evse").get)
    assert (row.evse.number, row.state) == (1, Transaction.State.ACTIVE)


async def test_a_start_without_an_evse_is_on_the_only_one(connect: Connect, token: IdToken) -> None:
    await event(await connect("2.0.1"), "Started", 0, NOW, **card("DEADBEEF"))
    row = await rows(Transaction.objects.select_related("evse").get)
    assert (row.state, row.flaw, row.evse.number) == (Transaction.State.ACTIVE, "", 1)


async def test_a_start_without_an_evse_runs_once_an_event_names_it(connect: Connect, token: IdToken) -> None:
    await rows(lambda: Evse.objects.create(charge_point=ChargePoint.objects.get(), number=2, max_power_w=11_000))
    charger = await connect("2.0.1")
    await event(charger, "Started", 0, NOW, **card("DEADBEEF"))
    assert (await only()).state == Transaction.State.QUARANTINED
    await event(charger, "Updated", 1, minutes(1), evse={"id": 2})
    row = await rows(Transaction.objects.select_related("evse").get)
    assert (row.state, row.flaw, row.evse.number) == (Transaction.State.ACTIVE, "", 2)


async def test_a_start_with_the_cable_uses_the_reservation_once_the_holder_s_card_is_shown(
    connect: Connect, token: IdToken
) -> None:
    charger = await connect("2.0.1")
    held = await rows(lambda: reserved(token))
    assert await event(charger, "Started", 0, NOW, **EVSE) == {}
    answer = await event(charger, "Updated", 1, minutes(1), **card("DEADBEEF"))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    row = await only()
    assert (row.driver_id, row.reservation_id) == (token.driver_id, held.pk)
    assert (await rows(lambda: Reservation.objects.get(pk=held.pk))).status == Reservation.Status.IN_USE


async def test_a_stranger_s_card_after_the_cable_is_blocked_by_a_reservation(connect: Connect, token: IdToken) -> None:
    charger = await connect("2.0.1")
    held = await rows(lambda: (of_another(), reserved(token))[1])
    await event(charger, "Started", 0, NOW, **EVSE)
    answer = await event(charger, "Updated", 1, minutes(1), **card("STRANGER"))
    assert answer["idTokenInfo"]["status"] == "Blocked"
    assert (await only()).driver_id is None
    assert (await rows(lambda: Reservation.objects.get(pk=held.pk))).status == Reservation.Status.ACTIVE


async def test_a_good_card_after_a_refused_one_lets_the_same_transaction_run(connect: Connect, token: IdToken) -> None:
    charger = await connect("2.0.1")
    answer = await event(charger, "Started", 0, NOW, **EVSE, **card("NOBODY"))
    assert answer["idTokenInfo"]["status"] == "Invalid"
    answer = await event(charger, "Updated", 1, minutes(1), **card("DEADBEEF"))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    row = await only()
    assert (row.state, row.flaw, row.driver_id) == (Transaction.State.ACTIVE, "", token.driver_id)


@pytest.mark.parametrize("meter", [{}, {"meterStop": 0}, {"meterStop": -1}], ids=["no meter", "0 Wh", "below 0 Wh"])
async def test_a_start_at_the_moment_of_an_unknown_end_is_a_start_of_its_own(
    connect: Connect, token: IdToken, meter: dict[str, int]
) -> None:
    """Both on a connector that nobody configured, without meter and card: what was kept of the end is no start."""
    charger = await connect()
    await charger.call("StopTransaction", {"transactionId": -1, "timestamp": iso(NOW), **meter})
    answer = await charger.call("StartTransaction", {"connectorId": 0, "idTag": "", "timestamp": iso(NOW)})
    assert answer["transactionId"] > 0
    assert await states() == ["quarantined", "quarantined"]
