"""The life of a command to a charge point."""

from enum import StrEnum


class CommandStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"  # the charger answered no
    FAILED = "failed"  # an error, or an answer that made no sense
    TIMED_OUT = "timed_out"  # sent, never answered
    EXPIRED = "expired"  # never sent in its time
    SUPERSEDED = "superseded"  # a newer command of the same kind replaced it unsent
    CANCELLED = "cancelled"


# Kinds that are never sent a second time: a charger that restarts without an answer first breaks the line by obeying,
# and would do so for ever.
SENT_ONCE = frozenset({"reset"})
SETTLED = frozenset(set(CommandStatus) - {CommandStatus.QUEUED, CommandStatus.SENT})
MOVES: dict[CommandStatus, frozenset[CommandStatus]] = {
    CommandStatus.QUEUED: frozenset(
        {CommandStatus.SENT, CommandStatus.EXPIRED, CommandStatus.SUPERSEDED, CommandStatus.CANCELLED}
    ),
    # Back to the queue when the link broke before an answer: the row id is the message id, so a charger
    # that had already taken it recognises the repeat.
    CommandStatus.SENT: frozenset(
        {
            CommandStatus.QUEUED,
            CommandStatus.ACCEPTED,
            CommandStatus.REJECTED,
            CommandStatus.FAILED,
            CommandStatus.TIMED_OUT,
            CommandStatus.EXPIRED,
        }
    ),
    **{status: frozenset() for status in SETTLED},
}


def may_move(old: CommandStatus, new: CommandStatus) -> bool:
    """Whether a command may go from ``old`` to ``new``."""
    return new in MOVES[old]
