"""Start, stop, unlock, trigger, restart: wishes of drivers and staff."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, Connector, Evse, IdToken, Transaction
from chargepoints.services import commands, session_profiles

# A start that reaches the charger minutes later would surprise whoever stands there by then.
START_VALIDITY = timedelta(minutes=2)
# A stop is worth sending for as long as the car may still be there.
STOP_VALIDITY = timedelta(hours=12)


def start(
    *,
    evse: Evse,
    id_token: IdToken,
    requested_by: Any,
    now: datetime,
    reason: str = "",
    starts_at: datetime | None = None,
    periods: Sequence[intents.Period] = (),
) -> Command:
    """Ask a charger to start a session for a token. Its ``remote_start_id`` comes back with a 2.0.1 transaction.

    With ``periods`` (W, seconds from ``starts_at``) the session is limited from its first moment; its plan, once it
    runs, takes their place.
    """
    intent = intents.RemoteStart(
        evse_number=evse.number,
        token=id_token.token,
        token_type=id_token.type,
        remote_start_id=secrets.randbelow(2**31 - 1) + 1,
        parent=id_token.parent,
        profile_id=session_profiles.PROFILE_BASE + evse.number,
        starts_at=(starts_at or now) if periods else None,
        periods=tuple(periods),
    )
    return commands.enqueue(
        charge_point=evse.charge_point,
        intent=intent,
        now=now,
        requested_by=requested_by,
        reason=reason,
        supersede_key=f"start:{evse.pk}",
        valid_for=START_VALIDITY,
    )


def stop(*, transaction_row: Transaction, requested_by: Any, now: datetime, reason: str = "") -> Command:
    """Ask a charger to end a transaction."""
    return commands.enqueue(
        charge_point=transaction_row.charge_point,
        intent=intents.RemoteStop(transaction_remote_id=transaction_row.remote_id),
        now=now,
        requested_by=requested_by,
        reason=reason,
        transaction_row=transaction_row,
        supersede_key=f"stop:{transaction_row.pk}",
        valid_for=STOP_VALIDITY,
    )


def unlock(*, connector: Connector, requested_by: Any, now: datetime) -> Command:
    """Open the lock of a cable."""
    intent = intents.Unlock(evse_number=connector.evse.number, connector_number=connector.number)
    return commands.enqueue(charge_point=connector.evse.charge_point, intent=intent, now=now, requested_by=requested_by)


def trigger(
    *,
    charge_point: ChargePoint,
    message: str,
    now: datetime,
    evse_number: int | None = None,
    connector_number: int | None = None,
    extended: bool = False,
    requested_by: Any = None,
) -> Command:
    """Ask a charger to send a message now, of an EVSE, or of all where none is named.

    ``extended``: with 1.6's ExtendedTriggerMessage, which knows more messages.
    """
    intent = intents.Trigger(message, evse_number, connector_number, extended)
    return commands.enqueue(charge_point=charge_point, intent=intent, now=now, requested_by=requested_by)


def reset(
    *, charge_point: ChargePoint, immediate: bool, now: datetime, requested_by: Any, evse: Evse | None = None
) -> Command:
    """Restart a charger, or one EVSE of it (2.0.1); with ``immediate`` it does not wait for its sessions."""
    intent = intents.Reset(immediate=immediate, evse_number=evse.number if evse else 0)
    return commands.enqueue(charge_point=charge_point, intent=intent, now=now, requested_by=requested_by)
