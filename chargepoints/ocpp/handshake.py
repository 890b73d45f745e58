"""Who knocks: identity from the path, secret from HTTP Basic, version from the subprotocols (OCPP-J 1.6 3, 6)."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from chargepoints.models import ChargePoint
from chargepoints.ocpp import database
from chargepoints.services import provisioning


async def admitted(identity: str, headers: Iterable[tuple[bytes, bytes]]) -> ChargePoint | None:
    """The registered charger that proves its identity, else None."""
    credentials = _credentials(headers)
    if credentials is None:
        return None
    user, secret = credentials
    if identity not in (user, unquote(user)):
        return None
    return await database.look_up(_authenticated, identity, _spellings(secret))


def chosen(offered: Iterable[str], versions: Mapping[str, Any]) -> Any:
    """The version of the best subprotocol offered, None when we speak none of them. ``versions``: best first."""
    wanted = {name.strip().lower() for name in offered}
    return next((version for name, version in versions.items() if name in wanted), None)


def _authenticated(identity: str, secrets: list[str]) -> ChargePoint | None:
    for secret in secrets:
        if found := provisioning.authenticate(identity=identity, password=secret):
            return found
    return None


def _credentials(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, bytes] | None:
    """User and raw password. A password may hold colons and bytes that are no text; a user may not."""
    value = next((value for name, value in headers if name.lower() == b"authorization"), b"")
    scheme, _, encoded = value.strip().partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user, colon, secret = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return (user.decode(), secret) if colon and secret else None
    except (binascii.Error, ValueError):
        return None


def _spellings(secret: bytes) -> list[str]:
    """1.6 sets AuthorizationKey in hex; chargers then send the text, the hex text, or the bytes that it stands for."""
    in_hex = [secret.hex(), secret.hex().upper()]
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return [*in_hex, secret.decode("latin-1")]
    return [text, text.lower(), text.upper(), _from_hex(text), *in_hex] if _is_hex(text) else [text, *in_hex]


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(character in "0123456789abcdefABCDEF" for character in text)


def _from_hex(text: str) -> str:
    try:
        return bytes.fromhex(text).decode()
    except ValueError:
        return ""
