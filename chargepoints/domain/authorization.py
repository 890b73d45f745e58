"""Whether an id token may charge."""

from dataclasses import dataclass
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
    text = token.strip()
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    return text.upper()


def verdict(*, known: bool, blocked: bool, expires_at: datetime | None, now: datetime) -> AuthorizationStatus:
    """The answer for a token, from what is known of it."""
    if not known:
        return AuthorizationStatus.INVALID
    if blocked:
        return AuthorizationStatus.BLOCKED
    if expires_at is not None and expires_at <= now:
        return AuthorizationStatus.EXPIRED
    return AuthorizationStatus.ACCEPTED


@dataclass(frozen=True)
class Place:
    """Whose a charger is: a driver's own, or an operator's."""

    owner_id: int | None = None
    operator_id: int | None = None
    master_pass_group: str | None = None


def may_charge_at(place: Place, *, driver_id: int | None, operator_id: int | None) -> bool:
    """A private charger obeys its owner's tokens only; an operator's own cards are good at its own chargers only."""
    if place.owner_id is not None:
        return driver_id == place.owner_id
    return operator_id is None or operator_id == place.operator_id


def is_master_pass(place: Place, *, parent: str, operator_id: int | None) -> bool:
    """Whether a token is of the group that may end all sessions at its operator's chargers (2.0.1 C16)."""
    return (
        bool(place.master_pass_group)
        and operator_id == place.operator_id
        and normal(parent) == normal(place.master_pass_group or "")
    )
