"""Visits that are expected: reservations, and what the floors above know of (vehicles that come back from a trip)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from chargepoints.models import Evse, Reservation
from smac.optimisation.problem import Mode
from smac.ports import ExpectedVisits, Visit
from smac.snapshot.sessions import Wish
from smac.typical import TYPICAL


def wishes(*, supply_point_id: int, taken_evse_ids: Collection[int], now: datetime, end: datetime) -> list[Wish]:
    """The sessions that are to be expected at a supply point in [now, end), one at each EVSE that nobody uses."""
    found: dict[int, Visit] = {}
    known = sorted(_from_above(supply_point_id, now, end), key=lambda visit: visit.arrives_at)
    # Who knows the vehicle tells more than a reservation does; and one after the other, the first is planned for.
    for visit in [*known, *_of_reservations(supply_point_id, now)]:
        if visit.evse_id not in taken_evse_ids and visit.arrives_at < end:
            found.setdefault(visit.evse_id, visit)
    evses = _evses(supply_point_id, found) if found else {}
    return [_wish(found[pk], evses[pk]) for pk in sorted(evses)]


def _evses(supply_point_id: int, wanted: Iterable[int]) -> dict[int, Evse]:
    rows = Evse.objects.filter(pk__in=list(wanted), charge_point__supply_point=supply_point_id)
    return {evse.pk: evse for evse in rows.select_related("charge_point").prefetch_related("connectors")}


def _of_reservations(supply_point_id: int, now: datetime) -> list[Visit]:
    """Who reserved comes at the latest when the reservation lapses. Of the vehicle nothing is known here."""
    held = Reservation.objects.filter(
        evse__charge_point__supply_point=supply_point_id, status=Reservation.Status.ACTIVE, expires_at__gt=now
    )
    return [
        Visit(
            key=f"reservation:{row.pk}",
            evse_id=row.evse_id,
            driver_id=row.driver_id,
            arrives_at=row.expires_at,
            departs_at=row.expires_at + TYPICAL.stay,
        )
        for row in held.order_by("pk")
    ]


def _from_above(supply_point_id: int, now: datetime, end: datetime) -> Sequence[Visit]:
    sources: list[ExpectedVisits] = [import_string(name) for name in getattr(settings, "SMAC_EXPECTED_VISITS", [])]
    return [visit for source in sources for visit in source(supply_point_id=supply_point_id, start=now, end=end)]


def _wish(visit: Visit, evse: Evse) -> Wish:
    return Wish(
        key=visit.key,
        evse=evse,
        mode=Mode(visit.mode),
        battery_capacity_wh=visit.battery_capacity_wh or TYPICAL.capacity_wh,
        soc_percent=TYPICAL.soc_percent if visit.soc_percent is None else visit.soc_percent,
        target_soc_percent=visit.target_soc_percent or TYPICAL.target_percent,
        departure_at=visit.departs_at,
        max_charge_w=visit.max_charge_w,
        driver_id=visit.driver_id,
        arrives_at=visit.arrives_at,
    )
