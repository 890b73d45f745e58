"""The key pair by which push services know us (VAPID, RFC 8292)."""

import base64
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

_FILE = "vapid.key"
_LENGTH = 32


def private_key() -> str:
    """32 bytes as base64url; empty: nobody can be pushed to.

    From the settings. Where all runs in one process it is made once and kept in the data directory; several processes
    have no directory in common.
    """
    if settings.VAPID_PRIVATE_KEY or settings.REDIS_URL:
        return str(settings.VAPID_PRIVATE_KEY)
    return _kept(Path(settings.DATA_DIR) / _FILE)


def public_key() -> str:
    """The uncompressed point as base64url, which browsers ask for as applicationServerKey; empty without a key."""
    private = private_key()
    return _public(private) if private else ""


def generate() -> str:
    """A new private key."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encode(number.to_bytes(_LENGTH, "big"))


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """:raises ValueError: this is no base64url."""
    if not text.isascii():
        raise ValueError(text)
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


@cache
def _public(private: str) -> str:
    key = ec.derive_private_key(int.from_bytes(decode(private), "big"), ec.SECP256R1())
    return encode(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whoever is first writes it, whole and readable by nobody else; all read the same.
    if not path.exists():
        draft = path.with_name(f"{_FILE}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(generate())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
