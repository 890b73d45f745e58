"""The safe default: what caps every session that starts before its own plan is there."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from chargepoints import statements
from chargepoints.domain import intents
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.profile_limits import Adaptation
from chargepoints.models import ChargePoint, ChargingProfile, Command
from chargepoints.services import charging_profiles, profile_limits
from chargepoints.services.charging_profiles import Sending

DEFAULT_PROFILE_ID = 1
REASON = "safe default"
# A default limit is worth sending for a day.
_VALIDITY = timedelta(days=1)
_ON_ITS_WAY = (CommandStatus.QUEUED, CommandStatus.SENT)


@transaction.atomic(savepoint=False)
def send_default_limit(
    *,
    charge_point: ChargePoint,
    now: datetime,
    is_repeat: bool = False,
    starts_now: bool = False,
    taken: Iterable[ChargingProfile] | None = None,
) -> Command:
    """Cap every session that starts before its own plan is there (and for as long as the link is lost).

    Sent at each boot: a charger may forget it when it restarts. ``is_repeat``: it does not follow it, or refused it;
    ``starts_now``: it refuses schedules that began in the past; ``taken``: its newest profiles, where they are at hand.
    """
    starts_now = starts_now or profile_limits.starts_now(charge_point, taken)
    intent = intents.SetChargingProfile(
        evse_number=0,
        profile_id=DEFAULT_PROFILE_ID,
        stack_level=0,
        purpose="tx_default",
        starts_at=now if starts_now else _past_midnight(now),
        periods=(intents.Period(0, float(charge_point.default_limit_w), phases_of(charge_point)),),
    )
    sending = Sending(
        reason=REASON,
        supersede_key="profile:default",
        valid_for=_VALIDITY,
        adaptations=[Adaptation.STARTS_NOW] if starts_now else [],
        is_repeat=is_repeat,
    )
    statements.update(ChargePoint, {"id": charge_point.pk}, default_limit_sent_at=now)
    return charging_profiles.send(charge_point=charge_point, intent=intent, sending=sending, now=now)


def _past_midnight(now: datetime) -> datetime:
    """Safely in the past, so that a charger whose clock is behind obeys it already."""
    return (now - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def phases_of(charge_point: ChargePoint) -> int | None:
    """1 where all EVSEs have one phase: else a limit in A would be spread over three."""
    phases = {evse.phases for evse in charge_point.evses.all()}
    return 1 if phases == {1} else None


def is_held(newest: Iterable[ChargingProfile]) -> bool:
    """Whether a charger has its default limit, is about to get it, or refused it since its last boot.

    ``newest``: its newest profiles with their commands, newest first.
    """
    last = next((row for row in newest if row.purpose == ChargingProfile.Purpose.TX_DEFAULT), None)
    if last is None or last.status in (ChargingProfile.Status.LOST, ChargingProfile.Status.CLEARED):
        return False
    waits = last.command is not None and last.command.status in _ON_ITS_WAY
    return last.status != ChargingProfile.Status.SENT or waits


@charging_profiles.after_answer
def _try_another_start(profile: ChargingProfile, command: Command) -> None:
    """Some chargers refuse schedules that began in the past: once more, from now on."""
    is_default = profile.purpose == ChargingProfile.Purpose.TX_DEFAULT and profile.transaction_id is None
    begins_now = Adaptation.STARTS_NOW in profile.adaptations.split(",")
    if is_default and command.status == CommandStatus.REJECTED and not begins_now and command.settled_at:
        send_default_limit(charge_point=profile.charge_point, now=command.settled_at, is_repeat=True, starts_now=True)
