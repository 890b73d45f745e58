"""Limits, profiles and the car's own wishes between 2.0.1's words and ours (block K)."""

from datetime import datetime
from typing import Any

from chargepoints.domain import reports
from chargepoints.ocpp import reading
from chargepoints.ocpp.schedules import readable_periods

Payload = dict[str, Any]


def limit_reported(payload: Payload, now: datetime) -> reports.ExternalLimitReported:
    """A limit may come without its schedule (K12.FR.04): then only that there is one is known."""
    limit = payload.get("chargingLimit") or {}
    schedule = _first(payload.get("chargingSchedule"))
    return reports.ExternalLimitReported(
        evse_number=reading.small_number(payload.get("evseId")),
        source=reading.text(limit.get("chargingLimitSource"), 16),
        starts_at=reading.moment(schedule.get("startSchedule"), now),
        is_grid_critical=limit.get("isGridCritical"),
        periods=readable_periods(schedule),
    )


def limit_cleared(payload: Payload) -> reports.ExternalLimitCleared:
    return reports.ExternalLimitCleared(
        evse_number=reading.small_number(payload.get("evseId")),
        source=reading.text(payload.get("chargingLimitSource"), 16),
    )


def profiles_reported(payload: Payload) -> reports.ProfilesReported:
    return reports.ProfilesReported(
        request_id=reading.whole(payload.get("requestId")) or 0,
        evse_number=reading.small_number(payload.get("evseId")),
        source=reading.text(payload.get("chargingLimitSource"), 16),
        profiles=tuple(payload.get("chargingProfile") or ()),
        is_last=payload.get("tbc") is not True,
    )


def needs_told(payload: Payload, now: datetime) -> reports.ChargingNeedsTold:
    """What a car tells over ISO 15118. Energies are in Wh (2.0.1 2.2, 2.19)."""
    needs = payload.get("chargingNeeds") or {}
    direct, alternating = needs.get("dcChargingParameters") or {}, needs.get("acChargingParameters") or {}
    departure = needs.get("departureTime")
    return reports.ChargingNeedsTold(
        evse_number=reading.small_number(payload.get("evseId")),
        at=now,
        soc_percent=reading.number(direct.get("stateOfCharge")),
        energy_wh=reading.number(direct.get("energyAmount") or alternating.get("energyAmount")),
        departure_at=reading.moment(departure, now) if departure else None,
    )


def schedule_told(payload: Payload, now: datetime) -> reports.ScheduleReadBack:
    """What the car means to draw, from ``timeBase`` on."""
    schedule = payload.get("chargingSchedule") or {}
    return reports.ScheduleReadBack(
        evse_number=reading.small_number(payload.get("evseId")),
        starts_at=reading.moment(payload.get("timeBase"), now),
        duration_s=reading.whole(schedule.get("duration")) or 0,
        periods=readable_periods(schedule),
    )


def _first(items: Any) -> Payload:
    return items[0] if items else {}
