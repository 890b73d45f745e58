"""Core profile and remote trigger."""

from chargepoints.domain import intents
from chargepoints.ocpp.v16.commands import smart_charging
from chargepoints.ocpp.version import Request
from chargepoints.ocpp.words import Words, status_in, without_nothing


def remote_start(intent: intents.RemoteStart, unit: str = "W") -> Request:
    """Connector 0 is none: the charger takes whichever the driver plugs in. A profile with it is a session's (5.11)."""
    profile = None
    if intent.periods and intent.starts_at is not None:
        profile = smart_charging.profile(
            profile_id=intent.profile_id,
            stack_level=intent.stack_level,
            purpose="tx",
            schedule=smart_charging.schedule(intent.starts_at, intent.periods, unit),
        )
    payload = without_nothing(idTag=intent.token, connectorId=intent.evse_number or None, chargingProfile=profile)
    return Request("RemoteStartTransaction", payload)


def _remote_stop(intent: intents.RemoteStop) -> Request:
    return Request("RemoteStopTransaction", {"transactionId": int(intent.transaction_remote_id)})


def _unlock(intent: intents.Unlock) -> Request:
    return Request("UnlockConnector", {"connectorId": intent.evse_number})


def _trigger(intent: intents.Trigger) -> Request:
    action = "ExtendedTriggerMessage" if intent.extended else "TriggerMessage"
    return Request(action, without_nothing(requestedMessage=intent.message, connectorId=intent.evse_number or None))


def _reset(intent: intents.Reset) -> Request:
    return Request("Reset", {"type": "Hard" if intent.immediate else "Soft"})


def _change_availability(intent: intents.ChangeAvailability) -> Request:
    kind = "Operative" if intent.operative else "Inoperative"
    return Request("ChangeAvailability", {"connectorId": intent.evse_number, "type": kind})


def _clear_cache(intent: intents.ClearCache) -> Request:
    return Request("ClearCache", {})


def _data_transfer(intent: intents.DataTransfer) -> Request:
    payload = without_nothing(vendorId=intent.vendor_id, messageId=intent.message_id, data=intent.data)
    return Request("DataTransfer", payload)


WORDS = {
    intents.RemoteStart.kind: Words(remote_start),
    intents.RemoteStop.kind: Words(_remote_stop),
    intents.Unlock.kind: Words(_unlock, status_in("Unlocked")),
    intents.Trigger.kind: Words(_trigger),
    intents.Reset.kind: Words(_reset),
    intents.ChangeAvailability.kind: Words(_change_availability, status_in("Accepted", "Scheduled")),
    intents.ClearCache.kind: Words(_clear_cache),
    intents.DataTransfer.kind: Words(_data_transfer),
}
