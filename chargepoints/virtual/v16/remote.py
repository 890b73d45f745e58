"""OCPP 1.6: starting, stopping and unlocking from afar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..evse import Token
from ..outbox import Payload
from ..profile_wire import read_profile
from ..rpc import Answer
from ..smart_charging import profile_refusal

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def remote_start(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """RemoteStartTransaction: the answer first, the start after it."""
    profile = read_profile(payload["chargingProfile"]) if "chargingProfile" in payload else None
    if profile and profile_refusal(charge_point, profile):
        return status("Rejected")
    start = charge_point.cards.remote_start(
        evse_number=payload.get("connectorId"), token=Token(payload["idTag"]), profile=profile
    )
    return status("Accepted", start) if start else status("Rejected")


def remote_stop(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """RemoteStopTransaction."""
    session = charge_point.station.session_by_id(str(payload["transactionId"]))
    if session is None:
        return status("Rejected")
    return status("Accepted", lambda: charge_point.station.stop(session, "Remote", trigger="RemoteStop"))


def unlock_connector(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """UnlockConnector; a running transaction ends first (1.6 section 5.18)."""
    evse = charge_point.station.evses.get(payload["connectorId"])
    if evse is None or evse.spec.lock == "none":
        return status("NotSupported")
    session = evse.session
    end = (lambda: charge_point.station.end(session, "UnlockCommand")) if session else None
    return status("UnlockFailed" if evse.spec.lock == "jammed" else "Unlocked", end)


ACTIONS: dict[str, Action] = {
    "RemoteStartTransaction": remote_start,
    "RemoteStopTransaction": remote_stop,
    "UnlockConnector": unlock_connector,
}
