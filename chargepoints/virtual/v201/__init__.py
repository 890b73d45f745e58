"""OCPP 2.0.1, the charger's side."""

from .handlers import ACTIONS
from .messages import Messages

SUBPROTOCOL = "ocpp2.0.1"
__all__ = ["ACTIONS", "SUBPROTOCOL", "Messages"]
