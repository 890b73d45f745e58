"""Parts that several of 2.0.1's messages have in common."""

from chargepoints.ocpp.words import Payload, Words, accepted, nothing_told, status_in, without_nothing

__all__ = [
    "Payload",
    "Words",
    "accepted",
    "evse",
    "group_token",
    "id_token",
    "nothing_told",
    "status_in",
    "without_nothing",
]


def id_token(token: str, token_type: str) -> Payload:
    return {"idToken": token, "type": token_type}


def group_token(parent: str) -> Payload | None:
    """A group's token; what it is no card can tell, so it is the central system's own (2.13)."""
    return id_token(parent, "Central") if parent else None


def evse(evse_number: int, connector_number: int = 0) -> Payload | None:
    """An EVSEType, None for the whole station."""
    if not evse_number:
        return None
    return {"id": evse_number} | ({"connectorId": connector_number} if connector_number else {})
