"""Whether a charger does what it accepted: its meter tells."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from chargepoints.domain import charging_profile as stacking
from chargepoints.domain.metering import POWER_IMPORT
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargingProfile, MeterValue, Transaction
from chargepoints.services import charging_profiles, read_back

# Meters and chargers are not exact, and small loads remain: a tenth above the limit, or this much, is none.
_TOLERANCE = 1.1
_NOISE_W = 200.0
# One value may lie in a change of limits: two in a row do not.
_VALUES = 2
# Cars take up to this long to follow a new limit (IEC 61851-1 gives them 5 s, on-board chargers need more).
_PATIENCE = timedelta(seconds=60)


@transaction.atomic
def look(*, transaction_row: Transaction, now: datetime) -> bool:
    """Mark a session whose meter showed more power than the limit in force twice in a row; whether it did.

    The profiles are sent once more; a charger that goes on like that is for staff.
    """
    if transaction_row.state != TransactionState.ACTIVE or transaction_row.evse is None:
        return False
    rows = MeterValue.objects.filter(transaction=transaction_row, measurand=POWER_IMPORT, phase="", flaw="")
    newest = list(rows.order_by("-at").values_list("at", "value")[:_VALUES])
    if len(newest) < _VALUES or newest[0][1] <= _NOISE_W or newest[0][0] == transaction_row.over_limit_at:
        return False
    if _told_lately(transaction_row, newest[-1][0]) or min(excesses_w := _excesses_w(transaction_row, newest)) <= 0:
        return False
    fields = {"over_limit_at": newest[0][0], "over_limit_w": round(excesses_w[0], 1)}
    Transaction.objects.filter(pk=transaction_row.pk).update(**fields)
    read_back.heal(evse=transaction_row.evse, now=now)
    return True


def _told_lately(row: Transaction, at: datetime) -> bool:
    """Whether the charger was told something after a moment, or just before: what held then is not known any more."""
    taken = ChargingProfile.objects.filter(charge_point=row.charge_point_id, status=ChargingProfile.Status.ACCEPTED)
    return taken.filter(Q(evse=row.evse_id) | Q(evse=None), command__settled_at__gt=at - _PATIENCE).exists()


def _excesses_w(row: Transaction, values: list[tuple[datetime, float]]) -> list[float]:
    """How far each value lies above what was allowed then, or just before."""
    assert row.evse is not None
    held, session = charging_profiles.held(row.evse), charging_profiles.session_on(row.evse)
    excesses = []
    for at, power_w in values:
        limits = [stacking.in_force(held, session, moment) for moment in (at, at - _PATIENCE)]
        allowed_w = max(float(row.evse.max_power_w) if limit is None else limit for limit in limits)
        excesses.append(power_w - max(allowed_w, 0.0) if power_w > _tolerated_w(allowed_w) else 0.0)
    return excesses


def _tolerated_w(allowed_w: float) -> float:
    return max(allowed_w, 0.0) * _TOLERANCE + _NOISE_W
