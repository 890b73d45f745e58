"""What only the drivers' app knows."""

from drivers.models.home_charger import HomeCharger
from drivers.models.notice import Notice, PushDelivery, PushSubscription
from drivers.models.session import ChargeSession
from drivers.models.terms import TermsAcceptance
from drivers.models.vehicle import Vehicle, VehicleBooking
from drivers.models.waiting import QueueEntry, Watch

__all__ = [
    "ChargeSession",
    "HomeCharger",
    "Notice",
    "PushDelivery",
    "PushSubscription",
    "QueueEntry",
    "TermsAcceptance",
    "Vehicle",
    "VehicleBooking",
    "Watch",
]
