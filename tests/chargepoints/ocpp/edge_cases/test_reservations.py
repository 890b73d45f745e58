"""What real chargers do to reservations, on the wire of both versions."""

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from chargepoints.models import (
    ChargePoint,
    Command,
    Connector,
    DeviceVariable,
    Evse,
    IdToken,
    Reservation,
    Transaction,
)
from chargepoints.services import authorization, reservations
from tests.chargepoints.ocpp.conftest import NOW, Charger, Clock, Connect, rows, until
from tests.chargepoints.ocpp.words import WORDS, Words16, Words201, iso, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
NUMBER = {"1.6": "reservationId", "2.0.1": "id"}


def reserved(holder: IdToken) -> Reservation:
    """The first EVSE for half an hour."""
    Connector.objects.update(status="available", status_at=NOW)
    evse = Evse.objects.get(number=1)
    return reservations.reserve(evse=evse, driver=holder.driver, id_token=holder, until=minutes(30), now=NOW)


def another(name: str = "stranger") -> IdToken:
    return authorization.register_token(token=name, driver=get_user_model().objects.create_user(name))


async def booted(connect: Connect, version: str) -> Words16 | Words201:
    words: Words16 | Words201 = WORDS[version](await connect(version))
    await words.boot()
    return words


async def hold(words: Words16 | Words201, holder: IdToken, status: str = "Accepted") -> tuple[Reservation, Any]:
    """Reserve, and let the charger answer; the reservation and what the charger was asked."""
    held = await rows(lambda: reserved(holder))
    message_id, payload = await words.charger.asked("ReserveNow")
    await words.charger.reply(message_id, {"status": status})
    await until(lambda: Reservation.objects.get(pk=held.pk).charger_answer)
    return held, payload


async def again(held: Reservation) -> Reservation:
    return await rows(lambda: Reservation.objects.get(pk=held.pk))


async def sweep(clock: Clock, **later: float) -> None:
    clock.advance(**later)
    await rows(lambda: reservations.sweep(now=clock.now))


