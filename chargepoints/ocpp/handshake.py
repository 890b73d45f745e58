"""Who knocks: identity from the path, secret from HTTP Basic, version from the subprotocols (OCPP-J 1.6 3, 6)."""

import base64
import binascii
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.conf import settings

from chargepoints.models import ChargePoint
from chargepoints.ocpp import database, doorkeeper
from chargepoints.services import security
from chargepoints.services.security import Knock, Refusal

logger = logging.getLogger(__name__)
_LONGEST_IDENTITY = 48


@dataclass(frozen=True)
class No:
    """A refusal as HTTP says it."""

    status: int
    words: str
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = No(404, "No charge point of this name is registered here")
BUSY = No(503, "Try again later", (("Retry-After", "10"),))
_NOS = {
    Refusal.UNKNOWN: NOT_FOUND,
    Refusal.WRONG_SECRET: No(401, "Wrong user or password", (("WWW-Authenticate", 'Basic realm="OCPP"'),)),
    Refusal.NO_TLS: No(403, "This charge point has to come by TLS (wss)"),
    Refusal.CERTIFICATE: No(403, "This charge point has to show its own certificate"),
}


async def admitted(scope: Mapping[str, Any], now: datetime) -> ChargePoint | No:
    """The registered charger that proves its identity, else how it is turned away. Logged once, not each time."""
    knock, address = knock_of(scope), address_of(scope)
    if not _could_be(knock.identities[0]):
        return NOT_FOUND
    keeper = doorkeeper.current()
    try:
        answer = await keeper.ask(knock, address, lambda: database.look_up(security.admit, knock=knock, now=now))
    except doorkeeper.TooMany as refusal:
        return No(429, "Too many attempts", (("Retry-After", str(refusal.wait_s)),))
    except Exception:
        logger.exception("a charger could not be checked")
        return BUSY
    identity = knock.identities[0]
    if isinstance(answer, Refusal):
        await _tell(keeper, identity, answer, address, now)
        return _NOS[answer]
    if keeper.forgive(identity):
        await database.run(security.forget_refusals, identity=identity)
    return answer


async def _tell(keeper: doorkeeper.Doorkeeper, identity: str, refusal: Refusal, address: str, now: datetime) -> None:
    times = keeper.times_to_tell(identity, refusal)
    if not times:
        return
    facts: dict[str, Any] = {"identity": identity, "address": address, "times": times}
    logger.warning("a charger was refused", extra={**facts, "reason": refusal.value})
    try:
        await database.run(security.note_refusal, refusal=refusal, now=now, **facts)
    except Exception:
        logger.exception("a refusal could not be kept")


def chosen(offered: Iterable[str], versions: Mapping[str, Any]) -> Any:
    """The version of the best subprotocol offered, None when we speak none of them. ``versions``: best first."""
    wanted = {name.strip().lower() for name in offered}
    return next((version for name, version in versions.items() if name in wanted), None)


async def refuse(scope: Mapping[str, Any], send: Callable[[Any], Awaitable[None]], no: No) -> None:
    """Turn away a websocket before it is one; a server that cannot say the status says 403."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 4000 + no.status})
        return
    headers = [(b"Content-Type", b"text/plain; charset=utf-8")]
    headers += [(name.encode(), value.encode()) for name, value in no.headers]
    await send({"type": "websocket.http.response.start", "status": no.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": no.words.encode()})


def knock_of(scope: Mapping[str, Any]) -> Knock:
    """What the request says of who comes."""
    user, secrets = _credentials(scope["headers"])
    return Knock(
        identities=_identities(scope),
        user=user,
        secrets=secrets,
        by_tls=_is_by_tls(scope),
        certificate=_certificate(scope),
    )


def address_of(scope: Mapping[str, Any]) -> str:
    """Where it comes from: what the outermost trusted proxy saw, else the other end of the line."""
    hops = _header(scope["headers"], b"x-forwarded-for").decode("latin-1").split(",")
    if _is_from_proxy(scope) and len(hops) >= settings.TRUSTED_PROXIES and hops[-settings.TRUSTED_PROXIES].strip():
        return hops[-settings.TRUSTED_PROXIES].strip()[:45]
    return _peer(scope)


def _identities(scope: Mapping[str, Any]) -> tuple[str, ...]:
    """As the server decoded it; percent-encoded twice by some; in Latin-1 by others."""
    identity = scope["url_route"]["kwargs"]["identity"].rstrip("/")
    if "\ufffd" in identity and scope.get("raw_path"):
        raw = unquote(scope["raw_path"].decode("latin-1"), encoding="latin-1").rstrip("/")
        identity = raw[-len(identity) :]
    return tuple(dict.fromkeys((identity, unquote(identity))))


def _could_be(identity: str) -> bool:
    return bool(identity) and len(identity) <= _LONGEST_IDENTITY and identity.isprintable()


def _credentials(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, tuple[str, ...]]:
    """User and spellings of the password. A password may hold colons and bytes that are no text; a user may not."""
    scheme, _, encoded = _header(headers, b"authorization").strip().partition(b" ")
    if scheme.lower() != b"basic":
        return "", ()
    try:
        user, colon, secret = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return "", ()
    return unquote(_text(user)), _spellings(secret) if colon and secret else ()


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _spellings(secret: bytes) -> tuple[str, ...]:
    """1.6 sets AuthorizationKey in hex; chargers then send the text, the hex text, or the bytes that it stands for."""
    text = _text(secret)
    found = [text, secret.hex(), secret.hex().upper()]
    if _is_hex(text):
        found += [text.lower(), text.upper(), _from_hex(text)]
    return tuple(dict.fromkeys(one for one in found if one))


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(character in "0123456789abcdefABCDEF" for character in text)


def _from_hex(text: str) -> str:
    try:
        return bytes.fromhex(text).decode()
    except ValueError:
        return ""


def _is_by_tls(scope: Mapping[str, Any]) -> bool:
    """A header says so, and only a proxy of ours may say it: one value, "https"."""
    return _is_from_proxy(scope) and _header(scope["headers"], b"x-forwarded-proto").strip().lower() == b"https"


def _certificate(scope: Mapping[str, Any]) -> str:
    """The charger's own, which the proxy was shown (PEM, percent-encoded); of nobody else it is believed."""
    if not _is_from_proxy(scope):
        return ""
    return unquote(_header(scope["headers"], b"x-client-certificate").decode("latin-1").strip())


def _is_from_proxy(scope: Mapping[str, Any]) -> bool:
    if not settings.TRUSTED_PROXIES:
        return False
    try:
        peer = ipaddress.ip_address(_peer(scope))
    except ValueError:
        return False
    return any(peer in network for network in settings.PROXY_NETWORKS)


def _peer(scope: Mapping[str, Any]) -> str:
    client = scope.get("client")
    return str(client[0])[:45] if client else ""


def _header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """All values of a header: said twice, it is none of the values that we look for."""
    return b",".join(value for name, value in headers if name.lower() == wanted)
