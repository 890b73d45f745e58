"""A session's plan in its charger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from chargepoints.domain import intents, profile_limits
from chargepoints.domain.profile_limits import Adaptation, Fitted, ProfileLimits
from chargepoints.models import ChargePoint, ChargingProfile, Command, Evse, Transaction
from chargepoints.services import charging_profiles, commands, quirks
from chargepoints.services import profile_limits as limits_of_charger
from chargepoints.services.charging_profiles import Sending
from chargepoints.services.default_limits import DEFAULT_PROFILE_ID

PROFILE_BASE = 100  # one profile an EVSE: the same id replaces the older one in the charger
_STACK_LEVEL = 1
# A profile that comes after its window helps nobody.
_VALIDITY = timedelta(minutes=15)


@dataclass(frozen=True)
class Plan:
    """Limits for a session: periods in W, seconds from ``starts_at``; negative means discharge."""

    starts_at: datetime
    periods: tuple[intents.Period, ...]
    valid_to: datetime | None
    reason: str
    cause: Mapping[str, Any] = field(default_factory=dict)
    is_repeat: bool = False
    starts_now: bool = False


@transaction.atomic(savepoint=False)
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
    """Send a session's plan. Periods in W, seconds from ``starts_at``; negative means discharge.

    What the charger cannot be told is kept beside what it is told, and sent in time where that helps.
    """
    plan = Plan(starts_at, tuple(periods), valid_to, reason, cause or {})
    if transaction_row.evse is not None:
        charging_profiles.wait_for_turn(transaction_row.evse)
    return send(transaction_row=transaction_row, plan=plan, now=now)


@transaction.atomic(savepoint=False)
def send(*, transaction_row: Transaction, plan: Plan, now: datetime) -> Command:
    """Send a plan within what the charger takes."""
    evse = transaction_row.evse
    if evse is None:
        raise ValueError(f"transaction {transaction_row.pk} has no EVSE to send a profile to")
    charge_point = transaction_row.charge_point
    if evse.max_discharge_w and not charge_point.dialect:
        quirks.note_dialect(charge_point)
    limits = limits_of_charger.of(charge_point)
    alone = limits.holds_one and charge_point.evses.count() == 1
    told = _beginning(plan, limits, now)
    if alone:
        told = _with_default_after(told, charge_point)
    fitted = profile_limits.fit(_phased(told.periods, evse), limits)
    intent = _intent(transaction_row, evse, told, fitted, limits)
    adaptations = list(fitted.adaptations)
    if told.starts_at != plan.starts_at and (limits.starts_now or plan.starts_now):
        adaptations.append(Adaptation.STARTS_NOW)
    if alone:
        intent = _in_place_of_default(intent)
        adaptations.append(Adaptation.ONLY_PROFILE)
    sending = Sending(
        reason=plan.reason,
        supersede_key=f"profile:{evse.pk}",
        valid_for=_VALIDITY,
        evse=None if alone else evse,
        transaction_row=transaction_row,
        cause=plan.cause,
        planned=told.periods if fitted.adaptations else (),
        adaptations=adaptations,
        is_repeat=plan.is_repeat,
    )
    return charging_profiles.send(charge_point=charge_point, intent=intent, sending=sending, now=now)


def _beginning(plan: Plan, limits: ProfileLimits, now: datetime) -> Plan:
    """The plan from now on, where the charger takes no past or has no room for what has passed."""
    if plan.starts_at >= now or not (limits.starts_now or plan.starts_now or limits.max_periods):
        return plan
    return replace(plan, starts_at=now, periods=profile_limits.from_moment(plan.periods, plan.starts_at, now))


def _phased(periods: Sequence[intents.Period], evse: Evse) -> tuple[intents.Period, ...]:
    """On one phase that is said: else a limit in A would be spread over three."""
    return tuple(replace(period, phases=1) for period in periods) if evse.phases == 1 else tuple(periods)


def _intent(
    row: Transaction, evse: Evse, plan: Plan, fitted: Fitted, limits: ProfileLimits
) -> intents.SetChargingProfile:
    most = limits.max_stack_level
    return intents.SetChargingProfile(
        evse_number=evse.number,
        profile_id=PROFILE_BASE + evse.number,
        stack_level=_STACK_LEVEL if most is None else min(_STACK_LEVEL, most),
        purpose="tx",
        starts_at=plan.starts_at,
        periods=fitted.periods,
        transaction_remote_id=row.remote_id,
        valid_to=plan.valid_to,
        duration_s=fitted.duration_s,
    )


def _with_default_after(plan: Plan, charge_point: ChargePoint) -> Plan:
    """A charger that holds one profile gets the plan in the place of its default, which comes back at the end."""
    if plan.valid_to is None:
        return plan
    end_s = int((plan.valid_to - plan.starts_at).total_seconds())
    back = intents.Period(end_s, float(charge_point.default_limit_w))
    return replace(plan, valid_to=None, periods=(*(period for period in plan.periods if period.start_s < end_s), back))


def _in_place_of_default(intent: intents.SetChargingProfile) -> intents.SetChargingProfile:
    return replace(
        intent,
        evse_number=0,
        profile_id=DEFAULT_PROFILE_ID,
        stack_level=0,
        purpose="tx_default",
        transaction_remote_id="",
    )


@transaction.atomic(savepoint=False)
def send_again(
    *, profile: ChargingProfile, now: datetime, is_repeat: bool = False, starts_now: bool = False
) -> Command | None:
    """The plan of a row once more; None when nothing is left of it, its session has ended, or there is a newer one."""
    row = profile.transaction
    ended = row is None or row.ended_at is not None or row.evse is None
    if ended or (profile.valid_to is not None and profile.valid_to <= now):
        return None
    if not charging_profiles.may_be_told_again(profile):
        return None
    assert row is not None
    plan = Plan(
        starts_at=profile.starts_at,
        periods=charging_profiles.as_periods(profile.planned_periods or profile.periods),
        valid_to=profile.valid_to,
        reason=profile.reason,
        cause=profile.command.cause if profile.command else {},
        is_repeat=is_repeat,
        starts_now=starts_now,
    )
    return send(transaction_row=row, plan=plan, now=now)


def clear_session_profile(*, transaction_row: Transaction, now: datetime) -> Command | None:
    """Take a session's plan out of the charger: the safe default holds from then on."""
    evse = transaction_row.evse
    if evse is None:
        return None
    return commands.enqueue(
        charge_point=transaction_row.charge_point,
        intent=intents.ClearChargingProfile(profile_id=PROFILE_BASE + evse.number),
        now=now,
        reason="plan withdrawn",
        transaction_row=transaction_row,
        supersede_key=f"profile:{evse.pk}",
    )
