"""An operator's own cards: entered, changed and blocked by its staff.

The lists that chargers keep follow by the next sweep (``services.local_lists``).
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chargepoints.domain.authorization import normal
from chargepoints.domain.errors import Refused
from chargepoints.models import IdToken, Operator
from chargepoints.services import authorization


def issue(
    *,
    operator: Operator,
    token: str,
    driver: Any = None,
    token_type: str = "ISO14443",  # noqa: S107
    parent: str = "",
    expires_at: datetime | None = None,
    allows_concurrent: bool = False,
) -> IdToken:
    """Enter a card of an operator's own, good at its chargers; its sessions are those of ``driver``, if there is one.

    :raises Refused: it is known already, it looks like an app's own token, or the group is somebody else's.
    """
    if normal(token).startswith(authorization.APP_TOKEN_PREFIX):
        raise Refused(_("This is not the number of a charge card."))
    _check_group(parent.strip(), operator)
    try:
        with transaction.atomic():
            made = authorization.register_token(
                token=token, driver=driver, operator=operator, token_type=token_type, parent=parent.strip()
            )
            made.expires_at, made.allows_concurrent = expires_at, allows_concurrent
            made.save(update_fields=["expires_at", "allows_concurrent"])
    except IntegrityError:
        raise Refused(_("This card is registered already.")) from None
    return made


@transaction.atomic
def change(
    *, id_token: IdToken, driver: Any, parent: str, expires_at: datetime | None, allows_concurrent: bool
) -> None:
    """Change what a card may do and whose sessions it starts. A group that was its driver's own stays with the driver.

    :raises Refused: the group is somebody else's.
    """
    parent = parent.strip()
    moves = (driver.pk if driver else None) != id_token.driver_id
    if moves and authorization.is_drivers_group(parent):
        parent = ""
    if parent != id_token.parent:
        _check_group(parent, id_token.operator)
    id_token.driver, id_token.parent, id_token.expires_at = driver, parent, expires_at
    id_token.allows_concurrent = allows_concurrent
    id_token.save(update_fields=["driver", "parent", "expires_at", "allows_concurrent"])
    if driver is not None:
        authorization.group_tokens_of(driver)
        id_token.refresh_from_db(fields=["parent"])


def set_blocked(*, id_token: IdToken, blocked: bool) -> None:
    """A lost card is blocked rather than removed: sessions were made with it, and chargers have to be told of it."""
    id_token.status = IdToken.Status.BLOCKED if blocked else IdToken.Status.ACTIVE
    id_token.save(update_fields=["status"])


def set_master_pass_group(*, operator: Operator, group: str) -> None:
    """Cards of this group end any session at the operator's chargers and start none; empty: no card does.

    :raises Refused: the group is somebody else's.
    """
    _check_group(group.strip(), operator)
    operator.master_pass_group = group.strip()
    operator.save(update_fields=["master_pass_group"])


def _check_group(group: str, operator: Operator | None) -> None:
    """Members of a group use each other's reservations and end each other's sessions: nobody joins a foreign one."""
    if group and (
        authorization.is_drivers_group(group)
        or IdToken.objects.filter(parent__iexact=group).exclude(operator=operator).exists()
    ):
        raise Refused(_("This group belongs to somebody else. Please choose another name."))
