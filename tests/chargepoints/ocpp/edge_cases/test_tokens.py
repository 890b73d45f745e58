"""Tokens as readers send them, and the verdict in the words of both versions."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from chargepoints.models import IdToken, Location, Transaction
from chargepoints.services import authorization
from tests.chargepoints.ocpp.conftest import Charger, Connect, rows
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
