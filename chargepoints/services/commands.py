"""Commands to chargers: durable rows, claimed once, settled once.

The row is the truth, the nudge a help: losing a nudge delays a command, it never loses one.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from chargepoints import calls, events, realtime, statements
from chargepoints.domain import intents
from chargepoints.domain.command import SENT_ONCE, CommandStatus
from chargepoints.models import ChargePoint, Command, CommandChange, Transaction
from chargepoints.selectors.operators import topic_of
from chargepoints.statements import Prepared

USUAL_VALIDITY = timedelta(minutes=5)
_LINK_LOST = "link lost"
_outcome_hooks: dict[str, list[Callable[[Command], None]]] = {}


def on_settled(kind: str) -> Callable[[Callable[[Command], None]], Callable[[Command], None]]:
    """Register what follows, in the same database transaction, when a command of ``kind`` is settled."""

    def register(hook: Callable[[Command], None]) -> Callable[[Command], None]:
        _outcome_hooks.setdefault(kind, []).append(hook)
        return hook

    return register


@transaction.atomic(savepoint=False)
def enqueue(
    *,
    charge_point: ChargePoint,
    intent: intents.Intent,
    now: datetime | None = None,
    requested_by: Any = None,
    reason: str = "",
    cause: Mapping[str, Any] | None = None,
    transaction_row: Transaction | None = None,
    supersede_key: str = "",
    valid_for: timedelta = USUAL_VALIDITY,
) -> Command:
    """Write a command in the caller's transaction; after commit the charger's connection is nudged.

    A command with the same ``supersede_key`` that was not sent yet is replaced.
    """
    now = now or timezone.now()
    if supersede_key:
        _supersede(charge_point, supersede_key, now)
    command = statements.insert(
        Command(
            charge_point=charge_point,
            transaction=transaction_row,
            kind=intent.kind,
            payload=intents.to_payload(intent),
            requested_by=requested_by,
            reason=reason[:200],
            cause=dict(cause or {}),
            supersede_key=supersede_key,
            created_at=now,
            expires_at=now + valid_for,
        )
    )
    statements.insert(CommandChange(command=command, status=command.status, at=now))
    _tell(command)
    transaction.on_commit(lambda: calls.wake(charge_point.pk), robust=True)
    return command


def _supersede(charge_point: ChargePoint, key: str, now: datetime) -> None:
    for command in _TO_SUPERSEDE.rows(charge_point.pk, key):
        _move(command, CommandStatus.QUEUED, CommandStatus.SUPERSEDED, now=now)


def _waiting(charge_point_id: int, connection_key: str, now: datetime) -> QuerySet[Command]:
    live = Command.objects.filter(charge_point=charge_point_id, charge_point__connection_key=connection_key)
    return live.filter(status=CommandStatus.QUEUED, expires_at__gt=now).order_by("pk")


_AT_A_TIME = 10
_WAITING = Prepared(lambda *about: _waiting(*about)[:_AT_A_TIME])
_TO_SUPERSEDE = Prepared(
    lambda charge_point_id, key: Command.objects.filter(
        charge_point=charge_point_id, supersede_key=key, status=CommandStatus.QUEUED
    ).order_by("pk")
)
_WITH_ITS_CHARGER = Prepared(lambda pk: Command.objects.select_related("charge_point").filter(pk=pk).order_by())


@dataclass(frozen=True)
class Claimed:
    """A command that is a connection's to send, and whether more were waiting behind it."""

    command: Command
    has_more: bool


def take(
    *, charge_point_id: int, connection_key: str, now: datetime, kinds: Collection[str] | None = None
) -> Claimed | None:
    """The oldest waiting command (of these kinds), now this connection's to send, and whether to ask again.

    None when there is none or the link is not live.
    """
    if kinds is None:
        waiting = _WAITING.rows(charge_point_id, connection_key, now)
    else:
        waiting = list(_waiting(charge_point_id, connection_key, now).filter(kind__in=kinds)[:_AT_A_TIME])
    for command in waiting:
        if _move(command, CommandStatus.QUEUED, CommandStatus.SENT, now=now, claimed_by=connection_key, sent_at=now):
            return Claimed(command, has_more=command is not waiting[-1])
    return None


