"""Block C: tokens, groups, the cache, the master pass."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, IdToken, Location, Operator, Transaction
from chargepoints.services import authorization, token_cache
from tests.chargepoints.ocpp.conftest import NOW, rows
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v201.station import Station, connector, no_transaction, over, settled, transaction, wish

GROUP = "FLEET"
GROUP_TOKEN = {"idToken": GROUP, "type": "Central"}


async def change(token: IdToken, **values: Any) -> None:
    await rows(lambda: IdToken.objects.filter(pk=token.pk).update(**values))


async def card_of_group(name: str, **values: Any) -> IdToken:
    def make() -> IdToken:
        made = authorization.register_token(token=name)
        IdToken.objects.filter(pk=made.pk).update(**{"parent": GROUP, **values})
        return made

    return await rows(make)


@pytest.mark.conformance("TC_C_02")
async def test_an_unknown_card_starts_nothing(station: Station, charge_point: ChargePoint) -> None:
    assert (await station.authorize("UNKNOWN"))["status"] in ("Invalid", "Unknown")
    assert await no_transaction()
    assert (await connector(charge_point)).status == "available"


@pytest.mark.conformance("TC_C_06", "TC_C_07")
@pytest.mark.parametrize(("values", "status"), [({"status": "blocked"}, "Blocked"), ({"expires_at": NOW}, "Expired")])
async def test_a_card_that_is_no_good_says_why(
    station: Station, token: IdToken, values: dict[str, Any], status: str
) -> None:
    await change(token, **values)
    assert (await station.authorize("DEADBEEF"))["status"] == status
    assert await no_transaction()


@pytest.mark.conformance("TC_C_08")
async def test_a_station_that_knows_a_card_from_before_starts_without_asking(station: Station, token: IdToken) -> None:
    await change(token, expires_at=minutes(90))
    info = await station.authorize("DEADBEEF")
    assert info == {"status": "Accepted", "cacheExpiryDateTime": "2026-03-02T10:30:00.000Z"}
    assert await station.start(state="EVConnected") == "Accepted"
    await station.event("Updated", "ChargingStateChanged", minutes(1))
    row = await transaction()
    assert (row.state, row.id_token_id, row.charging_state) == ("active", token.pk, "Charging")


@pytest.mark.conformance("TC_C_20")
async def test_a_card_that_the_cache_lets_start_is_judged_anew(station: Station, token: IdToken) -> None:
    assert (await station.authorize("DEADBEEF"))["status"] == "Accepted"
    await change(token, status="blocked")
    assert await station.start(state="EVConnected") == "Blocked"
    row = await transaction()
    assert (row.state, row.flaw) == ("quarantined", "token refused: Blocked")
    await station.end(minutes(1), "DeAuthorized", trigger="Deauthorized", meter_wh=1_000)
    assert ((await transaction()).energy_wh, (await transaction()).stop_reason) == (0, "DeAuthorized")


@pytest.mark.conformance("TC_C_37", "TC_C_38")
@pytest.mark.parametrize(("answer", "result"), [("Accepted", "accepted"), ("Rejected", "rejected")])
async def test_the_cache_is_cleared(station: Station, charge_point: ChargePoint, answer: str, result: str) -> None:
    command = await wish(token_cache.clear, charge_point=charge_point)
    assert await station.obey("ClearCache", status=answer) == {}
    row = await settled(command)
    assert (row.status, row.result) == (result, {"status": answer})


@pytest.mark.conformance("TC_C_39")
async def test_a_card_of_the_same_group_ends_the_session(station: Station, token: IdToken) -> None:
    await change(token, parent=GROUP)
    await card_of_group("COLLEAGUE")
    info = await station.authorize("DEADBEEF")
    assert (info["status"], info["groupIdToken"]) == ("Accepted", GROUP_TOKEN)
    await station.start()
    info = await station.authorize("COLLEAGUE")
    assert (info["status"], info["groupIdToken"]) == ("Accepted", GROUP_TOKEN)
    answer = await station.end(minutes(30), token="COLLEAGUE")
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert (await over("Local")).id_token_id == token.pk


@pytest.mark.conformance("TC_C_40", "TC_C_43")
@pytest.mark.parametrize(("values", "status"), [({}, "Accepted"), ({"status": "blocked"}, "Blocked")])
async def test_a_card_that_the_list_knows_by_its_group_is_judged_here_as_well(
    station: Station, token: IdToken, values: dict[str, Any], status: str
) -> None:
    """The station asks about the second card only where its own list does not accept it."""
    await change(token, parent=GROUP)
    await card_of_group("COLLEAGUE", **values)
    await station.start()
    info = await station.authorize("COLLEAGUE")
    assert (info["status"], info["groupIdToken"]) == (status, GROUP_TOKEN)
    assert (await transaction()).state == "active"
    if status == "Accepted":
        await station.end(minutes(30), token="COLLEAGUE")
        await over("Local")


async def master_pass(charge_point: ChargePoint) -> None:
    """A card of the operator's master pass group."""

    def make() -> None:
        operator = Operator.objects.get()
        Operator.objects.update(master_pass_group="MASTERS")
        assert Location.objects.filter(operator=operator).exists()
        made = authorization.register_token(token="MASTER", operator=operator)
        IdToken.objects.filter(pk=made.pk).update(parent="MASTERS")

    await rows(make)


@pytest.mark.conformance("TC_C_47", "TC_C_48", "TC_C_49")
@pytest.mark.parametrize("ended", [["one"], ["one", "two"]])
async def test_a_master_pass_ends_sessions_and_starts_none(
    station: Station, charge_point: ChargePoint, token: IdToken, second_evse: Any, ended: list[str]
) -> None:
    await master_pass(charge_point)
    await card_of_group("OTHER")
    await station.start(id="one")
    await station.start(id="two", token="OTHER", evse=2)
    info = await station.authorize("MASTER")
    assert (info["status"], info["groupIdToken"]) == ("Accepted", {"idToken": "MASTERS", "type": "Central"})
    for remote_id in ended:
        answer = await station.end(minutes(30), "MasterPass", token="MASTER", id=remote_id)
        assert answer["idTokenInfo"]["status"] == "Accepted"
    states = await rows(lambda: dict(Transaction.objects.values_list("remote_id", "state")))
    assert states == {name: "ended" if name in ended else "active" for name in ("one", "two")}
    reasons = await rows(lambda: set(Transaction.objects.filter(state="ended").values_list("stop_reason", "energy_wh")))
    assert reasons == {("MasterPass", 2_500)}
    assert await station.start(id="three", token="MASTER", evse=1) != "Accepted"


async def test_a_contract_of_iso_15118_is_judged_by_its_token_and_its_certificate_by_nobody(
    station: Station, token: IdToken
) -> None:
    """C07: no certificate is vouched for (``certificateStatus`` is left out); an unknown contract is refused."""
    hashes = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "a" * 64,
        "issuerKeyHash": "b" * 64,
        "serialNumber": "1",
        "responderURL": "https://ocsp.example.org",
    }
    payload = {"idToken": {"idToken": "DE-ABC-C123456", "type": "eMAID"}, "iso15118CertificateHashData": [hashes]}
    answer = await station.call("Authorize", payload)
    assert answer["idTokenInfo"]["status"] in ("Invalid", "Unknown")
    assert "certificateStatus" not in answer
