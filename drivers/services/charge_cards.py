"""A driver's charge cards (RFID)."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.authorization import normal
from chargepoints.domain.errors import Refused
from chargepoints.models import IdToken
from chargepoints.services import authorization
from chargepoints.services.authorization import APP_TOKEN_PREFIX, APP_TOKEN_TYPE


def cards(driver: Any) -> QuerySet[IdToken]:
    """The cards that the driver entered."""
    return driver.id_tokens.exclude(type=APP_TOKEN_TYPE).order_by("token")


def add(*, driver: Any, token: str) -> IdToken:
    """Enters a card. It must not look like a token that the app itself charges with.

    :raises Refused: when the card belongs to an account already (whose is not told).
    """
    if normal(token).startswith(APP_TOKEN_PREFIX):
        raise Refused(_("This is not the number of a charge card."))
    try:
        with transaction.atomic():
            return authorization.register_token(token=token, driver=driver)
    except IntegrityError:
        raise Refused(_("This card is registered already. Ask your operator if it is yours.")) from None


def remove(*, card: IdToken) -> None:
    """Forgets a card that was never used.

    :raises Refused: sessions, reservations or bookings were made with it; it can be blocked.
    """
    if card.transactions.exists() or card.reservations.exists() or card.vehicle_bookings.exists():
        raise Refused(_("This card was used already: block it instead."))
    card.delete()


def set_blocked(*, card: IdToken, blocked: bool) -> None:
    """A lost card is blocked rather than removed: sessions and reservations were made with it."""
    card.status = IdToken.Status.BLOCKED if blocked else IdToken.Status.ACTIVE
    card.save(update_fields=["status"])
