"""What real chargers say of their connectors: the newest word counts, whichever clock it comes from."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, Connector, Evse, IdToken, Transaction
from tests.chargepoints.ocpp.conftest import NOW, Charger, Clock, Connect, rows
from tests.chargepoints.ocpp.words import WORDS, iso, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


async def say(charger: Charger, connector: int, status: str, **fields: Any) -> None:
    payload = {"connectorId": connector, "errorCode": "NoError", "status": status, **fields}
    assert await charger.call("StatusNotification", payload) == {}


async def say_201(charger: Charger, evse: int, connector: int, status: str) -> None:
    payload = {"evseId": evse, "connectorId": connector, "connectorStatus": status, "timestamp": iso(NOW)}
    assert await charger.call("StatusNotification", payload) == {}


async def statuses() -> list[str]:
    return await rows(
        lambda: list(Connector.objects.order_by("evse__number", "number").values_list("status", flat=True))
    )


def second_evse() -> Evse:
    evse = Evse.objects.create(charge_point=ChargePoint.objects.get(), number=2, max_power_w=22_000)
    Connector.objects.create(evse=evse)
    return evse


async def test_connector_0_in_order_says_nothing_of_the_others_and_out_of_order_speaks_for_all(
    connect: Connect,
) -> None:
    charger = await connect()
    await rows(second_evse)
    await say(charger, 1, "Charging")
    await say(charger, 0, "Available")
    assert await statuses() == ["charging", "unknown"]
    await say(charger, 0, "Unavailable")
    assert await statuses() == ["unavailable", "unavailable"]


async def test_a_connector_of_an_evse_that_nobody_configured_is_acknowledged_and_left_out(connect: Connect) -> None:
    await say(await connect(), 7, "Available")
    assert await statuses() == ["unknown"]


async def test_a_further_connector_of_a_known_evse_is_added(connect: Connect) -> None:
    await say_201(await connect("2.0.1"), 1, 2, "Occupied")
    assert await statuses() == ["unknown", "preparing"]


async def test_connector_0_of_an_evse_means_its_connectors(connect: Connect) -> None:
    await say_201(await connect("2.0.1"), 1, 0, "Available")
    assert await statuses() == ["available"]


@both_versions
async def test_a_status_that_is_older_than_what_is_known_is_dropped(version: str, connect: Connect) -> None:
    words = WORDS[version](await connect(version))
    await words.status("Faulted", minutes(-1))
    await words.status("Available", minutes(-5))
    assert await statuses() == ["faulted"]


@both_versions
@pytest.mark.parametrize("wrong", ["1970-01-01T00:00:09Z", "2099-01-01T00:00:00Z", "yesterday", ""])
async def test_a_clock_that_is_wrong_does_not_freeze_the_connector(
    wrong: str, version: str, connect: Connect, clock: Clock
) -> None:
    charger = await connect(version)
    for status, at in (("Available", iso(NOW)), ("Faulted", wrong), ("Available", iso(minutes(2)))):
        payload = {"timestamp": at, "connectorId": 1}
        payload |= {"errorCode": "NoError", "status": status} if version == "1.6" else {"connectorStatus": status}
        await charger.call("StatusNotification", payload | ({} if version == "1.6" else {"evseId": 1}))
        assert await statuses() == [status.lower()]
        clock.advance(minutes=1)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Available", "available"),
        ("Preparing", "preparing"),
        ("Charging", "charging"),
        ("SuspendedEV", "suspended_ev"),
        ("SuspendedEVSE", "suspended_evse"),
        ("Finishing", "finishing"),
        ("Reserved", "reserved"),
        ("Unavailable", "unavailable"),
        ("Faulted", "faulted"),
        ("Sleeping", "unknown"),
    ],
)
async def test_the_nine_statuses_of_1_6_and_an_unknown_one(said: str, kept: str, connect: Connect) -> None:
    await say(await connect(), 1, said)
    assert await statuses() == [kept]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Available", "available"),
        ("Occupied", "preparing"),
        ("Reserved", "reserved"),
        ("Unavailable", "unavailable"),
        ("Faulted", "faulted"),
        ("Sleeping", "unknown"),
    ],
)
async def test_the_five_statuses_of_2_0_1_and_an_unknown_one(said: str, kept: str, connect: Connect) -> None:
    await say_201(await connect("2.0.1"), 1, 1, said)
    assert await statuses() == [kept]


@pytest.mark.parametrize("state", ["SuspendedEV", "SuspendedEVSE", "Charging"])
async def test_occupied_is_what_the_transaction_says_it_is(state: str, connect: Connect, token: IdToken) -> None:
    charger = await connect("2.0.1")
    started = {
        "eventType": "Started",
        "timestamp": iso(NOW),
        "triggerReason": "ChargingStateChanged",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "t", "chargingState": state},
        "evse": {"id": 1, "connectorId": 1},
        "idToken": {"idToken": "DEADBEEF", "type": "ISO14443"},
    }
    await charger.call("TransactionEvent", started)
    await say_201(charger, 1, 1, "Occupied")
    assert await statuses() == [
        {"SuspendedEV": "suspended_ev", "SuspendedEVSE": "suspended_evse"}.get(state, "charging")
    ]


async def test_a_fault_is_kept_with_the_vendor_s_code_until_it_is_gone(connect: Connect) -> None:
    charger = await connect()
    await say(charger, 1, "Faulted", errorCode="OtherError", vendorErrorCode="E-0815", vendorId="Vend")
    assert (await rows(Connector.objects.get)).error_code == "OtherError E-0815"
    await say(charger, 1, "Available", info="all is well")
    found = await rows(Connector.objects.get)
    assert (found.status, found.error_code) == ("available", "")


async def test_a_fault_with_endless_words_fits(connect: Connect) -> None:
    await say(await connect(), 1, "Faulted", errorCode="E" * 300, vendorErrorCode="V" * 300, info="I" * 300)
    assert (await rows(Connector.objects.get)).error_code == "E" * 50


async def test_preparing_for_ever_begins_no_transaction_and_leaves_the_next_one_alone(
    connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = WORDS["1.6"](await connect())
    for _ in range(3):
        await words.status("Preparing", clock.now)
        clock.advance(hours=8)
    assert await rows(Transaction.objects.count) == 0
    assert await words.start("DEADBEEF", 0, clock.now) == "Accepted"


async def test_finishing_without_a_stop_ends_nothing_until_the_stop_comes(connect: Connect, token: IdToken) -> None:
    words = WORDS["1.6"](await connect())
    await words.start("DEADBEEF", 0)
    await words.status("Finishing", NOW)
    assert (await rows(Transaction.objects.get)).state == Transaction.State.ACTIVE
    await words.stop("DEADBEEF", 500, minutes(10))
    assert (await rows(Transaction.objects.get)).energy_wh == 500
