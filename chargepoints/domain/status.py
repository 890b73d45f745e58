"""Connector status: nine values of OCPP 1.6 and five of 2.0.1 folded into one list."""

from enum import StrEnum


class ConnectorStatus(StrEnum):
    """What a connector is doing, in the words of OCPP 1.6 (the finer of the two lists)."""

    UNKNOWN = "unknown"
    AVAILABLE = "available"
    PREPARING = "preparing"
    CHARGING = "charging"
    SUSPENDED_EV = "suspended_ev"
    SUSPENDED_EVSE = "suspended_evse"
    FINISHING = "finishing"
    RESERVED = "reserved"
    UNAVAILABLE = "unavailable"
    FAULTED = "faulted"


# 2.0.1 says only "Occupied": the transaction's charging state tells the rest (OCPP 2.0.1 part 2, 3.17).
OCCUPIED = frozenset(
    {
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.SUSPENDED_EVSE,
        ConnectorStatus.FINISHING,
    }
)
OUT_OF_SERVICE = frozenset({ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED})


def can_start(status: ConnectorStatus) -> bool:
    """Whether a session may begin on a connector with this status."""
    return status not in OUT_OF_SERVICE


def can_be_reserved(status: ConnectorStatus) -> bool:
    """Whether a driver may reserve a connector with this status."""
    return status == ConnectorStatus.AVAILABLE


# What a 2.0.1 transaction's charging state says of its connector, for which 2.0.1 itself has only "Occupied".
OF_CHARGING_STATE = {
    "EVConnected": ConnectorStatus.PREPARING,
    "Charging": ConnectorStatus.CHARGING,
    "SuspendedEV": ConnectorStatus.SUSPENDED_EV,
    "SuspendedEVSE": ConnectorStatus.SUSPENDED_EVSE,
    "Idle": ConnectorStatus.FINISHING,
}
