"""Security profiles 1 and 2 through the proxy that the repository ships; cases of both versions by their names."""

import asyncio
import base64
import json
import ssl
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from chargepoints.models import ChargePoint, RefusedCharger
from tests.factories import SECRET
from tests.flows import proxy
from tests.flows.proxy import Authority, Proxy
from tests.flows.support import BOTH_VERSIONS, PATIENCE_S, charge_point, eventually, rows
from tests.servers import Stack

IDENTITY = "CP|Markt 1/ä"
SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1"}
BOOTS: dict[str, dict[str, Any]] = {
    "1.6": {"chargePointVendor": "V", "chargePointModel": "M"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}},
}
CLAIM = {"X-Forwarded-Proto": "https"}
# The machine's own other addresses: from there comes whoever is no proxy.
ELSEWHERE = ("127.0.0.7", 0)


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    row = charge_point(identity=IDENTITY)
    ChargePoint.objects.update(security_profile=2)
    return row


@pytest.fixture
def authority() -> Authority:
    return proxy.authority()


@pytest.fixture
def issuer() -> Authority:
    """Gives chargers certificates of their own."""
    return proxy.authority()


@pytest.fixture
def stack(issuer: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Stack:
    (tmp_path / "chargers.pem").write_text(issuer.pem)
    monkeypatch.setenv("TWINEV_CHARGER_CA", str(tmp_path / "chargers.pem"))
    monkeypatch.setenv("TWINEV_TRUSTED_PROXIES", "1")
    monkeypatch.setenv("TWINEV_PROXY_NETWORKS", "127.0.0.1")
    running: Stack = request.getfixturevalue("live_stack")
    return running


@pytest.fixture
def front(stack: Stack, authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder: Path = tmp_path_factory.mktemp("nginx")
    with proxy.nginx(upstream_port=stack.port, signed_by=authority, folder=folder) as running:
        yield running


def line(
    address: str,
    *,
    user: str = IDENTITY,
    secret: str = SECRET,
    version: str = "1.6",
    headers: dict[str, str] | None = None,
    **options: Any,
) -> AbstractAsyncContextManager[ClientConnection]:
    login = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return connect(
        f"{address}/{quote(IDENTITY, safe='')}",
        subprotocols=[Subprotocol(SUBPROTOCOLS[version])],
        additional_headers={"Authorization": f"Basic {login}", **(headers or {})},
        proxy=None,
        max_size=None,
        **options,
    )


async def refusal(address: str, **options: Any) -> int | None:
    """The HTTP status of a refusal, None when it is let in."""
    try:
        async with line(address, **options):
            return None
    except InvalidStatus as refused:
        return refused.response.status_code


async def call(socket: ClientConnection, action: str, payload: dict[str, Any]) -> dict[str, Any]:
    await socket.send(json.dumps([2, action, action, payload]))
    while True:
        answer = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE_S))
        if answer[0] == 3:
            return dict(answer[2])


@pytest.mark.conformance("TC_085", "TC_086", "TC_088", "TC_A_01", "TC_A_04")
@BOTH_VERSIONS
async def test_tc_085_tc_086_tc_088_tc_a_01_tc_a_04_a_charger_comes_by_tls_with_its_password(
    version: str, station: ChargePoint, front: Proxy, authority: Authority
) -> None:
    async with line(front.wss, version=version, ssl=authority.trusted()) as socket:
        assert socket.subprotocol == SUBPROTOCOLS[version]
        assert socket.transport.get_extra_info("ssl_object").version() == "TLSv1.3"
        assert (await call(socket, "BootNotification", BOOTS[version]))["status"] == "Accepted"
        row = await rows(lambda: ChargePoint.objects.get(pk=station.pk))
        assert (row.is_connected, row.ocpp_version, row.vendor) == (True, version, "V")
    assert await eventually(lambda: not ChargePoint.objects.get(pk=station.pk).is_connected, "it is gone")


