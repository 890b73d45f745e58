"""Who is let in, in which version, and who is not."""

import pytest
from channels.layers import get_channel_layer

from chargepoints.groups import charger_group
from chargepoints.models import ChargePoint
from chargepoints.services import provisioning
from tests.chargepoints.ocpp.conftest import (
    NOW,
    PATIENCE_S,
    SECRET,
    Charger,
    Clock,
    Connect,
    basic,
    communicator,
    rows,
    until,
)

pytestmark = pytest.mark.django_db(transaction=True)
Headers = list[tuple[bytes, bytes]]


async def knock(
    path: str, headers: Headers, clock: Clock, subprotocols: list[str] | None = None
) -> tuple[bool, object]:
    socket = communicator(path, headers, ["ocpp1.6"] if subprotocols is None else subprotocols, clock)
    answer = await socket.connect(timeout=PATIENCE_S)
    if answer[0]:
        await socket.disconnect(timeout=PATIENCE_S)
    return answer


@pytest.mark.parametrize(
    ("path", "user", "secret"),
    [
        ("/ocpp/CP%201", "CP 1", SECRET),
        ("/ocpp/CP%201/", "CP 1", SECRET),
        ("/ocpp/CP%201", "CP%201", SECRET),
        ("/ocpp/CP%201", "CP 1", bytes.fromhex(SECRET)),  # 1.6: the bytes behind the hex of AuthorizationKey
        ("/ocpp/CP%201", "CP 1", SECRET.upper()),
    ],
)
async def test_a_registered_charger_is_let_in(
    path: str, user: str, secret: str | bytes, charge_point: ChargePoint, clock: Clock
) -> None:
    assert await knock(path, [basic(user, secret)], clock) == (True, "ocpp1.6")


async def test_the_bytes_behind_a_hexadecimal_secret_may_be_text(charge_point: ChargePoint, clock: Clock) -> None:
    secret_hash = provisioning.hashed(b"sixteen letters!".hex())
    await rows(lambda: ChargePoint.objects.update(secret_hash=secret_hash))
    assert (await knock("/ocpp/CP%201", [basic("CP 1", b"sixteen letters!")], clock))[0]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/ocpp/CP%201", []),
        ("/ocpp/CP%201", [basic("CP 1", "wrong")]),
        ("/ocpp/CP%201", [basic("CP 1", "")]),
        ("/ocpp/CP%201", [basic("CP 2", SECRET)]),
        ("/ocpp/CP%202", [basic("CP 2", SECRET)]),
        ("/ocpp/CP%202", [basic("CP 1", SECRET)]),
        ("/ocpp/CP%201%00", [basic("CP 1\0", SECRET)]),
        ("/ocpp/CP%201", [(b"authorization", b"Basic !!!")]),
        ("/ocpp/CP%201", [(b"authorization", b"Bearer abc")]),
        ("/ocpp/CP%201", [(b"authorization", b"Basic \xff\xfe")]),
    ],
)
async def test_a_stranger_is_refused(path: str, headers: Headers, charge_point: ChargePoint, clock: Clock) -> None:
    accepted, _ = await knock(path, headers, clock)
    assert not accepted
    assert not (await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))).is_connected


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["ocpp1.6", "ocpp2.0.1"], "ocpp2.0.1"),
        (["ocpp2.1", "ocpp1.6"], "ocpp1.6"),
        (["OCPP1.6"], "ocpp1.6"),
    ],
)
async def test_the_best_version_offered_is_chosen(
    offered: list[str], chosen: str, charge_point: ChargePoint, clock: Clock
) -> None:
    assert await knock("/ocpp/CP%201", [basic("CP 1", SECRET)], clock, offered) == (True, chosen)


@pytest.mark.parametrize("offered", [[], ["ocpp1.5"], ["mqtt", "ocpp2.1"]])
async def test_without_a_version_in_common_it_is_closed_with_a_reason(
    offered: list[str], charge_point: ChargePoint, clock: Clock
) -> None:
    socket = communicator("/ocpp/CP%201", [basic("CP 1", SECRET)], offered, clock)
    assert await socket.connect(timeout=PATIENCE_S) == (True, None)
    closing = await socket.receive_output(PATIENCE_S)
    assert (closing["type"], closing["code"]) == ("websocket.close", 4002)
    assert "ocpp2.0.1" in closing["reason"]
    await socket.disconnect()


async def test_the_new_connection_wins_and_the_old_one_s_end_does_not_matter(
    connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    old = await connect("1.6")
    clock.advance(minutes=1)
    new = await connect("2.0.1")
    assert await old.closed() == 4001
    await old.socket.disconnect()
    assert await new.call("Heartbeat", {}) == {"currentTime": "2026-03-02T09:01:00.000Z"}
    found = await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))
    assert found.is_connected
    assert (found.ocpp_version, found.disconnected_at) == ("2.0.1", None)


async def test_late_news_of_an_older_connection_does_not_close_the_live_one(
    connect: Connect, charge_point: ChargePoint
) -> None:
    charger = await connect()
    layer = get_channel_layer()
    await layer.group_send(charger_group(charge_point.pk), {"type": "connection.replaced", "connection_key": "older"})
    assert "currentTime" in await charger.call("Heartbeat", {})
    assert await charger.nothing_comes()


async def test_a_charger_that_leaves_is_offline(connect: Connect, charge_point: ChargePoint, clock: Clock) -> None:
    charger = await connect()
    assert (await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))).is_connected
    await charger.socket.disconnect()
    found = await until(lambda: ChargePoint.objects.filter(pk=charge_point.pk, connection_key="").first())
    assert found.disconnected_at == NOW


async def test_any_frame_is_a_sign_of_life(connect: Connect, charge_point: ChargePoint, clock: Clock) -> None:
    charger = await connect()
    clock.advance(seconds=100)
    await charger.call("DataTransfer", {"vendorId": "x"})
    assert await until(lambda: ChargePoint.objects.filter(pk=charge_point.pk, last_heard_at=clock.now).exists())


async def test_a_charger_given_up_as_silent_is_online_again_when_it_speaks(
    connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    charger: Charger = await connect()
    await rows(lambda: ChargePoint.objects.update(connection_key=""))
    clock.advance(minutes=20)
    await charger.call("Heartbeat", {})
    assert await until(lambda: ChargePoint.objects.exclude(connection_key="").exists())
