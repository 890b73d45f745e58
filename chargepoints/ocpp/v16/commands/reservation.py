"""Reservation."""

from chargepoints.domain import intents
from chargepoints.ocpp import reading
from chargepoints.ocpp.v16.translation import LONGEST_TOKEN
from chargepoints.ocpp.version import Request
from chargepoints.ocpp.words import Words, without_nothing


def _reserve_now(intent: intents.ReserveNow) -> Request:
    payload = without_nothing(
        connectorId=intent.evse_number,
        expiryDate=reading.moment_text(intent.expires_at),
        idTag=intent.token,
        parentIdTag=intent.parent if len(intent.parent) <= LONGEST_TOKEN else "",
        reservationId=intent.reservation_number,
    )
    return Request("ReserveNow", payload)


def _cancel_reservation(intent: intents.CancelReservation) -> Request:
    return Request("CancelReservation", {"reservationId": intent.reservation_number})


WORDS = {
    intents.ReserveNow.kind: Words(_reserve_now),
    intents.CancelReservation.kind: Words(_cancel_reservation),
}
