"""Which EVSEs are taken, and until when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chargepoints.domain import reservation
from chargepoints.models import Reservation, Transaction
from drivers.models import ChargeSession
from smac.models import ChargingNeed
from smac.typical import TYPICAL

_HELD = [status.value for status in reservation.OPEN]


def taken_ids(evse_ids: Collection[int]) -> frozenset[int]:
    """EVSEs that are reserved or in a transaction, whatever their connectors last said; two queries."""
    held = Reservation.objects.filter(evse_id__in=evse_ids, status__in=_HELD)
    running = Transaction.objects.filter(evse_id__in=evse_ids, state=Transaction.State.ACTIVE)
    return frozenset(held.values_list("evse_id", flat=True)) | frozenset(running.values_list("evse_id", flat=True))


def free_at(evse_ids: Collection[int], *, now: datetime) -> dict[int, datetime]:
    """When taken EVSEs are expected to be free, by what their drivers said; those without an answer are left out.

    A vehicle leaves when its driver said, or is picked up in time; who reserved one comes at the limit at the latest,
    and stays as long as people do.
    """
    found: dict[int, datetime] = {}
    held = Reservation.objects.filter(evse_id__in=evse_ids, status=Reservation.Status.ACTIVE, expires_at__gt=now)
    for evse_id, expires_at in held.values_list("evse_id", "expires_at"):
        found[evse_id] = expires_at + TYPICAL.stay
    running = ChargingNeed.objects.filter(
        evse_id__in=evse_ids, status=ChargingNeed.Status.RUNNING, departure_at__gt=now
    )
    found |= dict(running.values_list("evse_id", "departure_at"))
    finished = ChargeSession.objects.filter(
        evse_id__in=evse_ids, state=ChargeSession.State.FINISHED, pick_up_by__gt=now
    )
    picked_up = finished.values_list("evse_id", "pick_up_by")
    return found | {evse_id: moment for evse_id, moment in picked_up if moment is not None}
