"""Charging profiles as rows: sent, answered, replaced, cleared, lost; and what of them a charger follows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from chargepoints import statements
from chargepoints.domain import intents
from chargepoints.domain.charging_profile import Profile, Session
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.profile_limits import Adaptation
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, ChargingProfile, Command, Evse, Transaction
from chargepoints.selectors import external_limits
from chargepoints.services import commands
from chargepoints.statements import Prepared

Status, Purpose = ChargingProfile.Status, ChargingProfile.Purpose


@dataclass(frozen=True)
class Sending:
    """What a profile is kept with besides what the charger is told."""

    reason: str
    supersede_key: str
    valid_for: timedelta
    evse: Evse | None = None
    transaction_row: Transaction | None = None
    cause: Mapping[str, Any] | None = None
    # The plan where the charger cannot be told all of it, and why.
    planned: Sequence[intents.Period] = ()
    adaptations: Sequence[Adaptation] = ()
    is_repeat: bool = False


def send(*, charge_point: ChargePoint, intent: intents.SetChargingProfile, sending: Sending, now: datetime) -> Command:
    """Queue a profile and keep its row."""
    command = commands.enqueue(
        charge_point=charge_point,
        intent=intent,
        now=now,
        reason=sending.reason,
        cause=sending.cause,
        transaction_row=sending.transaction_row,
        supersede_key=sending.supersede_key,
        valid_for=sending.valid_for,
    )
    row = ChargingProfile(
        charge_point=charge_point,
        evse=sending.evse,
        transaction=sending.transaction_row,
        command=command,
        purpose=intent.purpose,
        reason=command.reason,
        stack_level=intent.stack_level,
        starts_at=intent.starts_at,
        valid_to=intent.valid_to,
        duration_s=intent.duration_s,
        recurrency=intent.recurrency,
        periods=as_rows(intent.periods),
        planned_periods=as_rows(sending.planned),
        adaptations=",".join(sending.adaptations),
        is_repeat=sending.is_repeat,
        created_at=command.created_at,
    )
    statements.insert(row)
    return command


def as_rows(periods: Iterable[intents.Period]) -> list[list[float]]:
    """Periods as the database keeps them."""
    return [[period.start_s, period.limit_w] for period in periods]


def as_periods(rows: Iterable[Sequence[float]]) -> tuple[intents.Period, ...]:
    """Periods out of the database."""
    return tuple(intents.Period(int(start_s), limit_w) for start_s, limit_w in rows)


_OF_COMMAND = Prepared(
    lambda command_id: ChargingProfile.objects.select_related("evse").filter(command=command_id).order_by()[:1]
)


@commands.on_settled(intents.SetChargingProfile.kind)
def _answered(command: Command) -> None:
    """At once: until it is known what a charger took, what it says of itself would be held against an older plan."""
    profile = _OF_COMMAND.first(command.pk)
    if profile is None:
        return
    profile.charge_point, profile.command = command.charge_point, command
    taken = command.status == CommandStatus.ACCEPTED
    if taken:
        _held_before(profile).update(status=Status.REPLACED)
    profile.status = Status.ACCEPTED if taken else Status.REFUSED
    statements.update(ChargingProfile, {"id": profile.pk}, status=profile.status)
    for follow in _followers:
        follow(profile, command)


def _held_before(profile: ChargingProfile) -> QuerySet[ChargingProfile]:
    """What it takes the place of: the charger keeps one of each purpose and place from here."""
    return ChargingProfile.objects.filter(
        charge_point=profile.charge_point, evse=profile.evse, purpose=profile.purpose, status=Status.ACCEPTED
    ).exclude(pk=profile.pk)


# The name of a turn's lock among the database's advisory ones.
_TURN = 20_160
_MOST_KEYS = 2**31


def wait_for_turn(evse: Evse) -> None:
    """Until this transaction ends nobody else tells the EVSE a plan: what is written here comes after theirs."""
    if connection.vendor == "postgresql":  # SQLite has one writer
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURN, evse.pk % _MOST_KEYS])


def may_be_told_again(profile: ChargingProfile) -> bool:
    """Whether nothing newer is known, on its way to the session's charger, or just being written.

    True holds until the caller's transaction ends. It does not wait: whoever is writing has something newer to say.
    """
    row = profile.transaction
    return row is not None and row.evse is not None and _take_turn(row.evse) and not _is_newer_told(profile)


def _take_turn(evse: Evse) -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_TURN, evse.pk % _MOST_KEYS])
        return bool(cursor.fetchone()[0])


def _is_newer_told(profile: ChargingProfile) -> bool:
    on_its_way = Q(status=Status.SENT, command__status__in=(CommandStatus.QUEUED, CommandStatus.SENT))
    later = ChargingProfile.objects.filter(transaction=profile.transaction, pk__gt=profile.pk)
    return later.filter(on_its_way | Q(status=Status.ACCEPTED)).exists()


Follower = Callable[[ChargingProfile, Command], None]
_followers: list[Follower] = []


def after_answer(follower: Follower) -> Follower:
    """Register what follows, in the settling transaction, when a charger answered to a profile (row, command)."""
    _followers.append(follower)
    return follower


@commands.on_settled(intents.ClearChargingProfile.kind)
def _cleared(command: Command) -> None:
    """Rows by what was cleared: a session's own profile, or all of a purpose or of the charger."""
    intent = command.intent
    if command.status != CommandStatus.ACCEPTED or not isinstance(intent, intents.ClearChargingProfile):
        return
    held = ChargingProfile.objects.filter(charge_point=command.charge_point, status=Status.ACCEPTED)
    if intent.profile_id is not None:
        held = held.filter(command__payload__profile_id=intent.profile_id)
    if intent.evse_number is not None:
        held = held.filter(evse__number=intent.evse_number) if intent.evse_number else held.filter(evse=None)
    if intent.purpose:
        held = held.filter(purpose=intent.purpose)
    if intent.stack_level is not None:
        held = held.filter(stack_level=intent.stack_level)
    held.update(status=Status.CLEARED)


def running_on(evse: Evse) -> Transaction | None:
    """The transaction that runs on an EVSE."""
    active = Transaction.objects.filter(evse=evse, state=TransactionState.ACTIVE)
    return active.order_by("-started_at", "-pk").first()


def session_on(evse: Evse) -> Session:
    """The EVSE with the transaction that runs there, as stacking wants it."""
    running = running_on(evse)
    if running is None:
        return Session(evse.number)
    return Session(evse.number, running.remote_id, running.started_at)


def held(evse: Evse) -> list[Profile]:
    """The profiles that hold on an EVSE: what its charger took from here, and limits from elsewhere."""
    rows = ChargingProfile.objects.filter(
        Q(evse=evse) | Q(evse=None), charge_point_id=evse.charge_point_id, status=Status.ACCEPTED
    )
    limits = external_limits.in_force([evse.charge_point_id]).get(evse.charge_point_id, [])
    profiles = [_profile(row) for row in rows.select_related("transaction", "evse")]
    return profiles + [external_limits.as_profile(row) for row in limits]


def _profile(row: ChargingProfile) -> Profile:
    return Profile(
        purpose=row.purpose,
        periods=as_periods(row.periods),
        starts_at=row.starts_at,
        evse_number=row.evse.number if row.evse else 0,
        stack_level=row.stack_level,
        kind="recurring" if row.recurrency else "absolute",
        recurrency=row.recurrency or "daily",
        valid_to=row.valid_to,
        duration_s=row.duration_s,
        transaction_id=row.transaction.remote_id if row.transaction else "",
    )
