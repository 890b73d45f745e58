"""Blocks E and F: start, stop, unlock, trigger, and how a transaction is."""

from datetime import datetime

from chargepoints.domain import intents, reports
from chargepoints.ocpp.v201.commands.smart_charging import start_profile
from chargepoints.ocpp.v201.commands.words import (
    Payload,
    Words,
    evse,
    group_token,
    id_token,
    status_in,
    without_nothing,
)
from chargepoints.ocpp.version import Request

# 1.6 has one message for what 2.0.1 asks a connector for (F06.FR.12).
_OF_A_CONNECTOR = frozenset({"StatusNotification"})


def remote_start(intent: intents.RemoteStart, unit: str = "W") -> Request:
    """Without EVSE the charger takes whichever the driver plugs in at; a profile needs one (F01.FR.08)."""
    said = without_nothing(
        evseId=intent.evse_number or None,
        remoteStartId=intent.remote_start_id,
        idToken=id_token(intent.token, intent.token_type),
        groupIdToken=group_token(intent.parent),
        chargingProfile=start_profile(intent, unit) if intent.periods and intent.evse_number else None,
    )
    return Request("RequestStartTransaction", said)


def _remote_stop(intent: intents.RemoteStop) -> Request:
    return Request("RequestStopTransaction", {"transactionId": intent.transaction_remote_id})


def _unlock(intent: intents.Unlock) -> Request:
    return Request("UnlockConnector", {"evseId": intent.evse_number, "connectorId": intent.connector_number})


def _trigger(intent: intents.Trigger) -> Request:
    number = intent.connector_number or (1 if intent.message in _OF_A_CONNECTOR else 0)
    return Request(
        "TriggerMessage", without_nothing(requestedMessage=intent.message, evse=evse(intent.evse_number or 0, number))
    )


def _get_transaction_status(intent: intents.GetTransactionStatus) -> Request:
    return Request("GetTransactionStatus", without_nothing(transactionId=intent.transaction_remote_id))


def _status_was_told(payload: Payload) -> bool:
    return payload["messagesInQueue"] in (True, False)


def _status(intent: intents.GetTransactionStatus, payload: Payload, now: datetime) -> reports.TransactionStatusReported:
    return reports.TransactionStatusReported(
        remote_id=intent.transaction_remote_id,
        messages_in_queue=payload["messagesInQueue"] is True,
        is_running=payload.get("ongoingIndicator"),
    )


WORDS = {
    intents.RemoteStart.kind: Words(remote_start),
    intents.RemoteStop.kind: Words(_remote_stop),
    intents.Unlock.kind: Words(_unlock, status_in("Unlocked")),
    intents.Trigger.kind: Words(_trigger),
    intents.GetTransactionStatus.kind: Words(_get_transaction_status, _status_was_told, _status),
}
