"""The life of a reservation."""

from collections.abc import Mapping
from enum import StrEnum


class ReservationStatus(StrEnum):
    """The source's five (section 6.1.4): Active, In use, Done, Cancelled, Not used."""

    ACTIVE = "active"
    IN_USE = "in_use"
    DONE = "done"
    CANCELLED = "cancelled"
    NOT_USED = "not_used"


OPEN = frozenset({ReservationStatus.ACTIVE, ReservationStatus.IN_USE})
MOVES: dict[ReservationStatus, frozenset[ReservationStatus]] = {
    ReservationStatus.ACTIVE: frozenset(
        {ReservationStatus.IN_USE, ReservationStatus.CANCELLED, ReservationStatus.NOT_USED}
    ),
    ReservationStatus.IN_USE: frozenset({ReservationStatus.DONE}),
    ReservationStatus.DONE: frozenset(),
    ReservationStatus.CANCELLED: frozenset(),
    # A start within its time that an offline charger tells when we have given the EVSE free already.
    ReservationStatus.NOT_USED: frozenset({ReservationStatus.IN_USE}),
}


def may_move(old: ReservationStatus, new: ReservationStatus) -> bool:
    """Whether a reservation may go from ``old`` to ``new``."""
    return new in MOVES[old]


# What a charger that cannot hold a reservation itself answers: the reservation is kept here only.
CANNOT_HOLD = ("NotSupported", "NotImplemented")
ACCEPTED = "Accepted"
NO_ANSWER = "NoAnswer"

# OCPI's connector standards in the words of 2.0.1 (appendix 5, ConnectorType). Public sockets of type 2 and Schuko are
# sockets, the others hang on a cable.
CONNECTOR_TYPES: Mapping[str, str] = {
    "IEC_62196_T2": "sType2",
    "IEC_62196_T2_COMBO": "cCCS2",
    "CHADEMO": "cG105",
    "IEC_62196_T1": "cType1",
    "DOMESTIC_F": "sCEE-7-7",
    "TESLA_S": "cTesla",
}
