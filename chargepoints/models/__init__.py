"""The system of record."""

from chargepoints.models.authorization import IdToken
from chargepoints.models.charge_point import ChargePoint, Connector, Evse
from chargepoints.models.charging_profile import ChargingProfile, CompositeSchedule
from chargepoints.models.command import Command, CommandChange
from chargepoints.models.location import Location, SupplyPoint
from chargepoints.models.message import OcppMessage
from chargepoints.models.operator import ChargePointGroup, Operator, OperatorStaff
from chargepoints.models.reservation import Reservation, ReservationChange
from chargepoints.models.tariff import Tariff
from chargepoints.models.transaction import MeterValue, Transaction

__all__ = [
    "ChargePoint",
    "ChargePointGroup",
    "ChargingProfile",
    "Command",
    "CommandChange",
    "CompositeSchedule",
    "Connector",
    "Evse",
    "IdToken",
    "Location",
    "MeterValue",
    "OcppMessage",
    "Operator",
    "OperatorStaff",
    "Reservation",
    "ReservationChange",
    "SupplyPoint",
    "Tariff",
    "Transaction",
]
