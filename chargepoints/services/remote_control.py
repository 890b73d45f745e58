"""Start, stop, unlock, trigger, restart: wishes of drivers and staff."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, Connector, Evse, IdToken, Transaction
from chargepoints.services import commands

# A start that reaches the charger minutes later would surprise whoever stands there by then.
START_VALIDITY = timedelta(minutes=2)
# A stop is worth sending for as long as the car may still be there.
STOP_VALIDITY = timedelta(hours=12)


def start(*, evse: Evse, id_token: IdToken, requested_by: Any, now: datetime, reason: str = "") -> Command:
    """Ask a charger to start a session for a token. Its ``remote_start_id`` comes back with a 2.0.1 transaction."""
    intent = intents.RemoteStart(
        evse_number=evse.number,
        token=id_token.token,
        token_type=id_token.type,
        remote_start_id=secrets.randbelow(2**31 - 1) + 1,
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
    *, charge_point: ChargePoint, message: str, now: datetime, evse_number: int | None = None, requested_by: Any = None
) -> Command:
    """Ask a charger to send a message now."""
    intent = intents.Trigger(message=message, evse_number=evse_number)
    return commands.enqueue(charge_point=charge_point, intent=intent, now=now, requested_by=requested_by)


def reset(*, charge_point: ChargePoint, immediate: bool, now: datetime, requested_by: Any) -> Command:
    """Restart a charger; with ``immediate`` it does not wait for its sessions."""
    return commands.enqueue(
        charge_point=charge_point, intent=intents.Reset(immediate=immediate), now=now, requested_by=requested_by
    )
