"""The secret of HTTP Basic, set in the charger from afar. Source: OCPP 1.6 security extension A00, 2.0.1 A01."""

from __future__ import annotations

HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


def secret_of(version: str, text: str) -> str | bytes:
    """What the charger sends: in 1.6 a hexadecimal AuthorizationKey stands for bytes; all else is text."""
    is_key = version == "1.6" and len(text) % 2 == 0 and set(text) <= HEXADECIMAL
    return bytes.fromhex(text) if is_key else text
