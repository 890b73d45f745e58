"""What only the drivers' app knows."""

from drivers.models.notice import Notice, PushSubscription
from drivers.models.session import ChargeSession
from drivers.models.terms import TermsAcceptance
from drivers.models.vehicle import Vehicle, VehicleBooking

__all__ = ["ChargeSession", "Notice", "PushSubscription", "TermsAcceptance", "Vehicle", "VehicleBooking"]
