"""Small things of OCPP 2.0.1's messages that several blocks read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..evse import Evse, Token
from ..outbox import Payload

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def token_of(wire: Payload) -> Token:
    """An IdTokenType."""
    return Token(wire["idToken"], wire["type"])


def evse_of(charge_point: VirtualChargePoint, number: int | None) -> Evse | None:
    """The EVSE of that number; None for 0, for nothing, and for one that is not there."""
    return charge_point.station.evses.get(number) if number else None
