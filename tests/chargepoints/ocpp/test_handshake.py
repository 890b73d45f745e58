"""Who is let in, in which version, and who is not."""

import asyncio
import base64
import json
from ipaddress import ip_network
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError

from chargepoints.domain import intents
from chargepoints.domain.quirks import Quirks
from chargepoints.groups import charger_group
from chargepoints.models import ChargePoint, Command, RefusedCharger
from chargepoints.ocpp import database, handshake
from chargepoints.services import commands, provisioning, quirks, security
from tests.chargepoints.ocpp.conftest import (
    NOW,
    PATIENCE_S,
    SECRET,
    Charger,
    Clock,
    Connect,
    basic,
    communicator,
    registered,
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


# --- what a refusal says ----------------------------------------------------------------------------------------------


async def answer_to(path: str, headers: Headers, clock: Clock, **scope: object) -> tuple[int, dict[bytes, bytes], str]:
    """The HTTP answer to one that is turned away, by a server that can say it."""
    socket = communicator(path, headers, ["ocpp1.6"], clock)
    socket.scope |= {"extensions": {"websocket.http.response": {}}, **scope}
    await socket.send_input({"type": "websocket.connect"})
    start = await socket.receive_output(PATIENCE_S)
    assert start["type"] == "websocket.http.response.start"
    body = await socket.receive_output(PATIENCE_S)
    return start["status"], dict(start["headers"]), body["body"].decode()


async def test_an_unknown_charger_is_told_so_and_a_wrong_password_is_asked_for_again(
    charge_point: ChargePoint, clock: Clock
) -> None:
    status, _, words = await answer_to("/ocpp/CP%202", [basic("CP 2", SECRET)], clock)
    assert (status, words) == (404, "No charge point of this name is registered here")
    for headers in ([], [basic("CP 1", "wrong")], [basic("CP 2", SECRET)]):
        status, said, _ = await answer_to("/ocpp/CP%201", headers, clock)
        assert (status, said[b"WWW-Authenticate"]) == (401, b'Basic realm="OCPP"')


@pytest.mark.parametrize("path", ["/ocpp/" + "x" * 49, "/ocpp/a%00b", "/ocpp/%01", "/ocpp//"])
async def test_what_can_be_no_identity_is_not_looked_for(path: str, charge_point: ChargePoint, clock: Clock) -> None:
    status, _, _ = await answer_to(path, [basic("x", SECRET)], clock)
    assert status == 404
    assert not await rows(RefusedCharger.objects.exists)


async def test_the_same_mistake_again_and_again_is_answered_by_429_told_once_and_counted(
    charge_point: ChargePoint, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = [basic("CP 1", "wrong")]
    answers = [await answer_to("/ocpp/CP%201", wrong, clock) for _ in range(8)]
    assert [status for status, _, _ in answers] == [401] * 5 + [429] * 3
    assert 0 < int(answers[-1][1][b"Retry-After"]) <= 31
    told = [record for record in caplog.records if record.message == "a charger was refused"]
    assert [(record.identity, record.reason) for record in told] == [("CP 1", "wrong_secret")]
    assert await rows(lambda: RefusedCharger.objects.get().times) == 1
    assert await knock("/ocpp/CP%201", [basic("CP 1", SECRET)], clock) == (True, "ocpp1.6")
    assert not await rows(RefusedCharger.objects.exists), "it is mended"


async def test_a_database_that_is_away_is_told_as_busy_and_not_as_a_wrong_password(
    charge_point: ChargePoint, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(database, "PAUSES_S", ())
    monkeypatch.setattr(security, "admit", broken)
    status, headers, _ = await answer_to("/ocpp/CP%201", [basic("CP 1", SECRET)], clock)
    assert (status, headers[b"Retry-After"]) == (503, b"10")


# --- the security profile ---------------------------------------------------------------------------------------------

PROXY, STRANGER = ("10.9.0.2", 4711), ("203.0.113.7", 4711)
BY_TLS = (b"x-forwarded-proto", b"https")


@pytest.fixture
def behind_a_proxy(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    settings.PROXY_NETWORKS = [ip_network("10.9.0.0/24")]


async def let_in(headers: Headers, clock: Clock, client: tuple[str, int]) -> bool:
    socket = communicator("/ocpp/CP%201", [basic("CP 1", SECRET), *headers], ["ocpp1.6"], clock)
    socket.scope["client"] = client
    accepted, _ = await socket.connect(timeout=PATIENCE_S)
    if accepted:
        await socket.disconnect(timeout=PATIENCE_S)
    return accepted


@pytest.mark.usefixtures("behind_a_proxy")
async def test_profile_2_needs_tls_and_only_the_proxy_can_say_that_it_is(
    charge_point: ChargePoint, clock: Clock, settings: Any
) -> None:
    await rows(lambda: ChargePoint.objects.update(security_profile=2))
    assert await let_in([BY_TLS], clock, PROXY)
    assert not await let_in([BY_TLS], clock, STRANGER)
    assert not await let_in([], clock, PROXY)
    assert not await let_in([(b"x-forwarded-proto", b"http")], clock, PROXY)
    assert not await let_in([BY_TLS, (b"x-forwarded-proto", b"http")], clock, PROXY), "said twice"
    assert not await let_in([(b"x-forwarded-proto", b"https,http")], clock, PROXY)
    settings.TRUSTED_PROXIES = 0
    assert not await let_in([BY_TLS], clock, PROXY)


async def test_profile_2_over_a_plain_line_is_refused_with_a_reason(charge_point: ChargePoint, clock: Clock) -> None:
    await rows(lambda: ChargePoint.objects.update(security_profile=2))
    status, _, words = await answer_to("/ocpp/CP%201", [basic("CP 1", SECRET)], clock, client=STRANGER)
    assert (status, words) == (403, "This charge point has to come by TLS (wss)")


async def test_profile_0_is_for_those_alone_to_whom_it_is_allowed(charge_point: ChargePoint, clock: Clock) -> None:
    assert not (await knock("/ocpp/CP%201", [], clock))[0]
    await rows(lambda: ChargePoint.objects.update(security_profile=0))
    assert (await knock("/ocpp/CP%201", [], clock))[0]


def scope_of(client: tuple[str, int] | None, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"client": client, "headers": headers}


@pytest.mark.usefixtures("behind_a_proxy")
def test_the_address_is_the_one_that_the_proxy_saw_and_nobody_invents_it() -> None:
    forwarded = (b"x-forwarded-for", b"198.51.100.9, 192.0.2.5")
    assert handshake.address_of(scope_of(PROXY, forwarded)) == "192.0.2.5"
    assert handshake.address_of(scope_of(STRANGER, forwarded)) == "203.0.113.7"
    assert handshake.address_of(scope_of(PROXY)) == "10.9.0.2"
    assert handshake.address_of(scope_of(None, forwarded)) == ""


# --- odd spellings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registered", "path", "raw_path"),
    [
        ("RDAM|123", "/ocpp/RDAM%7C123", b"/ocpp/RDAM%257C123"),  # percent-encoded twice
        ("RDAM|123", "/ocpp/RDAM|123", b"/ocpp/RDAM%7C123"),
        ("Köln 1", "/ocpp/Köln 1", b"/ocpp/K%C3%B6ln%201"),
        ("Köln 1", "/ocpp/K\ufffdln 1", b"/ocpp/K%F6ln%201"),  # in Latin-1
        ("Köln 1", "/ocpp/K\ufffdln 1/", b"/ocpp/K%F6ln%201/"),
        ("CP 1", "/ocpp/cp 1", b"/ocpp/cp%201"),
        ("a/b", "/ocpp/a/b", b"/ocpp/a%2Fb"),
        ("CP 1", "/ocpp/CP 1///", b"/ocpp/CP%201///"),
    ],
)
async def test_an_identity_is_known_however_it_is_encoded(
    registered: str, path: str, raw_path: bytes, charge_point: ChargePoint, clock: Clock
) -> None:
    await rows(lambda: ChargePoint.objects.update(identity=registered))
    socket = communicator("/ocpp/x", [basic(registered, SECRET)], ["ocpp1.6"], clock)
    socket.scope |= {"path": path, "raw_path": raw_path}
    assert (await socket.connect(timeout=PATIENCE_S))[0]
    await socket.disconnect(timeout=PATIENCE_S)


async def test_the_user_may_be_in_latin_1_too(charge_point: ChargePoint, clock: Clock) -> None:
    await rows(lambda: ChargePoint.objects.update(identity="Köln"))
    login = b"Basic " + base64.b64encode("Köln".encode("latin-1") + b":" + SECRET.encode())
    assert (await knock("/ocpp/K%C3%B6ln", [(b"authorization", login)], clock))[0]


async def test_a_password_of_bytes_that_are_no_text_and_hold_a_colon_is_one(
    charge_point: ChargePoint, clock: Clock
) -> None:
    secret = bytes.fromhex("ff003a80c3289d3a5f5f5f5f5f5f5f5f")
    await rows(lambda: ChargePoint.objects.update(secret_hash=security.hashed(secret.hex())))
    assert (await knock("/ocpp/CP%201", [basic("CP 1", secret)], clock))[0]


async def test_the_identity_in_a_message_is_worth_nothing(connect: Connect, charge_point: ChargePoint) -> None:
    other = await rows(lambda: registered("CP 2"))
    charger = await connect()
    payload = {"chargePointVendor": "V", "chargePointModel": "M", "chargeBoxSerialNumber": "CP 2"}
    await charger.call("BootNotification", payload)
    booted = await rows(lambda: {row.identity: row.booted_at for row in ChargePoint.objects.all()})
    assert booted == {charge_point.identity: NOW, other.identity: None}


# --- too much, and nothing --------------------------------------------------------------------------------------------


async def test_a_charger_that_floods_is_slowed_down_and_none_of_it_is_lost(
    charge_point: ChargePoint, connect: Connect, settings: Any
) -> None:
    settings.OCPP_FRAMES_PER_S, settings.OCPP_FRAMES_BURST = 100, 5
    charger = await connect()
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for number in range(25):
        await charger.send(json.dumps([2, str(number), "Heartbeat", {}]))
    assert [(await charger.frame())[1] for _ in range(25)] == [str(number) for number in range(25)]
    assert loop.time() - began_s >= 0.19


async def test_a_charger_that_floods_without_an_end_is_sent_away_with_a_reason(
    charge_point: ChargePoint, connect: Connect, settings: Any
) -> None:
    settings.OCPP_FRAMES_PER_S, settings.OCPP_FRAMES_BURST, settings.OCPP_FLOOD_S = 50, 1, 0.05
    charger = await connect()
    for number in range(200):
        await charger.send(json.dumps([2, str(number), "Heartbeat", {}]))
    assert await charger.closed() == 4029
    assert await until(lambda: ChargePoint.objects.filter(connection_key="").exists())


async def test_a_silent_link_is_closed_and_its_command_waits_for_the_next(
    connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    charger = await connect()
    await charger.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
    await rows(lambda: commands.enqueue(charge_point=charge_point, intent=intents.Unlock(1), now=NOW))
    await charger.asked("UnlockConnector")
    clock.advance(seconds=901)
    assert await rows(lambda: provisioning.forget_silent_links(now=clock.now)) == 1
    assert await charger.closed() == 4008
    assert await until(lambda: Command.objects.filter(kind="unlock", status="queued", claimed_by="").exists())
    assert not (await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))).is_connected
    new = await connect()
    assert await rows(lambda: provisioning.forget_silent_links(now=clock.now)) == 0
    assert "currentTime" in await new.call("Heartbeat", {})


async def test_a_charger_that_is_to_be_heard_once_a_day_is_not_given_up_within_it(
    connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    await rows(lambda: ChargePoint.objects.update(heartbeat_interval_s=86_400))
    charger = await connect()
    clock.advance(hours=47)
    assert await rows(lambda: provisioning.forget_silent_links(now=clock.now)) == 0
    assert "currentTime" in await charger.call("Heartbeat", {})


async def test_a_heartbeat_interval_of_0_is_no_reason_to_give_up(
    connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    await rows(lambda: ChargePoint.objects.update(heartbeat_interval_s=0))
    await connect()
    clock.advance(seconds=899)
    assert await rows(lambda: provisioning.forget_silent_links(now=clock.now)) == 0
    clock.advance(seconds=2)
    assert await rows(lambda: provisioning.forget_silent_links(now=clock.now)) == 1


async def test_five_hundred_come_at_once_and_are_let_in(
    charge_point: ChargePoint, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.chargepoints.ocpp.conftest.PATIENCE_S", 6 * PATIENCE_S)
    await rows(lambda: [ChargePoint.objects.create(**_alike(charge_point, f"S{number}")) for number in range(500)])
    sockets = [
        communicator(f"/ocpp/S{number}", [basic(f"S{number}", SECRET)], ["ocpp1.6"], clock) for number in range(500)
    ]
    answers = await asyncio.gather(*(socket.connect(timeout=6 * PATIENCE_S) for socket in sockets))
    assert set(answers) == {(True, "ocpp1.6")}
    await until(lambda: ChargePoint.objects.exclude(connection_key="").count() == 500)
    await asyncio.gather(*(socket.disconnect(timeout=6 * PATIENCE_S) for socket in sockets))


def _alike(row: ChargePoint, identity: str) -> dict[str, Any]:
    names = ("supply_point_id", "latitude", "longitude", "secret_hash")
    return {name: getattr(row, name) for name in names} | {"identity": identity}


async def test_pings_and_pongs_are_signs_of_life(connect: Connect, charge_point: ChargePoint, clock: Clock) -> None:
    charger = await connect()
    clock.advance(seconds=901)
    await charger.socket.send_input({"type": "websocket.alive"})
    assert await until(lambda: ChargePoint.objects.filter(pk=charge_point.pk, last_heard_at=clock.now).exists())
    assert await rows(lambda: provisioning.forget_silent_links(now=clock.now)) == 0


@pytest.mark.parametrize(("no_pong", "interval_s"), [(False, None), (True, 0)])
async def test_a_charger_that_answers_no_pings_gets_none(
    no_pong: bool, interval_s: int | None, charge_point: ChargePoint, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quirks, "of", lambda _: Quirks(no_pong=no_pong))
    socket = communicator("/ocpp/CP%201", [basic("CP 1", SECRET)], ["ocpp1.6"], clock)
    await socket.send_input({"type": "websocket.connect"})
    accepted = await socket.receive_output(PATIENCE_S)
    assert (accepted["type"], accepted["ping_interval_s"]) == ("websocket.accept", interval_s)
    await socket.disconnect(timeout=PATIENCE_S)
