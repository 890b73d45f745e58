"""A virtual charge point: a real OCPP client (1.6J and 2.0.1) over websockets, with simulated cars behind it."""

from .charge_point import VirtualChargePoint
from .clock import Clock
from .evse import EvseSpec, Token
from .fleet import ChargePointSpec, Fleet
from .link import Timing
from .vehicle import Vehicle

__all__ = ["ChargePointSpec", "Clock", "EvseSpec", "Fleet", "Timing", "Token", "Vehicle", "VirtualChargePoint"]
