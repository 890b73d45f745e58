"""OCPP 1.6J, the charger's side."""

from .handlers import Handlers
from .messages import Messages

SUBPROTOCOL = "ocpp1.6"
__all__ = ["SUBPROTOCOL", "Handlers", "Messages"]
