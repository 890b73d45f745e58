"""Plans to commands: the only place where a plan leaves for the chargers, and only where something really changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import translation

from chargepoints.domain import intents
from chargepoints.domain.charging_profile import limit_at
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargingProfile, Command, Transaction
from chargepoints.services import smart_charging
from smac import words
from smac.models import ChargingNeed, PlanRun
from smac.optimisation.plan import Plan, SessionPlan, merge_periods
from smac.optimisation.problem import Session
from smac.slots import floor
from smac.snapshot import reading
from smac.snapshot.reading import Snapshot

# Less than this is no reason to speak to a charger again: meters and chargers are not as exact.
TOLERANCE_W = 100.0
_MERGE_W = 50.0
# Many chargers hold no more periods in a schedule (OCPP 1.6 ChargingScheduleMaxPeriods, often 20 to 24).
_MOST_PERIODS = 20
# After the departure the plan says 0 W; this long, until the charger falls back to its safe default limit.
_KEPT_AFTER = timedelta(minutes=75)
_ALIVE = (CommandStatus.QUEUED, CommandStatus.SENT, CommandStatus.ACCEPTED)


def dispatch(*, snapshot: Snapshot, plan: Plan, run: PlanRun, now: datetime) -> list[Command]:
    """Send each running session its profile where it differs from the one the charger has or is about to get."""
    sent = []
    reasons = {curve.need_id: curve.reason for curve in run.curves.all()}
    for planned in plan.sessions:
        need = snapshot.needs.get(planned.key)
        running = _running(need) if need else None
        if need is None or running is None:
            continue
        session = reading.session_of(snapshot, planned.key)
        limits = limits_w(session, planned, least_w=float(need.evse.min_power_w))
        if is_new(running, snapshot.problem.slot_starts, limits):
            sent.append(_send(running, snapshot, limits, reasons.get(need.pk, {}), now))
    return sent


def _running(need: ChargingNeed) -> Transaction | None:
    """The transaction that a profile can be sent for."""
    running = need.transaction
    if running is None or running.state != TransactionState.ACTIVE or running.evse_id is None:
        return None
    return running


def limits_w(session: Session, planned: SessionPlan, *, least_w: float) -> tuple[float, ...]:
    """The limit of each slot until the departure, then 0.

    What the car cannot be told (below 6 A) is a pause. `least_w` is what the charger can be told at least: a car
    that takes less, on one phase of three, gets this limit and takes what it can.
    """
    told = []
    for power in planned.power_w[: session.last_slot]:
        if 0 < power < session.min_charge_w - 1:
            told.append(0.0)
        else:
            told.append(round(max(power, least_w) if power > 0 else power, 1))
    return (*told, 0.0) if session.last_slot < len(planned.power_w) else tuple(told)


def is_new(running: Transaction, starts: Sequence[datetime], limits: Sequence[float]) -> bool:
    """Whether these limits differ, from now on, from what was last told to the charger."""
    last = last_profile(running)
    if last is None:
        return True
    for start, limit in zip(starts, limits, strict=False):
        told = _told_at(last, start)
        if told is None or abs(told - limit) > TOLERANCE_W:
            return True
    return False


def last_profile(running: Transaction) -> ChargingProfile | None:
    """The newest profile of a transaction that reached the charger or still can, since the charger last booted."""
    profiles = ChargingProfile.objects.filter(
        transaction=running,
        status__in=[ChargingProfile.Status.SENT, ChargingProfile.Status.ACCEPTED],
        command__status__in=_ALIVE,
    ).select_related("command")
    last = profiles.order_by("-pk").first()
    return None if last is None or _forgotten(last, running.charge_point.booted_at) else last


def _forgotten(profile: ChargingProfile, booted_at: datetime | None) -> bool:
    """A charger may lose session profiles when it restarts."""
    sent_at = profile.command.sent_at if profile.command else None
    return booted_at is not None and sent_at is not None and sent_at < booted_at


def _told_at(profile: ChargingProfile, at: datetime) -> float | None:
    if profile.valid_to is not None and at >= profile.valid_to:
        return None
    # What the charger could not be told of the plan is sent in time: it counts as told.
    rows = profile.planned_periods or profile.periods
    periods = [intents.Period(start_s, limit_w) for start_s, limit_w in rows]
    return limit_at(periods, (at - profile.starts_at).total_seconds())


def _send(
    running: Transaction, snapshot: Snapshot, limits: Sequence[float], reason: dict[str, object], now: datetime
) -> Command:
    starts = snapshot.problem.slot_starts
    schedule_start = floor(starts[0])
    begins = [schedule_start, *starts[1:]]
    periods = [
        intents.Period(int((begins[part.first_slot] - schedule_start).total_seconds()), round(part.power_w, 1))
        for part in merge_periods(limits, tolerance_w=_MERGE_W, max_periods=_MOST_PERIODS)
    ]
    with translation.override("en"):
        told = str(words.sentence(reason, zone=snapshot.supply_point.location.time_zone))
    return smart_charging.set_session_profile(
        transaction_row=running,
        starts_at=schedule_start,
        periods=periods,
        valid_to=starts[len(limits) - 1] + _KEPT_AFTER,
        reason=told,
        cause=reason,
        now=now,
    )
