"""Block K: limits that come from elsewhere, the profiles that a charger has, what a car wants."""

from typing import Any

from chargepoints.ocpp import database
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.v201 import charging
from chargepoints.ocpp.version import Handler
from chargepoints.services import ev_wishes, external_limits

Payload = dict[str, Any]


async def notify_charging_limit(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = charging.limit_reported(payload, now)
    await database.run(external_limits.limit_reported, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def cleared_charging_limit(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = charging.limit_cleared(payload)
    await database.run(external_limits.limit_cleared, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def report_charging_profiles(link: Link, payload: Payload) -> Payload:
    now = link.now()
    report = charging.profiles_reported(payload)
    await database.run(external_limits.profiles_reported, charge_point_id=link.charge_point_id, report=report, now=now)
    return {}


async def notify_ev_charging_needs(link: Link, payload: Payload) -> Payload:
    """ "Processing": the session's plan is made anew and sent as soon as it is there (K15.FR.03)."""
    now = link.now()
    report = charging.needs_told(payload, now)
    is_known = await database.run(ev_wishes.needs_told, charge_point_id=link.charge_point_id, report=report, now=now)
    return {"status": "Processing" if is_known else "Rejected"}


async def notify_ev_charging_schedule(link: Link, payload: Payload) -> Payload:
    """What a car means to draw beyond its limits is refused: the charger negotiates again (K16, K17)."""
    report = charging.schedule_told(payload, link.now())
    fits = await database.run(ev_wishes.schedule_fits, charge_point_id=link.charge_point_id, report=report)
    return {"status": "Accepted" if fits else "Rejected"}


HANDLERS: dict[str, Handler] = {
    "ClearedChargingLimit": cleared_charging_limit,
    "NotifyChargingLimit": notify_charging_limit,
    "NotifyEVChargingNeeds": notify_ev_charging_needs,
    "NotifyEVChargingSchedule": notify_ev_charging_schedule,
    "ReportChargingProfiles": report_charging_profiles,
}
