"""Whether a token may charge."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepoints.domain import authorization as domain
from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.reports import TokenPresented
from chargepoints.models import ChargePoint, IdToken, Operator

# OCPP 2.0.1's word for a token that the central system itself gave.
APP_TOKEN_TYPE = "Central"  # noqa: S105  (a kind of token)
APP_TOKEN_PREFIX = "APP"  # noqa: S105


@dataclass(frozen=True)
class Authorization:
    """The answer for a token. ``parent`` is its group, empty when it has none."""

    status: AuthorizationStatus
    parent: str = ""
    expires_at: datetime | None = None
    id_token: IdToken | None = None

    @property
    def accepted(self) -> bool:
        return self.status == AuthorizationStatus.ACCEPTED


def authorize(*, charge_point_id: int, token: TokenPresented, now: datetime) -> Authorization:
    """Judge a token at a charge point; a private point obeys its owner's tokens only."""
    known = IdToken.objects.filter(key=domain.normal(token.token)).first()
    if known is None:
        return Authorization(AuthorizationStatus.INVALID)
    status = domain.verdict(
        known=True, blocked=known.status == IdToken.Status.BLOCKED, expires_at=known.expires_at, now=now
    )
    if status == AuthorizationStatus.ACCEPTED and not _may_use(known, charge_point_id):
        status = AuthorizationStatus.INVALID
    return Authorization(status, parent=known.parent, expires_at=known.expires_at, id_token=known)


def _may_use(id_token: IdToken, charge_point_id: int) -> bool:
    owner_id = (
        ChargePoint.objects.filter(pk=charge_point_id)
        .values_list("supply_point__location__owner_id", flat=True)
        .first()
    )
    return owner_id is None or owner_id == id_token.driver_id


def register_token(
    *,
    token: str,
    driver: Any = None,
    operator: Operator | None = None,
    token_type: str = "ISO14443",  # noqa: S107
) -> IdToken:
    """Create an id token; tokens compare without case.

    :raises django.db.IntegrityError: when the token exists.
    """
    return IdToken.objects.create(
        token=token.strip(), key=domain.normal(token), driver=driver, operator=operator, type=token_type
    )


def app_token(*, driver: Any) -> IdToken:
    """The token that stands for a driver who starts from the app; made at first use, and not to be guessed.

    OCPP 1.6 allows 20 characters.
    """
    known = IdToken.objects.filter(driver=driver, type=APP_TOKEN_TYPE).order_by("pk").first()
    if known is not None:
        return known
    token = f"{APP_TOKEN_PREFIX}{secrets.token_hex(8).upper()}"
    return register_token(token=token, driver=driver, token_type=APP_TOKEN_TYPE)