@pytest.mark.conformance("TC_086")
async def test_tc_086_a_charger_that_trusts_another_authority_does_not_come_in(
    station: ChargePoint, front: Proxy
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        await refusal(front.wss, ssl=proxy.authority().trusted())
    row = await rows(lambda: ChargePoint.objects.get(pk=station.pk))
    assert row.connected_at is None


@pytest.mark.conformance("TC_A_02", "TC_A_03")
async def test_tc_a_02_tc_a_03_the_wrong_user_or_password_is_refused_and_told_to_staff(
    station: ChargePoint, front: Proxy, authority: Authority
) -> None:
    assert await refusal(front.wss, user="CP 2", ssl=authority.trusted()) == 401
    assert await refusal(front.wss, secret="wrong", ssl=authority.trusted(), local_addr=ELSEWHERE) == 401
    seen = await eventually(RefusedCharger.objects.first, "the refusal is kept")
    assert (seen.identity, seen.reason, seen.address) == (IDENTITY, "wrong_secret", "127.0.0.1")
    assert await refusal(front.wss, ssl=authority.trusted()) is None


@pytest.mark.conformance("TC_A_06")
@pytest.mark.parametrize(
    ("newest", "cipher"),
    [(ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"), (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA")],
)
async def test_tc_a_06_an_old_tls_or_a_weak_cipher_is_refused(
    newest: ssl.TLSVersion, cipher: str, station: ChargePoint, front: Proxy, authority: Authority
) -> None:
    old = authority.trusted()
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = newest
    old.set_ciphers(cipher)
    with pytest.raises(ssl.SSLError, match="ALERT"):
        await refusal(front.wss, ssl=old)


@pytest.mark.conformance("TC_087", "TC_A_07")
@BOTH_VERSIONS
async def test_tc_087_tc_a_07_a_charger_comes_by_its_own_certificate_and_needs_no_password(
    version: str, station: ChargePoint, front: Proxy, authority: Authority, issuer: Authority, tmp_path: Path
) -> None:
    await rows(lambda: ChargePoint.objects.update(security_profile=3))
    own = issuer.showing(IDENTITY, tmp_path, trusts=authority)
    async with line(front.asking, user="", secret="", version=version, ssl=own) as socket:
        assert (await call(socket, "BootNotification", BOOTS[version]))["status"] == "Accepted"
        assert (await rows(lambda: ChargePoint.objects.get(pk=station.pk))).is_connected


@pytest.mark.conformance("TC_A_08")
async def test_tc_a_08_a_certificate_that_does_not_count_is_refused_and_told_to_staff(
    station: ChargePoint, front: Proxy, authority: Authority, issuer: Authority, tmp_path: Path
) -> None:
    await rows(lambda: ChargePoint.objects.update(security_profile=3))
    stranger = proxy.authority().showing(IDENTITY, tmp_path, trusts=authority)
    other = issuer.showing("CP 2", tmp_path, trusts=authority)
    for wrong in (authority.trusted(), stranger, other):
        assert await refusal(front.asking, ssl=wrong, local_addr=ELSEWHERE) == 403
    seen = await eventually(RefusedCharger.objects.first, "the refusal is kept")
    assert (seen.identity, seen.reason) == (IDENTITY, "certificate")
    assert await refusal(front.wss, ssl=issuer.showing(IDENTITY, tmp_path, trusts=authority)) == 403, "not asked for"


async def test_nobody_else_than_the_proxy_says_what_certificate_was_shown(
    station: ChargePoint, stack: Stack, front: Proxy, authority: Authority, issuer: Authority, tmp_path: Path
) -> None:
    await rows(lambda: ChargePoint.objects.update(security_profile=3))
    chain, _ = issuer.issue(tmp_path, IDENTITY)
    claim = {"X-Client-Certificate": quote(chain.read_text(), safe="")}
    assert await refusal(front.wss, headers=claim, ssl=authority.trusted()) == 403, "the proxy overwrites it"
    assert await refusal(stack.ocpp_url, headers={**CLAIM, **claim}, local_addr=ELSEWHERE) == 403, "past the proxy"


async def test_profile_2_is_refused_by_a_plain_line_whatever_the_charger_claims(
    station: ChargePoint, stack: Stack, front: Proxy
) -> None:
    assert await refusal(front.ws) == 403
    assert await refusal(front.ws, headers=CLAIM) == 403, "the proxy overwrites it"
    assert await refusal(stack.ocpp_url, headers=CLAIM, local_addr=ELSEWHERE) == 403, "past the proxy"
    await rows(lambda: ChargePoint.objects.update(security_profile=1))
    assert await refusal(front.ws) is None


async def test_a_mebibyte_passes_the_proxy(station: ChargePoint, front: Proxy, authority: Authority) -> None:
    async with line(front.wss, ssl=authority.trusted()) as socket:
        data = "x" * ((1 << 20) - 100)
        answer = await call(socket, "DataTransfer", {"vendorId": "x", "data": data})
        assert answer == {"status": "UnknownVendorId"}
