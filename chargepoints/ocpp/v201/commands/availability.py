"""Block G: in and out of service."""

from chargepoints.domain import intents
from chargepoints.ocpp.v201.commands.words import Words, evse, status_in, without_nothing
from chargepoints.ocpp.version import Request


def _change_availability(intent: intents.ChangeAvailability) -> Request:
    return Request(
        "ChangeAvailability",
        without_nothing(
            operationalStatus="Operative" if intent.operative else "Inoperative",
            evse=evse(intent.evse_number, intent.connector_number),
        ),
    )


# Scheduled: as soon as the transaction that runs there is over.
WORDS = {intents.ChangeAvailability.kind: Words(_change_availability, status_in("Accepted", "Scheduled"))}
