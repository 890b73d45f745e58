"""What moves a session without the driver: the charger's news, and time."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from chargepoints.domain.command import CommandStatus
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Command, IdToken, Transaction
from chargepoints.services import authorization, remote_control
from drivers.models import ChargeSession
from drivers.services import card_starts, happenings, sessions, settlement
from drivers.services.sessions import PLUG_PATIENCE, State

logger = logging.getLogger(__name__)
Failure = ChargeSession.Failure
# A charger that lost the stop, or could not obey it then, is asked again.
_STOP_PATIENCE = timedelta(minutes=2)
_SETTLED = (State.FINISHED, State.PICKED_UP)


# "started", "ended" or "reviewed" with a transaction's id, "settled" with a command's.
News = tuple[str, int]


def follow(*, news: Sequence[News], now: datetime) -> None:
    """What the chargers' news of a moment mean to sessions; most are of sessions without the app and mean nothing."""
    about = _about_sessions(news, now)
    for kind, pk in news:
        if (kind, pk) not in about:
            continue
        try:
            _FOLLOWED[kind](pk, now)
        except Exception:
            logger.exception("news of a session could not be followed", extra={"news": kind, "about": pk})


def _about_sessions(news: Sequence[News], now: datetime) -> set[News]:
    """Those news that a session waits for, or that its driver has given up, and starts by a driver's own card."""
    ids = {kind: [pk for told, pk in news if told == kind] for kind in _FOLLOWED}
    given_up = Q(state=State.FAILED, ended_at__gt=now - PLUG_PATIENCE)
    waiting = ChargeSession.objects.filter(Q(state=State.STARTING) | given_up).order_by()
    found = {
        "started": waiting.filter(evse__transactions__in=ids["started"]).values_list("evse__transactions", flat=True),
        "ended": ChargeSession.objects.filter(transaction__in=ids["ended"]).values_list("transaction", flat=True),
        "reviewed": ChargeSession.objects.filter(transaction__in=ids["reviewed"]).values_list("transaction", flat=True),
        "settled": waiting.filter(command__in=ids["settled"]).values_list("command", flat=True),
    }
    about = {(kind, pk) for kind, rows in found.items() if ids[kind] for pk in rows}
    if ids["started"]:
        by_card = card_starts.unclaimed().filter(pk__in=ids["started"]).order_by()
        about |= {("started", pk) for pk in by_card.values_list("pk", flat=True)}
    return about


def transaction_started(*, transaction_id: int, now: datetime) -> None:
    """Joins a charger's transaction to the session that asked for it, or takes up the one that a card began."""
    row = Transaction.objects.filter(pk=transaction_id).first()
    if row is None:
        return
    session = _waiting_for(row)
    if session is not None:
        is_ours = sessions.started(session=session, transaction_row=row, now=now)
    else:
        _stop_what_was_given_up(row, now)
        is_ours = card_starts.take_up(row=row, now=now) is not None
    if is_ours and row.state != TransactionState.ACTIVE:
        transaction_ended(transaction_id=row.pk, now=now)


def _waiting_for(row: Transaction) -> ChargeSession | None:
    """The session on this EVSE that its driver, or its remote start, points to."""
    if row.evse_id is None:
        return None
    waiting = sessions.with_relations().filter(evse_id=row.evse_id, state=State.STARTING)
    asked = Q(driver_id=row.driver_id) if row.driver_id else Q(pk=None)
    if row.remote_start_id:
        asked |= Q(command__payload__remote_start_id=row.remote_start_id)
    return waiting.filter(asked).first()


def _stop_what_was_given_up(row: Transaction, now: datetime) -> None:
    """A charger that obeys a start only after it was given up: nobody shall pay for what nobody watches.

    A card that the same driver presents there is a wish of its own.
    """
    apps = IdToken.objects.filter(driver_id=row.driver_id, type=authorization.APP_TOKEN_TYPE, key=row.token)
    given_up = ChargeSession.objects.filter(
        evse_id=row.evse_id or 0,
        driver_id=row.driver_id or 0,
        state=State.FAILED,
        ended_at__gt=now - PLUG_PATIENCE,
    )
    if row.state == TransactionState.ACTIVE and row.driver_id and apps.exists() and given_up.exists():
        remote_control.stop(transaction_row=row, requested_by=None, now=now, reason="start given up")


def transaction_ended(*, transaction_id: int, now: datetime) -> None:
    """Turns the card green and settles the cost."""
    session = sessions.with_relations().filter(transaction_id=transaction_id).first()
    if session is None or session.transaction is None:
        return
    if sessions.finished(session=session, ended_at=session.transaction.ended_at or now):
        settlement.settle(session=session, now=now)
        happenings.session_ended(session=session, now=now)


