"""The life of a reservation."""

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
    ReservationStatus.NOT_USED: frozenset(),
}


def may_move(old: ReservationStatus, new: ReservationStatus) -> bool:
    """Whether a reservation may go from ``old`` to ``new``."""
    return new in MOVES[old]
