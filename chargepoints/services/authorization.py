"""Whether a token may charge."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chargepoints.domain import authorization as domain
from chargepoints.domain.authorization import APP_TOKEN_TYPE as APP_TOKEN_TYPE
from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.reports import TokenPresented
from chargepoints.models import ChargePoint, Evse, IdToken, Operator, Reservation
from chargepoints.services import reservations

APP_TOKEN_PREFIX = "APP"  # noqa: S105
# A charger's clock may be off by this much when it is asked which came first, its start or a reservation here.
_CLOCK_MARGIN = timedelta(minutes=5)


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


def authorize_start(
    charge_point_id: int, evse: Evse | None, token: TokenPresented, at: datetime, now: datetime
) -> Authorization:
    """What a token may do on an EVSE that somebody may have reserved."""
    answer = authorize(charge_point_id=charge_point_id, token=token, now=now)
    held = held_at(evse, at, now)
    if answer.accepted and held and not holds(held, answer.id_token):
        return Authorization(AuthorizationStatus.BLOCKED, id_token=answer.id_token)
    return answer


def held_at(evse: Evse | None, at: datetime, now: datetime) -> Reservation | None:
    """The reservation that a start at ``at`` meets; one that was made after an offline start is not meant."""
    held = reservations.active_for(evse=evse, now=now) if evse else None
    return held if held and held.reserved_at <= at + _CLOCK_MARGIN else None


def holds(reservation: Reservation, id_token: IdToken | None) -> bool:
    """Whether a reservation is the token's own, its driver's or its group's."""
    if id_token is None:
        return False
    same_parent = bool(id_token.parent) and id_token.parent == reservation.id_token.parent
    return id_token.pk == reservation.id_token_id or id_token.driver_id == reservation.driver_id or same_parent


def kept(token: TokenPresented | None) -> str:
    """A token as a row keeps it."""
    return domain.normal(token.token)[:36] if token else ""


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
