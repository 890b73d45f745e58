"""That a charger goes on having what it was told: after a restart, after a lost link, and as time goes on."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet, prefetch_related_objects

from chargepoints import afterwork, statements
from chargepoints.domain.charging_profile import limit_at
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.profile_limits import Adaptation
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, ChargingProfile, Command
from chargepoints.services import (
    charging_profiles,
    default_limits,
    device_variables,
    quirks,
    read_back,
    session_profiles,
    setpoints,
)
from chargepoints.statements import Prepared

Status = ChargingProfile.Status
# A charger that refused a plan may have been told before its transaction ran: asked again after, and not much later.
_AFTER_REFUSAL = timedelta(seconds=30)
_NOT_AFTER = timedelta(minutes=10)
_DURATION_S = 3_600
# A worker that has much to do may take some seconds.
_ATTENDED_WITHIN = timedelta(seconds=20)
# More than a charger holds: two for each EVSE, and what was refused lately.
_NEWEST = 20


@afterwork.follows("booted")
def _after_boot(charge_point_id: int, now: datetime) -> None:
    device_variables.restarted(charge_point_id=charge_point_id)
    charge_point = ChargePoint.objects.get(pk=charge_point_id)
    if charge_point.registration == ChargePoint.Registration.ACCEPTED:
        restarted(charge_point=charge_point, now=now)
    statements.update(ChargePoint, {"id": charge_point_id}, attended_at=now)


@afterwork.follows("connected")
def _after_connecting(charge_point_id: int, now: datetime) -> None:
    back_online(charge_point_id=charge_point_id, now=now)
    statements.update(ChargePoint, {"id": charge_point_id}, attended_at=now)


def _attend(now: datetime) -> int:
    """Chargers that booted or connected, and what follows was lost with a worker."""
    late = now - _ATTENDED_WITHIN
    unseen = Q(attended_at=None) | Q(attended_at__lt=F("booted_at")) | Q(attended_at__lt=F("connected_at"))
    rows = ChargePoint.objects.filter(unseen, connected_at__lt=late).exclude(connection_key="")
    items = []
    for row in rows.filter(Q(booted_at=None) | Q(booted_at__lt=late)).order_by("connected_at"):
        has_booted = row.booted_at is not None and (row.attended_at is None or row.attended_at < row.booted_at)
        items.append(("booted" if has_booted else "connected", row.pk))
    afterwork.do(items, now)
    return len(items)


@transaction.atomic(savepoint=False)
def restarted(*, charge_point: ChargePoint, now: datetime, since: datetime | None = None) -> None:
    """A charger booted: whatever it had may be gone. The default limit is first, then what each session had.

    ``since``: when it forgot; what it took later it still has.
    """
    since = since or charge_point.booted_at or now
    prefetch_related_objects([charge_point], "evses")
    quirks.note_dialect(charge_point)
    newest = _newest(charge_point.pk)
    plans = [row for row in _plans(newest) if _is_older(row, since) and charging_profiles.may_be_told_again(row)]
    if plans:
        held = ChargingProfile.objects.filter(charge_point=charge_point, status=Status.ACCEPTED)
        held.exclude(command__settled_at__gt=since).update(status=Status.LOST)
    default_limits.send_default_limit(charge_point=charge_point, now=now, taken=newest)
    for plan in plans:
        session_profiles.send_again(profile=plan, now=now)


def _is_older(profile: ChargingProfile, since: datetime) -> bool:
    """Whether the charger took it before it forgot."""
    settled_at = profile.command.settled_at if profile.command else None
    return settled_at is None or settled_at <= since


def _newest(charge_point_id: int) -> list[ChargingProfile]:
    """What a charger took, and how it stands with its default, newest first: one question for a boot or a link."""
    return _NEWEST_OF.rows(charge_point_id)


def _standing(charge_point_id: int) -> QuerySet[ChargingProfile]:
    telling = Q(status=Status.ACCEPTED) | Q(purpose=ChargingProfile.Purpose.TX_DEFAULT)
    rows = ChargingProfile.objects.filter(telling, charge_point=charge_point_id).exclude(status=Status.REPLACED)
    return rows.select_related("charge_point", "command", "transaction__evse").order_by("-pk")[:_NEWEST]


_NEWEST_OF = Prepared(_standing)


def _plans(newest: Iterable[ChargingProfile]) -> list[ChargingProfile]:
    """What the charger took for the sessions that run, oldest first."""
    taken = [row for row in newest if row.status == Status.ACCEPTED and row.transaction is not None]
    return [row for row in reversed(taken) if row.transaction and row.transaction.state == TransactionState.ACTIVE]


@transaction.atomic(savepoint=False)
def back_online(*, charge_point_id: int, now: datetime) -> None:
    """A charger connected again without a restart: it should have what it had. One that never booted waits for that."""
    newest = _newest(charge_point_id)
    charge_point = newest[0].charge_point if newest else ChargePoint.objects.get(pk=charge_point_id)
    if charge_point.booted_at is None or charge_point.registration != ChargePoint.Registration.ACCEPTED:
        return
    known = quirks.of(charge_point)
    if not charge_point.dialect and known.dialect:
        quirks.note_dialect(charge_point)  # known since the table learnt it, not since the charger booted
    if known.forgets_on_reconnect:
        restarted(charge_point=charge_point, now=now, since=charge_point.connected_at)
        return
    if not default_limits.is_held(newest):
        default_limits.send_default_limit(charge_point=charge_point, now=now, taken=newest)
    for evse in [row.transaction.evse for row in _plans(newest) if row.transaction and row.transaction.evse]:
        if read_back.is_due(evse=evse, now=now):
            read_back.ask(evse=evse, duration_s=_DURATION_S, now=now)


def keep(*, now: datetime) -> int:
    """What chargers could not be told at once, or refused because it was too early, is sent in time; how many."""
    sent = [_continue(row, now) for row in _shortened()] + [_ask_again(row, now) for row in _refused(now)]
    for profile in _left_behind():
        sent.append(default_limits.send_default_limit(charge_point=profile.charge_point, now=now))
    kept = sum(command is not None for command in sent) + setpoints.send_due(now=now)
    return kept + _attend(now)


def _rows() -> QuerySet[ChargingProfile]:
    """The profiles of sessions that run."""
    running = ChargingProfile.objects.filter(transaction__state=TransactionState.ACTIVE)
    return running.select_related("transaction__evse", "transaction__charge_point", "command").order_by("pk")


def _shortened() -> QuerySet[ChargingProfile]:
    rows = _rows().filter(status=Status.ACCEPTED, adaptations__contains=Adaptation.FEWER_PERIODS)
    return rows.exclude(charge_point__connection_key="")


def _continue(profile: ChargingProfile, now: datetime) -> Command | None:
    """Where the plan goes on otherwise than the charger was told."""
    offset_s = (now - profile.starts_at).total_seconds()
    planned = limit_at(charging_profiles.as_periods(profile.planned_periods), offset_s)
    told = limit_at(charging_profiles.as_periods(profile.periods), offset_s)
    over = profile.duration_s is not None and offset_s >= profile.duration_s
    if planned == told and not over:
        return None
    return session_profiles.send_again(profile=profile, now=now)


def _refused(now: datetime) -> list[ChargingProfile]:
    """The newest plan of each running session, where the charger said no to it once."""
    rows = _rows().filter(
        status=Status.REFUSED,
        is_repeat=False,
        command__status=CommandStatus.REJECTED,
        command__settled_at__range=(now - _NOT_AFTER, now - _AFTER_REFUSAL),
    )
    found = rows.exclude(charge_point__connection_key="")
    return [row for row in found if not _is_followed(row)]


def _is_followed(row: ChargingProfile) -> bool:
    return ChargingProfile.objects.filter(transaction=row.transaction, pk__gt=row.pk).exists()


def _ask_again(profile: ChargingProfile, now: datetime) -> Command | None:
    return session_profiles.send_again(profile=profile, now=now, is_repeat=True, starts_now=True)


def _left_behind() -> QuerySet[ChargingProfile]:
    """Plans that stand in the place of the default in a charger that holds one profile, after their session."""
    return (
        ChargingProfile.objects.filter(
            status=Status.ACCEPTED, purpose=ChargingProfile.Purpose.TX_DEFAULT, transaction__isnull=False
        )
        .exclude(transaction__state=TransactionState.ACTIVE)
        .select_related("charge_point")
    )
