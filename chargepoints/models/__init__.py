"""The system of record."""

from chargepoints.models.authorization import IdToken, LocalListEntry
from chargepoints.models.charge_point import ChargePoint, Connector, Evse
from chargepoints.models.charging_profile import ChargingProfile, CompositeSchedule, ExternalLimit, ReportedProfile
from chargepoints.models.command import Command, CommandChange
from chargepoints.models.configuration import DeviceReport, DeviceVariable
from chargepoints.models.location import Location, SupplyPoint
from chargepoints.models.maintenance import ChargerCertificate, FirmwareUpdate, LogUpload, SecurityEvent
from chargepoints.models.message import OcppMessage
from chargepoints.models.operator import ChargePointGroup, Operator, OperatorStaff
from chargepoints.models.reservation import Reservation, ReservationChange
from chargepoints.models.review import TransactionReview
from chargepoints.models.security import RefusedCharger
from chargepoints.models.tariff import Tariff
from chargepoints.models.transaction import MeterValue, SignedMeterValue, Transaction

__all__ = [
    "ChargePoint",
    "ChargePointGroup",
    "ChargerCertificate",
    "ChargingProfile",
    "Command",
    "CommandChange",
    "CompositeSchedule",
    "Connector",
    "DeviceReport",
    "DeviceVariable",
    "Evse",
    "ExternalLimit",
    "FirmwareUpdate",
    "IdToken",
    "LocalListEntry",
    "Location",
    "LogUpload",
    "MeterValue",
    "OcppMessage",
    "Operator",
    "OperatorStaff",
    "RefusedCharger",
    "ReportedProfile",
    "Reservation",
    "ReservationChange",
    "SecurityEvent",
    "SignedMeterValue",
    "SupplyPoint",
    "Tariff",
    "Transaction",
    "TransactionReview",
]