def transaction_reviewed(*, transaction_id: int, now: datetime) -> None:
    """Staff decided what is billed of a doubtful session: its receipt follows."""
    session = sessions.with_relations().filter(transaction_id=transaction_id, state__in=_SETTLED).first()
    if session is not None:
        settlement.settle(session=session, now=now)


def command_settled(*, command_id: int, now: datetime) -> None:
    """A start that the charger refused, or never answered, ends the waiting at once."""
    command = Command.objects.filter(pk=command_id).first()
    session = sessions.with_relations().filter(command_id=command_id, state=State.STARTING).first()
    if session and command:
        with _language_of(session):
            _judge_start(session, command, now)


def advance(*, now: datetime) -> int:
    """Moves every session whose time has come; how many. Safe to run at any time, any number of times."""
    moving = sessions.with_relations().select_related("driver").filter(state__in=[State.STARTING, State.CHARGING])
    moved = sum(_advance(session, now) for session in moving)
    for row in card_starts.lost(now):
        transaction_started(transaction_id=row.pk, now=now)
    return moved


def _advance(session: ChargeSession, now: datetime) -> bool:
    with _language_of(session):
        if session.state == State.STARTING:
            return _advance_starting(session, now)
        return _advance_charging(session, now)


def _language_of(session: ChargeSession) -> override:
    """The driver's own language, where no browser asked in one."""
    return override(getattr(session.driver, "language", None) or None)


def _advance_starting(session: ChargeSession, now: datetime) -> bool:
    row = _lost_start(session)
    if row is not None:
        transaction_started(transaction_id=row.pk, now=now)
        return True
    if session.command and _judge_start(session, session.command, now):
        return True
    if now - session.requested_at < PLUG_PATIENCE:
        return False
    reason = _("No vehicle was plugged in within ten minutes.")
    return sessions.give_up(session=session, code=Failure.NOT_PLUGGED, reason=reason, now=now)


def _lost_start(session: ChargeSession) -> Transaction | None:
    """A transaction whose news did not reach us: the process may have ended between the two."""
    return Transaction.objects.filter(
        evse_id=session.evse_id,
        driver_id=session.driver_id,
        started_at__gte=session.requested_at - timedelta(minutes=1),
        charge_session=None,
        state=TransactionState.ACTIVE,
    ).first()


def _advance_charging(session: ChargeSession, now: datetime) -> bool:
    row = session.transaction
    if row is None or row.state != TransactionState.ACTIVE:
        transaction_ended(transaction_id=row.pk if row else 0, now=now)
        return True
    if session.stop_requested_at and now - session.stop_requested_at > _STOP_PATIENCE:
        ChargeSession.objects.filter(pk=session.pk).update(stop_requested_at=None)
        return sessions.request_stop(session=session, requested_by=session.driver, now=now)
    # Where nobody has said when the car leaves, it charges for as long as it stands there.
    if session.has_wish and session.planned_end_at <= now and session.stop_requested_at is None:
        return sessions.request_stop(session=session, requested_by=None, now=now)
    return False


def _judge_start(session: ChargeSession, command: Command, now: datetime) -> bool:
    """Whether the start has failed for good; the session then says why."""
    reasons = {
        CommandStatus.REJECTED: _("The charger refused to start. Check the cable, or try another charger."),
        CommandStatus.FAILED: _("The charger could not understand the start. Please tell its operator."),
        CommandStatus.TIMED_OUT: _("The charger did not answer. Try again, or take another one."),
        CommandStatus.EXPIRED: _("The charger could not be reached. Try again, or take another one."),
        CommandStatus.SUPERSEDED: _("A newer start replaced this one."),
        CommandStatus.CANCELLED: _("The start was taken back."),
    }
    status = CommandStatus(command.status)
    reason, code = reasons.get(status), _CODES.get(status, Failure.NO_ANSWER)
    return reason is not None and sessions.give_up(session=session, code=code, reason=reason, now=now)


_CODES = {
    CommandStatus.REJECTED: Failure.REFUSED,
    CommandStatus.FAILED: Failure.REFUSED,
    CommandStatus.CANCELLED: Failure.GIVEN_UP,
}


_FOLLOWED: dict[str, Callable[[int, datetime], None]] = {
    "started": lambda pk, now: transaction_started(transaction_id=pk, now=now),
    "ended": lambda pk, now: transaction_ended(transaction_id=pk, now=now),
    "reviewed": lambda pk, now: transaction_reviewed(transaction_id=pk, now=now),
    "settled": lambda pk, now: command_settled(command_id=pk, now=now),
}
