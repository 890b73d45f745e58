"""OCPP 2.0.1: reservations (block H)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..evse import Reservation
from ..outbox import Payload
from ..profile_wire import parse_time
from ..rpc import Answer
from .wire import evse_of, token_of

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def reserve_now(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ReserveNow of one EVSE, or of any (with that connector)."""
    variables = charge_point.variables
    if not variables.flag("reservations"):
        return status("Rejected")
    group = payload.get("groupIdToken")
    reservation = Reservation(
        reservation_id=payload["id"],
        token=token_of(payload["idToken"]),
        expires_at=parse_time(payload["expiryDateTime"]),
        group=group["idToken"] if group else None,
        connector_type=payload.get("connectorType"),
    )
    if "evseId" not in payload:
        unspecified = variables.flag("reserve_unspecified")
        return status(charge_point.station.reserve_any(reservation) if unspecified else "Rejected")
    evse = evse_of(charge_point, payload["evseId"])
    suits = evse is not None and reservation.suits(evse)
    return status(charge_point.station.reserve(evse, reservation) if evse and suits else "Rejected")


def cancel_reservation(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """CancelReservation."""
    found = charge_point.station.cancel_reservation(payload["reservationId"])
    return status("Accepted" if found else "Rejected")


ACTIONS: dict[str, Action] = {"ReserveNow": reserve_now, "CancelReservation": cancel_reservation}
