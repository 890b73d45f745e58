"""Discharge by a vendor's own message, for chargers whose profiles know no negative limit."""

from datetime import datetime, timedelta

from chargepoints.domain import intents
from chargepoints.domain.charging_profile import limit_at
from chargepoints.domain.dialects import Dialect
from chargepoints.domain.profile_limits import Adaptation
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargingProfile, Command
from chargepoints.services import charging_profiles, commands, quirks

# A setpoint is for now: one that waited is worse than none.
_VALIDITY = timedelta(minutes=2)


def send_due(*, now: datetime) -> int:
    """Tell each session what its plan says now, where that is not what was told last; how many."""
    rows = ChargingProfile.objects.filter(
        status=ChargingProfile.Status.ACCEPTED,
        adaptations__contains=Adaptation.BY_MESSAGE,
        transaction__state=TransactionState.ACTIVE,
    ).exclude(charge_point__connection_key="")
    found = rows.select_related("charge_point", "transaction__evse")
    return sum(_tell(profile, now) is not None for profile in found)


def _tell(profile: ChargingProfile, now: datetime) -> Command | None:
    dialect = quirks.dialect_of(profile.charge_point)
    if dialect is None or dialect.setpoint is None:
        return None
    power_w = _asked_for_w(profile, now)
    message = _message(profile, dialect, power_w)
    key = f"setpoint:{profile.transaction_id}"
    last = Command.objects.filter(charge_point=profile.charge_point, supersede_key=key).order_by("-pk").first()
    if last.payload["data"] == message.data if last else power_w >= 0:
        return None
    return commands.enqueue(
        charge_point=profile.charge_point,
        intent=message,
        now=now,
        reason=profile.reason,
        transaction_row=profile.transaction,
        supersede_key=key,
        valid_for=_VALIDITY,
    )


def _asked_for_w(profile: ChargingProfile, now: datetime) -> float:
    """What the plan says now, after its end the safe default: whoever was asked to give back is told how it goes on."""
    periods = charging_profiles.as_periods(profile.planned_periods)
    planned = limit_at(periods, (now - profile.starts_at).total_seconds())
    over = profile.valid_to is not None and now >= profile.valid_to
    return float(profile.charge_point.default_limit_w) if over or planned is None else planned


def _message(profile: ChargingProfile, dialect: Dialect, power_w: float) -> intents.DataTransfer:
    row = profile.transaction
    assert dialect.setpoint is not None
    assert row is not None
    assert row.evse is not None
    data = dialect.setpoint.data(connector=row.evse.number, power_w=power_w, transaction=row.remote_id)
    return intents.DataTransfer(dialect.vendor_id, dialect.setpoint.message_id, data)
