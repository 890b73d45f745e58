"""Whether an id token may charge."""

from datetime import datetime
from enum import StrEnum

# OCPP 2.0.1's word for a token that the central system itself gave.
APP_TOKEN_TYPE = "Central"  # noqa: S105  (a kind of token)

class AuthorizationStatus(StrEnum):
    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT_TX = "ConcurrentTx"


def normal(token: str) -> str:
    """Tokens compare without case, blanks or control bytes (some chargers echo two of them)."""
    return "".join(character for character in token.strip() if character.isprintable()).upper()


def verdict(*, known: bool, blocked: bool, expires_at: datetime | None, now: datetime) -> AuthorizationStatus:
    """The answer for a token, from what is known of it."""
    if not known:
        return AuthorizationStatus.INVALID
    if blocked:
        return AuthorizationStatus.BLOCKED
    if expires_at is not None and expires_at <= now:
        return AuthorizationStatus.EXPIRED
    return AuthorizationStatus.ACCEPTED