def answered(*, command_id: int, accepted: bool, answer: dict[str, Any], now: datetime) -> None:
    """The charger's answer. A second answer to the same command changes nothing."""
    status = CommandStatus.ACCEPTED if accepted else CommandStatus.REJECTED
    _settle(command_id, status, now, result=answer)


def failed(*, command_id: int, error: str, now: datetime) -> None:
    """The charger answered with an error, or the command could not be said in its version."""
    _settle(command_id, CommandStatus.FAILED, now, error=error[:250])


def timed_out(*, command_id: int, now: datetime) -> None:
    """Sent, and no answer came."""
    _settle(command_id, CommandStatus.TIMED_OUT, now)


def cancel(*, command_id: int, now: datetime) -> bool:
    """Take back a command that was not sent yet; whether it worked."""
    return _settle(command_id, CommandStatus.CANCELLED, now, old=CommandStatus.QUEUED)


def release(*, charge_point_id: int, connection_key: str, now: datetime) -> None:
    """The line broke with commands under way: they wait again, with the same message id, for the next connection.

    Those that must not be sent twice (``SENT_ONCE``) stay without an answer.
    """
    _requeue([row for row in _UNDER_WAY.rows(charge_point_id) if row.claimed_by == connection_key], now)


def release_from_dead_links(*, charge_point_id: int, connection_key: str, now: datetime) -> None:
    """At a new connection: whatever an older one claimed and never settled (the server was killed) waits again."""
    _requeue([row for row in _UNDER_WAY.rows(charge_point_id) if row.claimed_by != connection_key], now)


_UNDER_WAY = Prepared(
    lambda charge_point_id: Command.objects.filter(charge_point_id=charge_point_id, status=CommandStatus.SENT).order_by(
        "pk"
    )
)


def _requeue(under_way: Collection[Command], now: datetime) -> None:
    with transaction.atomic():
        for command in under_way:
            if command.kind in SENT_ONCE:
                _settle(command.pk, CommandStatus.TIMED_OUT, now, note=_LINK_LOST)
            else:
                _move(command, CommandStatus.SENT, CommandStatus.QUEUED, now=now, claimed_by="", note=_LINK_LOST)


def expire(*, now: datetime) -> int:
    """Settle every command whose time has passed; how many."""
    overdue = Command.objects.filter(status__in=[CommandStatus.QUEUED, CommandStatus.SENT], expires_at__lte=now)
    return sum(
        _settle(command.pk, CommandStatus.EXPIRED, now, old=CommandStatus(command.status)) for command in overdue
    )


@transaction.atomic(savepoint=False)
def _settle(
    command_id: int,
    status: CommandStatus,
    now: datetime,
    *,
    old: CommandStatus = CommandStatus.SENT,
    result: dict[str, Any] | None = None,
    error: str = "",
    note: str = "",
) -> bool:
    command = _WITH_ITS_CHARGER.first(command_id)
    if command is None:
        raise Command.DoesNotExist(command_id)
    if not _move(command, old, status, now=now, settled_at=now, result=result or {}, error=error, note=note or error):
        return False
    for hook in _outcome_hooks.get(command.kind, []):
        hook(command)
    events.announce(events.command_settled, command_id=command_id)
    return True


def _move(
    command: Command, old: CommandStatus, new: CommandStatus, *, now: datetime, note: str = "", **values: Any
) -> bool:
    """Move a command by conditional UPDATE and believe the row count; the history keeps when and why."""
    where = {"id": command.pk, "status": old}
    moved = statements.update(Command, where, status=new, updated_at=now, **values)
    if not moved:
        return False
    for name, value in {"status": str(new), **values}.items():
        setattr(command, name, value)
    statements.insert(CommandChange(command=command, status=new, note=note[:250], at=now))
    _tell(command)
    return True


def _tell(command: Command) -> None:
    realtime.nudge(*topic_of(command.charge_point_id, "commands"))
