"""Charging profiles: the safe default, a session's plan, and what the charger really has."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from chargepoints.domain import intents, reports
from chargepoints.domain.command import CommandStatus
from chargepoints.models import ChargePoint, ChargingProfile, Command, CompositeSchedule, Evse, Transaction
from chargepoints.services import answers, commands

DEFAULT_PROFILE_ID = 1
_SESSION_PROFILE_BASE = 100  # one profile an EVSE: the same id replaces the older one in the charger
# A profile that comes after its window helps nobody; a default limit is worth sending for a day.
_PROFILE_VALIDITY = timedelta(minutes=15)
_DEFAULT_VALIDITY = timedelta(days=1)


@transaction.atomic
def send_default_limit(*, charge_point: ChargePoint, now: datetime) -> Command:
    """Cap every session that starts before its own plan is there (and for as long as the link is lost).

    Sent at each boot: a charger may forget it when it restarts.
    """
    intent = intents.SetChargingProfile(
        evse_number=0,
        profile_id=DEFAULT_PROFILE_ID,
        stack_level=0,
        purpose="tx_default",
        starts_at=_past_midnight(now),
        periods=(intents.Period(0, float(charge_point.default_limit_w)),),
    )
    command = commands.enqueue(
        charge_point=charge_point,
        intent=intent,
        now=now,
        reason="safe default",
        supersede_key="profile:default",
        valid_for=_DEFAULT_VALIDITY,
    )
    ChargePoint.objects.filter(pk=charge_point.pk).update(default_limit_sent_at=now)
    _remember(command, intent, charge_point=charge_point)
    return command


def _past_midnight(now: datetime) -> datetime:
    """Safely in the past, so that a charger whose clock is behind obeys it already."""
    return (now - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


@transaction.atomic
def set_session_profile(
    *,
    transaction_row: Transaction,
    starts_at: datetime,
    periods: Sequence[intents.Period],
    valid_to: datetime | None,
    reason: str,
    now: datetime,
    cause: Mapping[str, Any] | None = None,
) -> Command:
    """Send a session's plan. Periods in W, seconds from ``starts_at``; negative means discharge."""
    evse = transaction_row.evse
    if evse is None:
        raise ValueError(f"transaction {transaction_row.pk} has no EVSE to send a profile to")
    intent = intents.SetChargingProfile(
        evse_number=evse.number,
        profile_id=_SESSION_PROFILE_BASE + evse.number,
        stack_level=1,
        purpose="tx",
        starts_at=starts_at,
        periods=tuple(periods),
        transaction_remote_id=transaction_row.remote_id,
        valid_to=valid_to,
    )
    command = commands.enqueue(
        charge_point=transaction_row.charge_point,
        intent=intent,
        now=now,
        reason=reason,
        cause=cause,
        transaction_row=transaction_row,
        supersede_key=f"profile:{evse.pk}",
        valid_for=_PROFILE_VALIDITY,
    )
    _remember(command, intent, charge_point=transaction_row.charge_point, evse=evse, transaction_row=transaction_row)
    return command


def _remember(
    command: Command,
    intent: intents.SetChargingProfile,
    *,
    charge_point: ChargePoint,
    evse: Evse | None = None,
    transaction_row: Transaction | None = None,
) -> None:
    ChargingProfile.objects.create(
        charge_point=charge_point,
        evse=evse,
        transaction=transaction_row,
        command=command,
        purpose=intent.purpose,
        reason=command.reason,
        stack_level=intent.stack_level,
        starts_at=intent.starts_at,
        valid_to=intent.valid_to,
        periods=[[period.start_s, period.limit_w] for period in intent.periods],
        created_at=command.created_at,
    )


@commands.on_settled(intents.SetChargingProfile.kind)
def _profile_answered(command: Command) -> None:
    profile = ChargingProfile.objects.filter(command=command).first()
    if profile is None:
        return
    if command.status != CommandStatus.ACCEPTED:
        ChargingProfile.objects.filter(pk=profile.pk).update(status=ChargingProfile.Status.REFUSED)
        return
    older = ChargingProfile.objects.filter(
        charge_point=profile.charge_point,
        evse=profile.evse,
        purpose=profile.purpose,
        status=ChargingProfile.Status.ACCEPTED,
    )
    older.update(status=ChargingProfile.Status.REPLACED)
    ChargingProfile.objects.filter(pk=profile.pk).update(status=ChargingProfile.Status.ACCEPTED)


def read_back(*, evse: Evse, duration_s: int, now: datetime) -> Command:
    """Ask the charger what it will really do."""
    intent = intents.GetCompositeSchedule(evse_number=evse.number, duration_s=duration_s)
    return commands.enqueue(
        charge_point=evse.charge_point, intent=intent, now=now, reason="read back", supersede_key=f"read:{evse.pk}"
    )


@answers.keeps(reports.ScheduleReadBack)
def _keep_read_back(command: Command, report: reports.ScheduleReadBack, now: datetime) -> None:
    store_read_back(charge_point_id=command.charge_point_id, report=report, now=now)


def store_read_back(*, charge_point_id: int, report: reports.ScheduleReadBack, now: datetime) -> None:
    """Keep what the charger says it follows."""
    evse = Evse.objects.filter(charge_point_id=charge_point_id, number=report.evse_number).first()
    if evse is None:
        return
    CompositeSchedule.objects.create(
        evse=evse,
        starts_at=report.starts_at,
        duration_s=report.duration_s,
        periods=[list(period) for period in report.periods],
        read_at=now,
    )


def clear_session_profile(*, transaction_row: Transaction, now: datetime) -> Command | None:
    """Take a session's plan out of the charger: the safe default holds from then on."""
    evse = transaction_row.evse
    if evse is None:
        return None
    return commands.enqueue(
        charge_point=transaction_row.charge_point,
        intent=intents.ClearChargingProfile(profile_id=_SESSION_PROFILE_BASE + evse.number),
        now=now,
        reason="plan withdrawn",
        transaction_row=transaction_row,
        supersede_key=f"profile:{evse.pk}",
    )
