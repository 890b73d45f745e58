"""OCPP 2.0.1, the charging station's side."""

from .handlers import Handlers
from .messages import Messages

SUBPROTOCOL = "ocpp2.0.1"
__all__ = ["SUBPROTOCOL", "Handlers", "Messages"]
