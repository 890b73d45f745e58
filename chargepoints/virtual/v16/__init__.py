"""OCPP 1.6J, the charger's side."""

from .handlers import ACTIONS
from .messages import Messages

SUBPROTOCOL = "ocpp1.6"
__all__ = ["ACTIONS", "SUBPROTOCOL", "Messages"]
