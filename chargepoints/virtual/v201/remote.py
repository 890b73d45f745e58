"""OCPP 2.0.1: starting, stopping and unlocking from afar (blocks F and E)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..profile_wire import read_profile
from ..profiles import TX_PROFILE
from ..rpc import Answer
from ..smart_charging import profile_refusal
from .wire import evse_of, token_of

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def request_start(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """RequestStartTransaction: the answer first, the start after it. A running transaction's id is told (F02)."""
    profile = read_profile(payload["chargingProfile"]) if "chargingProfile" in payload else None
    if profile and (profile.purpose != TX_PROFILE or profile_refusal(charge_point, profile)):
        return status("Rejected")
    group = payload.get("groupIdToken")
    start = charge_point.cards.remote_start(
        evse_number=payload.get("evseId"),
        token=token_of(payload["idToken"]),
        profile=profile,
        remote_start_id=payload["remoteStartId"],
        group=group["idToken"] if group else None,
    )
    if start is None:
        return status("Rejected")
    evse = evse_of(charge_point, payload.get("evseId"))
    running = {"transactionId": evse.session.transaction_id} if evse and evse.session else {}
    return Answer({"status": "Accepted", **running}, start)


def request_stop(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """RequestStopTransaction."""
    session = charge_point.station.session_by_id(payload["transactionId"])
    if session is None:
        return status("Rejected")
    return status("Accepted", lambda: charge_point.station.stop(session, "Remote", trigger="RemoteStop"))


def get_transaction_status(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetTransactionStatus: whether it runs, and whether anything of it still waits to be sent."""
    transaction_id = payload.get("transactionId")
    queued = [e.payload for e in charge_point.link.outbox if e.action == "TransactionEvent"]
    if transaction_id is None:
        return Answer({"messagesInQueue": bool(queued)})
    waiting = any(event["transactionInfo"]["transactionId"] == transaction_id for event in queued)
    running = charge_point.station.session_by_id(transaction_id) is not None
    return Answer({"ongoingIndicator": running, "messagesInQueue": waiting})


def unlock_connector(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """UnlockConnector; refused while an authorised transaction runs (F05)."""
    evse = evse_of(charge_point, payload["evseId"])
    if evse is None or not evse.has_connector(payload["connectorId"]):
        return status("UnknownConnector")
    if evse.session and evse.session.authorized:
        return status("OngoingAuthorizedTransaction")
    return status("Unlocked" if evse.spec.lock == "works" else "UnlockFailed")


ACTIONS: dict[str, Action] = {
    "RequestStartTransaction": request_start,
    "RequestStopTransaction": request_stop,
    "GetTransactionStatus": get_transaction_status,
    "UnlockConnector": unlock_connector,
}
