"""Plans to commands: the only place where a plan leaves for the chargers, and only where something really changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import translation

from chargepoints.domain import intents
from chargepoints.domain.charging_profile import limit_at
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, ChargingProfile, Command, DeviceVariable, Transaction
from chargepoints.services import quirks, smart_charging
from smac import calm, words
from smac.models import ChargingNeed, PlanRun
from smac.optimisation.plan import Period, Plan, SessionPlan, merge_periods
from smac.optimisation.problem import Session
from smac.slots import floor
from smac.snapshot.reading import Snapshot

# Powers this near are one period: neither meters nor chargers are as exact.
_MERGE_W = 50.0
# Where a charger has not said how many periods it holds (OCPP 1.6 ChargingScheduleMaxPeriods, often 20 to 24).
_MOST_PERIODS = 20
# After the departure the plan says 0 W; this long, until the charger falls back to its safe default limit.
_KEPT_AFTER = timedelta(minutes=75)
# Schedules that began within a second count their periods in whole ones: a slot's step may come so much late.
_NEARLY = timedelta(seconds=2)
# Told in one transaction: chargers hear of it when it ends, and each has its cost.
_AT_A_TIME = 20
_ALIVE = (CommandStatus.QUEUED, CommandStatus.SENT, CommandStatus.ACCEPTED)
_PERIODS_VARIABLES = ("chargingschedulemaxperiods", "periodsperschedule")


@dataclass(frozen=True, slots=True)
class _Target:
    """A running session with its plan, as its charger would be told it."""

    need: ChargingNeed
    running: Transaction
    session: Session
    planned: SessionPlan
    periods: tuple[Period, ...]
    new_w: tuple[float, ...]


def dispatch(
    *, snapshot: Snapshot, plan: Plan, run: PlanRun, now: datetime, bounds: Iterable[calm.Bound] = ()
) -> list[Command]:
    """Send each running session its profile where it differs from the one the charger has or is about to get.

    ``bounds``: limits besides those of the problem that profiles which stay must keep.
    """
    targets = _targets(snapshot, plan)
    told = last_profiles([target.running for target in targets])
    tellings = [_telling(target, told.get(target.running.pk), plan) for target in targets]
    chosen = calm.to_tell(
        tellings, hours=plan.slot_hours, bounds=[*calm.bounds_of(snapshot.problem, plan), *bounds], step=step()
    )
    to_tell = [target for target in targets if target.planned.key in chosen]
    reasons = dict(run.curves.values_list("need_id", "reason")) if to_tell else {}
    sent = []
    for first in range(0, len(to_tell), _AT_A_TIME):
        with transaction.atomic():
            for target in to_tell[first : first + _AT_A_TIME]:
                sent.append(_send(target, snapshot, reasons.get(target.need.pk, {}), now))
    return sent


def step() -> calm.Step:
    """What is too little to speak of."""
    return calm.Step(
        power_w=float(settings.SMAC_CALM_STEP_W),
        energy_wh=float(settings.SMAC_CALM_STEP_WH),
        soon_h=settings.SMAC_CALM_SOON_S / 3600,
    )


def _targets(snapshot: Snapshot, plan: Plan) -> list[_Target]:
    sessions = {session.key: session for session in snapshot.problem.sessions}
    found = []
    for planned in plan.sessions:
        need = snapshot.needs.get(planned.key)
        running = _running(need) if need else None
        if need is not None and running is not None:
            found.append((need, running, sessions[planned.key], planned))
    told_their_most = _told_how_many([running.charge_point for _, running, *_ in found])
    return [_target(*one, told_their_most) for one in found]


def _target(
    need: ChargingNeed, running: Transaction, session: Session, planned: SessionPlan, told_their_most: set[int]
) -> _Target:
    limits = limits_w(session, planned, least_w=float(need.evse.min_power_w))
    # One that said how many it holds is told the plan whole: what does not fit is sent to it in time.
    most = None if running.charge_point_id in told_their_most else _MOST_PERIODS
    periods = merge_periods(limits, tolerance_w=_MERGE_W, max_periods=most)
    return _Target(need, running, session, planned, periods, _by_slot(periods, len(limits)))


def _by_slot(periods: Sequence[Period], count: int) -> tuple[float, ...]:
    ends = [period.first_slot for period in periods[1:]] + [count]
    return tuple(
        round(period.power_w, 1)
        for period, end in zip(periods, ends, strict=True)
        for _ in range(end - period.first_slot)
    )


def _told_how_many(charge_points: Sequence[ChargePoint]) -> set[int]:
    """Those of whom it is known how many periods they hold."""
    rows = DeviceVariable.objects.filter(charge_point__in=charge_points, attribute="Actual", refusal="")
    said = rows.annotate(small=Lower("name")).filter(small__in=_PERIODS_VARIABLES)
    known = {pk for pk, value in said.values_list("charge_point_id", "value") if value.strip().isdecimal()}
    return known | {point.pk for point in charge_points if quirks.of(point).max_periods}


def _telling(target: _Target, last: ChargingProfile | None, plan: Plan) -> calm.Telling:
    starts = plan.slot_starts[: len(target.new_w)]
    return calm.Telling(
        key=target.planned.key,
        new_w=target.new_w,
        told_w=() if last is None else tuple(told_w(last, starts)),
        planned_w=target.planned.power_w,
        most_w=target.session.max_charge_w,
        counts_at=tuple(sorted({target.session.last_slot, *(one.slot for one in target.session.targets)})),
    )


def _running(need: ChargingNeed) -> Transaction | None:
    """The transaction that a profile can be sent for."""
    running = need.transaction
    if running is None or running.state != TransactionState.ACTIVE or running.evse_id is None:
        return None
    # The rows that are there already: the need's own.
    running.evse, running.charge_point = need.evse, need.evse.charge_point
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


def last_profiles(running: Sequence[Transaction]) -> dict[int, ChargingProfile]:
    """The newest profile of each transaction (by its key) that reached the charger or still can, since it booted."""
    rows = ChargingProfile.objects.filter(
        transaction__in=running,
        status__in=[ChargingProfile.Status.SENT, ChargingProfile.Status.ACCEPTED],
        command__status__in=_ALIVE,
    ).select_related("command")
    newest = {row.transaction_id: row for row in rows.order_by("pk")}
    booted = {one.pk: one.charge_point.booted_at for one in running}
    return {pk: row for pk, row in newest.items() if pk is not None and not _forgotten(row, booted[pk])}


def last_profile(running: Transaction) -> ChargingProfile | None:
    """The newest profile of one transaction that reached the charger or still can, since the charger last booted."""
    return last_profiles([running]).get(running.pk)


def _forgotten(profile: ChargingProfile, booted_at: datetime | None) -> bool:
    """A charger may lose session profiles when it restarts."""
    sent_at = profile.command.sent_at if profile.command else None
    return booted_at is not None and sent_at is not None and sent_at < booted_at


def told_w(profile: ChargingProfile, starts: Iterable[datetime]) -> Iterable[float | None]:
    """What a profile says at the start of each slot; None where it says nothing."""
    # What the charger could not be told of the plan is sent in time: it counts as told.
    rows = profile.planned_periods or profile.periods
    periods = [intents.Period(start_s, limit_w) for start_s, limit_w in rows]
    for start in starts:
        at = start + _NEARLY
        over = profile.valid_to is not None and at >= profile.valid_to
        yield None if over else limit_at(periods, (at - profile.starts_at).total_seconds())


def _send(target: _Target, snapshot: Snapshot, reason: Mapping[str, Any], now: datetime) -> Command:
    starts = snapshot.problem.slot_starts
    schedule_start = floor(starts[0])
    begins = [schedule_start, *starts[1:]]
    periods = [
        intents.Period(int((begins[part.first_slot] - schedule_start).total_seconds()), round(part.power_w, 1))
        for part in target.periods
    ]
    with translation.override("en"):
        told = str(words.sentence(reason, zone=snapshot.supply_point.location.time_zone))
    return smart_charging.set_session_profile(
        transaction_row=target.running,
        starts_at=schedule_start,
        periods=periods,
        valid_to=starts[len(target.new_w) - 1] + _KEPT_AFTER,
        reason=told,
        cause=reason,
        now=now,
    )
