"""Block H: reservations."""

from chargepoints.domain import intents
from chargepoints.ocpp import reading
from chargepoints.ocpp.v201.commands.words import Words, group_token, id_token, without_nothing
from chargepoints.ocpp.version import Request


def _reserve_now(intent: intents.ReserveNow) -> Request:
    """Without EVSE any one is meant, or with a connector's type any one that has it (H01, H02, H03)."""
    said = without_nothing(
        id=intent.reservation_number,
        expiryDateTime=reading.moment_text(intent.expires_at),
        idToken=id_token(intent.token, intent.token_type),
        groupIdToken=group_token(intent.parent),
        evseId=intent.evse_number or None,
        connectorType=intent.connector_standard if not intent.evse_number else None,
    )
    return Request("ReserveNow", said)


def _cancel_reservation(intent: intents.CancelReservation) -> Request:
    return Request("CancelReservation", {"reservationId": intent.reservation_number})


WORDS = {
    intents.ReserveNow.kind: Words(_reserve_now),
    intents.CancelReservation.kind: Words(_cancel_reservation),
}