@both_versions
async def test_a_charger_without_the_profile_keeps_nobody_from_reserving_and_it_is_said(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await booted(connect, version)
    held = await rows(lambda: reserved(token))
    message_id, _ = await words.charger.asked("ReserveNow")
    await words.charger.send(json.dumps([4, message_id, "NotSupported", "", {}]))
    await until(lambda: Reservation.objects.get(pk=held.pk).is_held_here_only)
    assert (await again(held)).status == "active"
    await rows(another)
    assert await words.start("stranger", 0) == "Blocked"
    assert await words.start(token.token, 0) == "Accepted"
    assert (await again(held)).status == "in_use"


@both_versions
@pytest.mark.parametrize("status", ["Occupied", "Faulted", "Unavailable", "Rejected"])
async def test_a_charger_that_refuses_ends_the_reservation_with_its_reason(
    status: str, version: str, connect: Connect, token: IdToken
) -> None:
    held, _ = await hold(await booted(connect, version), token, status)
    row = await again(held)
    assert (row.status, row.charger_answer) == ("cancelled", status)
    assert await rows(lambda: Reservation.objects.get(pk=held.pk).why)


@both_versions
async def test_a_card_of_the_holder_s_group_uses_it_up_and_the_charger_knows_the_group(
    version: str, connect: Connect, token: IdToken
) -> None:
    def family() -> None:
        another("mother")
        IdToken.objects.update(parent="FAMILY")

    await rows(family)
    words = await booted(connect, version)
    holder = await rows(lambda: IdToken.objects.get(pk=token.pk))
    held, asked = await hold(words, holder)
    assert asked.get("parentIdTag") == "FAMILY" or asked["groupIdToken"]["idToken"] == "FAMILY"
    assert await words.start("mother", 0) == "Accepted"
    assert (await again(held)).status == "in_use"
    await words.stop("mother", 100, minutes(5))
    assert (await again(held)).status == "done"


@both_versions
async def test_what_was_reserved_in_the_app_is_used_by_the_driver_s_card(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await booted(connect, version)
    app = await rows(lambda: authorization.app_token(driver=token.driver))
    held, asked = await hold(words, app)
    group = asked.get("parentIdTag") or asked["groupIdToken"]["idToken"]
    assert group
    assert await words.start(token.token, 0) == "Accepted"
    assert (await again(held)).status == "in_use"


@both_versions
async def test_a_reservation_is_told_again_under_its_number_after_a_reboot(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await booted(connect, version)
    held, first = await hold(words, token)
    clock.advance(minutes=2)
    words = await booted(connect, version)
    await sweep(clock, minutes=1)
    message_id, second = await words.charger.asked("ReserveNow")
    assert second == first
    assert second[NUMBER[version]] == held.pk
    await words.charger.reply(message_id, {"status": "Occupied"})
    await until(lambda: Reservation.objects.get(pk=held.pk).charger_answer == "Occupied")
    assert (await again(held)).status == "active", "it may be its holder's own cable"


@both_versions
async def test_a_charger_that_holds_a_connector_for_nobody_is_told_to_let_it_go(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await booted(connect, version)
    held, _ = await hold(words, token)
    await rows(lambda: Reservation.objects.update(status="cancelled"))
    clock.advance(minutes=3)
    await words.status("Reserved", clock.now)
    await sweep(clock, minutes=2)
    message_id, payload = await words.charger.asked("CancelReservation")
    assert payload == {"reservationId": held.pk}
    await words.charger.reply(message_id, {"status": "Rejected"})
    await until(lambda: Command.objects.filter(kind="cancel_reservation", status="rejected").exists())
    await sweep(clock, minutes=2)
    assert await words.charger.nothing_comes()


@both_versions
async def test_a_fault_gives_the_holder_free_and_the_charger_is_told(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await booted(connect, version)
    held, _ = await hold(words, token)
    await words.status("Faulted", minutes(1))
    row = await again(held)
    assert (row.status, await rows(lambda: Reservation.objects.get().why)) == (
        "cancelled",
        "The charger reports a fault.",
    )
    _, payload = await words.charger.asked("CancelReservation")
    assert payload == {"reservationId": held.pk}


@both_versions
async def test_a_no_show_frees_the_charger_on_time_whatever_its_clock_says(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await booted(connect, version)
    held, asked = await hold(words, token)
    told_until = asked.get("expiryDate") or asked["expiryDateTime"]
    assert told_until == "2026-03-02T09:35:00.000Z"
    await sweep(clock, minutes=30)
    assert (await again(held)).status == "not_used"
    _, payload = await words.charger.asked("CancelReservation")
    assert payload == {"reservationId": held.pk}


@both_versions
async def test_a_start_that_an_offline_charger_tells_late_uses_what_lapsed_meanwhile(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await booted(connect, version)
    held, _ = await hold(words, token)
    await sweep(clock, minutes=90)
    assert (await again(held)).status == "not_used"
    assert await words.start(token.token, 0, minutes(20)) == "Accepted"
    assert (await again(held)).status == "in_use"
    assert (await rows(Transaction.objects.get)).reservation_id == held.pk


@both_versions
async def test_a_refused_start_on_a_reserved_connector_leaves_it_reserved(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await booted(connect, version)
    held, _ = await hold(words, token)
    assert await words.start("NOBODY", 0) == "Invalid"
    assert (await again(held)).status == "active"
    assert await words.start(token.token, 10, minutes(1)) == "Accepted"


async def test_a_start_that_names_a_stranger_s_reservation_is_blocked_and_uses_nothing(
    connect: Connect, token: IdToken
) -> None:
    words = await booted(connect, "1.6")
    held, _ = await hold(words, token)
    await rows(another)
    start = {
        "connectorId": 1,
        "idTag": "stranger",
        "meterStart": 0,
        "timestamp": iso(NOW),
        "reservationId": held.pk,
    }
    assert (await words.charger.call("StartTransaction", start))["idTagInfo"]["status"] == "Blocked"
    assert (await again(held)).status == "active"


@pytest.mark.parametrize(("said", "status"), [("Removed", "cancelled"), ("Expired", "active")])
async def test_a_2_0_1_charger_tells_that_it_holds_it_no_more(
    said: str, status: str, connect: Connect, token: IdToken
) -> None:
    words = await booted(connect, "2.0.1")
    held, _ = await hold(words, token)
    update = {"reservationId": held.pk, "reservationUpdateStatus": said}
    assert await words.charger.call("ReservationStatusUpdate", update) == {}
    row = await again(held)
    assert (row.status, row.charger_answer) == (status, said)
    assert not row.is_confirmed


def with_two_evses() -> ChargePoint:
    """The charger gets a second EVSE, and can keep whichever free."""
    point = ChargePoint.objects.get()
    evse = Evse.objects.create(charge_point=point, number=2, max_power_w=11_000)
    Connector.objects.create(evse=evse)
    Connector.objects.update(status="available", status_at=NOW)
    for component, name in (("", "ReserveConnectorZeroSupported"), ("ReservationCtrlr", "NonEvseSpecific")):
        DeviceVariable.objects.create(charge_point=point, component=component, name=name, value="true", reported_at=NOW)
    return point


async def start_on(charger: Charger, version: str, number: int, card: str, transaction_id: str) -> str:
    """A session on this connector (1.6) or EVSE (2.0.1); the verdict."""
    if version == "1.6":
        start = {"connectorId": number, "idTag": card, "meterStart": 0, "timestamp": iso(NOW)}
        return (await charger.call("StartTransaction", start))["idTagInfo"]["status"]
    event = {
        "eventType": "Started",
        "timestamp": iso(NOW),
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": transaction_id},
        "evse": {"id": number, "connectorId": 1},
        "idToken": {"idToken": card, "type": "ISO14443"},
    }
    return (await charger.call("TransactionEvent", event))["idTokenInfo"]["status"]


@both_versions
async def test_connector_0_keeps_whichever_free_for_the_holder(version: str, connect: Connect, token: IdToken) -> None:
    words = await booted(connect, version)

    def reserve() -> Reservation:
        another()
        another("third")
        return reservations.reserve_any(
            charge_point=with_two_evses(), driver=token.driver, id_token=token, until=minutes(30), now=NOW
        )

    held = await rows(reserve)
    message_id, asked = await words.charger.asked("ReserveNow")
    assert asked.get("connectorId") == 0 if version == "1.6" else "evseId" not in asked
    await words.charger.reply(message_id, {"status": "Accepted"})
    assert await start_on(words.charger, version, 1, "stranger", "t-1") == "Accepted"
    assert (await again(held)).evse_id != (await rows(lambda: Evse.objects.get(number=1))).pk
    assert await start_on(words.charger, version, 2, "third", "t-2") == "Blocked"
    assert await start_on(words.charger, version, 2, token.token, "t-3") == "Accepted"
    row = await again(held)
    assert (row.status, await rows(lambda: Reservation.objects.get().evse.number)) == ("in_use", 2)


async def test_a_driver_whose_charger_is_gone_is_told_and_the_charger_lets_go_when_it_is_back(
    connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await booted(connect, "1.6")
    held, _ = await hold(words, token)
    await words.charger.socket.disconnect()
    await until(lambda: not ChargePoint.objects.get().connection_key)
    await sweep(clock, minutes=9)
    assert (await again(held)).status == "active"
    await sweep(clock, minutes=2)
    row = await again(held)
    assert row.status == "cancelled"
    assert "cannot be reached" in await rows(lambda: Reservation.objects.get().why)
    clock.advance(minutes=10)
    words = await booted(connect, "1.6")
    _, payload = await words.charger.asked("CancelReservation")
    assert payload == {"reservationId": held.pk}
