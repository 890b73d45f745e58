"""What a charger says it follows, against what follows of the profiles that it took."""

from datetime import datetime, timedelta

from django.db import transaction

from chargepoints.domain import charging_profile as stacking
from chargepoints.domain import intents, read_back, reports
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.read_back import Difference, Hardware
from chargepoints.models import ChargingProfile, Command, CompositeSchedule, Evse
from chargepoints.services import answers, charging_profiles, commands, default_limits, quirks, session_profiles

# A charger is asked after its first profile and then at most this often: each question is a message more.
EVERY = timedelta(minutes=15)
_LEAST_S, _MOST_S = 900, 86_400
_ON_ITS_WAY = (CommandStatus.QUEUED, CommandStatus.SENT)
# A charger that cannot answer is not asked again for this long.
_AFTER_REFUSAL = timedelta(days=1)


def ask(*, evse: Evse, duration_s: int, now: datetime) -> Command:
    """Ask the charger what it will really do."""
    intent = intents.GetCompositeSchedule(evse_number=evse.number, duration_s=duration_s)
    return commands.enqueue(
        charge_point=evse.charge_point, intent=intent, now=now, reason="read back", supersede_key=f"read:{evse.pk}"
    )


@charging_profiles.after_answer
def _after_profile(profile: ChargingProfile, command: Command) -> None:
    """A charger took a session's plan: see what it makes of it, where that was not seen lately."""
    now, row = command.settled_at, profile.transaction
    if profile.status != ChargingProfile.Status.ACCEPTED or row is None or row.evse is None or now is None:
        return
    cannot = quirks.of(profile.charge_point).no_read_back
    if (profile.is_repeat and not cannot) or is_due(evse=row.evse, now=now):
        until = profile.valid_to or profile.starts_at + timedelta(seconds=_MOST_S)
        ask(evse=row.evse, duration_s=_length_s(until - now), now=now)


def _length_s(length: timedelta) -> int:
    return min(max(int(length.total_seconds()), _LEAST_S), _MOST_S)


def is_due(*, evse: Evse, now: datetime) -> bool:
    """Whether the EVSE's schedule was not read for some time, by a charger that can tell it."""
    if quirks.of(evse.charge_point).no_read_back:
        return False
    if CompositeSchedule.objects.filter(evse=evse, read_at__gt=now - EVERY).exists():
        return False
    asked = Command.objects.filter(
        charge_point=evse.charge_point,
        kind=intents.GetCompositeSchedule.kind,
        payload__evse_number=evse.number,
        created_at__gt=now - _AFTER_REFUSAL,
    )
    last = asked.order_by("-pk").first()
    if last is None or last.status in (CommandStatus.ACCEPTED, CommandStatus.SUPERSEDED, CommandStatus.EXPIRED):
        return True
    return last.status not in (*_ON_ITS_WAY, CommandStatus.REJECTED, CommandStatus.FAILED)


@answers.keeps(reports.ScheduleReadBack)
def _keep(command: Command, report: reports.ScheduleReadBack, now: datetime) -> None:
    store_read_back(charge_point_id=command.charge_point_id, report=report, now=now)


@transaction.atomic
def store_read_back(*, charge_point_id: int, report: reports.ScheduleReadBack, now: datetime) -> None:
    """Keep what the charger says it follows. Where it differs the profiles are sent once more, then it is marked."""
    evses = Evse.objects.select_related("charge_point").filter(charge_point_id=charge_point_id)
    if (evse := evses.filter(number=report.evse_number).first()) is None:
        return
    held, hardware = charging_profiles.held(evse), hardware_of(evse)
    expected = stacking.composite(
        held, charging_profiles.session_on(evse), at=report.starts_at, duration_s=report.duration_s
    )
    difference = read_back.difference(
        expected,
        report.periods,
        duration_s=report.duration_s,
        hardware=hardware,
        in_ampere=report.in_ampere,
        shared_by=len(evses) if any(profile.is_shared for profile in held) else 1,
    )
    CompositeSchedule.objects.create(
        evse=evse,
        starts_at=report.starts_at,
        duration_s=report.duration_s,
        periods=[list(period) for period in report.periods],
        expected_periods=[
            [one.start_s, hardware.max_power_w if one.limit_w is None else one.limit_w] for one in expected
        ],
        read_at=now,
        is_persistent=difference is not None and not heal(evse=evse, now=now),
        **_fields(difference, report),
    )


def hardware_of(evse: Evse) -> Hardware:
    """What bounds an EVSE whatever it is told."""
    return Hardware(float(evse.max_power_w), float(evse.max_discharge_w), float(evse.min_power_w), evse.phases)


def _fields(difference: Difference | None, report: reports.ScheduleReadBack) -> dict[str, object]:
    """Without periods there is nothing to compare: neither a difference nor none."""
    if difference is None:
        return {"difference_w": 0.0 if report.periods else None}
    at = report.starts_at + timedelta(seconds=difference.start_s)
    return {"difference_w": round(difference.distance_w, 1), "difference_at": at}


def heal(*, evse: Evse, now: datetime) -> bool:
    """Send an EVSE's profiles once more, the default first; False when that was done already, or there are none."""
    accepted = ChargingProfile.objects.filter(
        charge_point_id=evse.charge_point_id, status=ChargingProfile.Status.ACCEPTED
    ).select_related("transaction__evse", "transaction__charge_point", "command")
    default = accepted.filter(transaction=None, purpose=ChargingProfile.Purpose.TX_DEFAULT).first()
    running = charging_profiles.running_on(evse)
    plan = accepted.filter(transaction=running).first() if running else None
    leading = plan or default
    if leading is None or leading.is_repeat:
        return False
    if plan is not None and not charging_profiles.may_be_told_again(plan):
        return True  # the older one would take the newer one's place in the queue, and so in the charger
    if default is not None:
        default_limits.send_default_limit(charge_point=evse.charge_point, now=now, is_repeat=True)
    if plan is not None:
        session_profiles.send_again(profile=plan, now=now, is_repeat=True)
    return True
