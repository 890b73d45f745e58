"""What is kept for somebody: one EVSE, or (OCPP 1.6 connector 0, OCPP 2.0.1 without EVSE) any one of the station."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .tokens import Token

if TYPE_CHECKING:
    from .evse import Evse


@dataclass(frozen=True)
class Reservation:
    """Kept for one token (or its group) until `expires_at`; without an EVSE, for any with that kind of connector."""

    reservation_id: int
    token: Token
    expires_at: datetime
    group: str | None = None
    connector_type: str | None = None

    def fits(self, token: Token, group: str | None) -> bool:
        """Whether this card, or a card of the same group, holds the reservation."""
        same_group = group is not None and self.group is not None and group.lower() == self.group.lower()
        return same_group or token.value.lower() == self.token.value.lower()

    def suits(self, evse: Evse) -> bool:
        """Whether the EVSE has the plug that was asked for."""
        return self.connector_type is None or self.connector_type in evse.spec.connectors


def refusal(evses: list[Evse]) -> str:
    """Why none of these can be kept, in the words of ReserveNow."""
    statuses = {evse.status for evse in evses}
    for status in ("Faulted", "Unavailable"):
        if statuses == {status}:
            return status
    return "Occupied" if statuses else "Rejected"
