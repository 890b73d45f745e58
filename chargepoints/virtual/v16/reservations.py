"""OCPP 1.6: reservations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..evse import Reservation, Token
from ..outbox import Payload
from ..profile_wire import parse_time
from ..rpc import Answer

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def reserve_now(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ReserveNow; connector 0 (any) only where ReserveConnectorZeroSupported says so."""
    station, number = charge_point.station, payload["connectorId"]
    reservation = Reservation(
        reservation_id=payload["reservationId"],
        token=Token(payload["idTag"]),
        expires_at=parse_time(payload["expiryDate"]),
        group=payload.get("parentIdTag"),
    )
    if number == 0 and charge_point.variables.flag("reserve_any"):
        return status(station.reserve_any(reservation))
    evse = station.evses.get(number)
    return status(station.reserve(evse, reservation) if evse else "Rejected")


def cancel_reservation(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """CancelReservation."""
    found = charge_point.station.cancel_reservation(payload["reservationId"])
    return status("Accepted" if found else "Rejected")


ACTIONS: dict[str, Action] = {"ReserveNow": reserve_now, "CancelReservation": cancel_reservation}
