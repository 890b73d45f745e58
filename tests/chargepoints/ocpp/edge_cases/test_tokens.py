"""Tokens as readers send them, and the verdict in the words of both versions."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from chargepoints.models import ChargePoint, Command, IdToken, LocalListEntry, Location, Operator, Transaction
from chargepoints.services import authorization, local_lists
from tests.chargepoints.ocpp.conftest import NOW, Charger, Connect, registered, rows, until
from tests.chargepoints.ocpp.words import WORDS, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


async def verdict(charger: Charger, version: str, token: str) -> dict[str, Any]:
    if version == "1.6":
        return (await charger.call("Authorize", {"idTag": token}))["idTagInfo"]
    return (await charger.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}}))["idTokenInfo"]


async def only() -> Transaction:
    return await rows(Transaction.objects.get)


@both_versions
@pytest.mark.parametrize("said", ["deadbeef", " DEADBEEF ", "DeadBeef\u0002\u0003", "\u0000DEADBEEF"])
async def test_a_token_is_known_in_any_letters_and_with_stray_bytes(
    said: str, version: str, connect: Connect, token: IdToken
) -> None:
    charger = await connect(version)
    assert await verdict(charger, version, said) == {"status": "Accepted"}
    words = WORDS[version](charger)
    assert await words.start(said, 0) == "Accepted"
    assert await words.stop(said, 100, minutes(5)) == "Accepted"
    row = await only()
    assert (row.state, row.token, row.driver_id) == (Transaction.State.ENDED, "DEADBEEF", token.driver_id)


@both_versions
@pytest.mark.parametrize("said", ["", "NOBODY", "DEADBEE", "DEADBEEF0", "X" * 300, "\u0002"])
async def test_what_is_not_the_token_is_invalid(said: str, version: str, connect: Connect, token: IdToken) -> None:
    charger = await connect(version)
    assert await verdict(charger, version, said) == {"status": "Invalid"}
    assert await WORDS[version](charger).start(said, 0) == "Invalid"
    row = await only()
    assert (row.state, row.driver_id, row.flaw) == (Transaction.State.QUARANTINED, None, "token refused: Invalid")


@both_versions
async def test_a_blocked_token_is_blocked_and_its_start_to_be_checked(
    version: str, connect: Connect, token: IdToken
) -> None:
    await rows(lambda: IdToken.objects.update(status=IdToken.Status.BLOCKED))
    charger = await connect(version)
    assert await verdict(charger, version, "DEADBEEF") == {"status": "Blocked"}
    assert await WORDS[version](charger).start("DEADBEEF", 0) == "Blocked"
    row = await only()
    assert (row.state, row.flaw) == (Transaction.State.QUARANTINED, "token refused: Blocked")


@both_versions
async def test_an_expired_token_is_expired_and_told_since_when(version: str, connect: Connect, token: IdToken) -> None:
    await rows(lambda: IdToken.objects.update(expires_at=minutes(-60)))
    charger = await connect(version)
    name = "expiryDate" if version == "1.6" else "cacheExpiryDateTime"
    told = {"status": "Expired", name: "2026-03-02T08:00:00.000Z"}
    assert await verdict(charger, version, "DEADBEEF") == told
    assert await WORDS[version](charger).start("DEADBEEF", 0) == "Expired"
    assert (await only()).state == Transaction.State.QUARANTINED


@both_versions
async def test_a_member_of_a_group_is_told_its_group(version: str, connect: Connect, token: IdToken) -> None:
    await rows(lambda: IdToken.objects.update(parent="FAMILY"))
    info = await verdict(await connect(version), version, "DEADBEEF")
    if version == "1.6":
        assert info == {"status": "Accepted", "parentIdTag": "FAMILY"}
    else:
        assert info == {"status": "Accepted", "groupIdToken": {"idToken": "FAMILY", "type": "Central"}}


@both_versions
async def test_a_private_charger_refuses_a_stranger_s_card(version: str, connect: Connect, token: IdToken) -> None:
    def private() -> None:
        owner = get_user_model().objects.create_user("owner")
        authorization.register_token(token="OWNER", driver=owner)
        Location.objects.update(owner=owner, operator=None, is_public=False)

    await rows(private)
    charger = await connect(version)
    assert (await verdict(charger, version, "DEADBEEF"))["status"] == "Invalid"
    assert (await verdict(charger, version, "OWNER"))["status"] == "Accepted"
    assert await WORDS[version](charger).start("DEADBEEF", 0) == "Invalid"
    assert (await only()).state == Transaction.State.QUARANTINED


async def test_a_start_without_any_token_is_a_start_in_2_0_1(connect: Connect, token: IdToken) -> None:
    event = {
        "eventType": "Started",
        "timestamp": "2026-03-02T09:00:00Z",
        "triggerReason": "CablePluggedIn",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "t-1"},
        "evse": {"id": 1, "connectorId": 1},
    }
    assert await (await connect("2.0.1")).call("TransactionEvent", event) == {}
    row = await only()
    assert (row.state, row.token, row.driver_id) == (Transaction.State.ACTIVE, "", None)


async def test_a_token_of_no_type_and_with_further_information_is_read(connect: Connect, token: IdToken) -> None:
    charger = await connect("2.0.1")
    further = [{"additionalIdToken": "emaid", "type": "custom"}]
    payload = {"idToken": {"idToken": "DEADBEEF", "type": "NFC-ish", "additionalInfo": further}}
    assert (await charger.call("Authorize", payload))["idTokenInfo"] == {"status": "Accepted"}


def runs_elsewhere(token: IdToken) -> None:
    """The card is in a session at another charger, which says so."""
    evse = registered("CP 2").evses.get()
    ChargePoint.objects.filter(pk=evse.charge_point_id).update(connection_key="other")
    evse.connectors.update(status="charging")
    Transaction.objects.create(
        charge_point=evse.charge_point,
        evse=evse,
        connector=evse.connectors.get(),
        remote_id="elsewhere",
        id_token=token,
        started_at=minutes(-10),
    )


@both_versions
async def test_a_card_that_charges_elsewhere_is_told_so_at_its_start_only_and_may_stop_both(
    version: str, connect: Connect, token: IdToken
) -> None:
    await rows(lambda: runs_elsewhere(token))
    charger = await connect(version)
    assert await verdict(charger, version, "DEADBEEF") == {"status": "Accepted"}
    words = WORDS[version](charger)
    assert await words.start("DEADBEEF", 0) == "ConcurrentTx"
    row = await rows(lambda: Transaction.objects.exclude(remote_id="elsewhere").get())
    assert (row.state, row.flaw) == (Transaction.State.QUARANTINED, "token refused: ConcurrentTx")
    assert await words.stop("DEADBEEF", 10, minutes(1)) == "Accepted"
    await rows(lambda: Transaction.objects.filter(remote_id="elsewhere").update(state="ended"))
    words.transaction_id = "next"
    assert await words.start("DEADBEEF", 10, minutes(2)) == "Accepted"


@both_versions
async def test_the_repeat_of_a_start_is_no_second_session(version: str, connect: Connect, token: IdToken) -> None:
    words = WORDS[version](await connect(version))
    assert await words.start("DEADBEEF", 0) == "Accepted"
    await words.status("Charging" if version == "1.6" else "Occupied", minutes(1))
    assert await words.start("DEADBEEF", 0) == "Accepted"
    assert (await only()).state == Transaction.State.ACTIVE


@both_versions
async def test_a_member_of_the_group_may_end_the_session_of_another(
    version: str, connect: Connect, token: IdToken
) -> None:
    def family() -> None:
        authorization.register_token(token="MOTHER", driver=get_user_model().objects.create_user("mother"))
        IdToken.objects.update(parent="FAMILY")

    await rows(family)
    charger = await connect(version)
    groups = [await verdict(charger, version, one) for one in ("DEADBEEF", "MOTHER")]
    assert groups[0] == groups[1]
    words = WORDS[version](charger)
    await words.start("DEADBEEF", 0)
    assert await words.stop("MOTHER", 100, minutes(5)) == "Accepted"
    row = await only()
    assert (row.state, row.driver_id) == (Transaction.State.ENDED, token.driver_id)


@both_versions
async def test_a_master_pass_ends_a_session_and_starts_none(version: str, connect: Connect, token: IdToken) -> None:
    def master() -> None:
        operator = Operator.objects.get()
        Operator.objects.update(master_pass_group="MASTER")
        authorization.register_token(token="PASS", operator=operator)
        IdToken.objects.filter(key="PASS").update(parent="MASTER")

    await rows(master)
    charger = await connect(version)
    words = WORDS[version](charger)
    assert await words.start("DEADBEEF", 0) == "Accepted"
    assert (await verdict(charger, version, "PASS"))["status"] == "Accepted"
    assert await words.stop("PASS", 100, minutes(5)) == "Accepted"
    assert (await only()).state == Transaction.State.ENDED
    words.transaction_id = "by-pass"
    assert await words.start("PASS", 100, minutes(6)) == "Blocked"


@both_versions
async def test_the_list_of_cards_is_sent_after_the_boot_and_follows_each_change(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    await words.boot()
    charger = words.charger

    async def told() -> dict[str, Any]:
        await rows(lambda: local_lists.sweep(now=NOW))
        message_id, payload = await charger.asked("SendLocalList")
        await charger.reply(message_id, {"status": "Accepted"})
        await until(lambda: not Command.objects.filter(kind="send_local_list", status="sent").exists())
        return payload

    await rows(lambda: local_lists.sweep(now=NOW))
    message_id, _ = await charger.asked("GetLocalListVersion")
    number = "listVersion" if version == "1.6" else "versionNumber"
    await charger.reply(message_id, {number: 0})
    await until(lambda: ChargePoint.objects.get().local_list_version == 0)
    first = await told()
    assert (first["updateType"], first[number], len(first["localAuthorizationList"])) == ("Full", 1, 1)
    await rows(lambda: IdToken.objects.update(status="blocked"))
    change = await told()
    assert (change["updateType"], change[number]) == ("Differential", 2)
    entry = change["localAuthorizationList"][0]
    info = entry["idTagInfo"] if version == "1.6" else entry["idTokenInfo"]
    assert info["status"] == "Blocked"
    assert await rows(lambda: LocalListEntry.objects.get().status) == "Blocked"
    await rows(lambda: IdToken.objects.all().delete())
    removed = (await told())["localAuthorizationList"]
    assert removed == [{"idTag": "DEADBEEF"}] or removed == [{"idToken": {"idToken": "DEADBEEF", "type": "ISO14443"}}]
    assert await rows(LocalListEntry.objects.count) == 0
