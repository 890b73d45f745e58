"""The life of a transaction, and how repeats are known."""

from enum import StrEnum


class TransactionState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"
    QUARANTINED = "quarantined"  # facts that make no sense yet: kept, never billed unseen


class ChargingState(StrEnum):
    """2.0.1 chargingState; 1.6 statuses are folded into it."""

    UNKNOWN = ""
    EV_CONNECTED = "EVConnected"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    IDLE = "Idle"
