"""Limits that did not come from here, and the profiles that a charger says it has (2.0.1 part 2, K12 to K14, K09)."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chargepoints import events, realtime
from chargepoints.domain import intents, reports
from chargepoints.domain.errors import NotAvailable
from chargepoints.models import ChargePoint, Command, Evse, ExternalLimit, ReportedProfile
from chargepoints.selectors.operators import topic_of
from chargepoints.services import commands


@transaction.atomic
def limit_reported(*, charge_point_id: int, report: reports.ExternalLimitReported, now: datetime) -> None:
    """NotifyChargingLimit: a building or the grid set a limit. A newer one of the same source replaces the older."""
    evse = _evse(charge_point_id, report.evse_number)
    _clear(charge_point_id, evse, report.source, now)
    ExternalLimit.objects.create(
        charge_point_id=charge_point_id,
        evse=evse,
        source=report.source[:16],
        is_grid_critical=report.is_grid_critical,
        starts_at=report.starts_at,
        periods=[list(period) for period in report.periods],
        reported_at=now,
    )
    _tell(charge_point_id)


@transaction.atomic
def limit_cleared(*, charge_point_id: int, report: reports.ExternalLimitCleared, now: datetime) -> None:
    """ClearedChargingLimit: the limit of this source holds no more. One that was never told changes nothing."""
    if _clear(charge_point_id, _evse(charge_point_id, report.evse_number), report.source, now):
        _tell(charge_point_id)


def _clear(charge_point_id: int, evse: Evse | None, source: str, now: datetime) -> int:
    limits = ExternalLimit.objects.filter(charge_point_id=charge_point_id, evse=evse, source=source[:16])
    return limits.filter(cleared_at=None).update(cleared_at=now)


def _evse(charge_point_id: int, number: int) -> Evse | None:
    """None is the whole charger; so is an EVSE that nobody knows, as a limit too many does no harm."""
    return Evse.objects.filter(charge_point_id=charge_point_id, number=number).first() if number else None


def _tell(charge_point_id: int) -> None:
    events.announce(events.external_limit_changed, charge_point_id=charge_point_id)
    realtime.nudge(*topic_of(charge_point_id, "locations"))


def ask_profiles(
    *,
    charge_point: ChargePoint,
    now: datetime,
    evse_number: int | None = None,
    purpose: str = "",
    requested_by: Any = None,
) -> Command:
    """Ask a 2.0.1 charger for the profiles that it has, whoever put them there; None: of all EVSEs, 0: the whole's own.

    :raises NotAvailable: its version has no such question.
    """
    if charge_point.ocpp_version != "2.0.1":
        raise NotAvailable(_("This charger cannot tell its profiles."))
    intent = intents.GetChargingProfiles(secrets.randbelow(2**31 - 1) + 1, evse_number, purpose)
    return commands.enqueue(
        charge_point=charge_point, intent=intent, now=now, requested_by=requested_by, supersede_key="profiles"
    )


@transaction.atomic
def profiles_reported(*, charge_point_id: int, report: reports.ProfilesReported, now: datetime) -> None:
    """One part of ReportChargingProfiles. A part that comes again counts once; an older request's answer goes."""
    mine = ReportedProfile.objects.select_for_update().filter(charge_point_id=charge_point_id)
    mine.exclude(request_id=report.request_id).delete()
    ChargePoint.objects.select_for_update().get(pk=charge_point_id)
    known = set(mine.filter(evse_number=report.evse_number).values_list("profile_id", flat=True))
    rows = [_reported(charge_point_id, report, profile, now) for profile in report.profiles]
    ReportedProfile.objects.bulk_create(row for row in rows if row.profile_id not in known)
    realtime.nudge(*topic_of(charge_point_id, "locations"))


def _reported(
    charge_point_id: int, report: reports.ProfilesReported, profile: dict[str, object], now: datetime
) -> ReportedProfile:
    return ReportedProfile(
        charge_point_id=charge_point_id,
        evse_number=report.evse_number,
        request_id=report.request_id,
        profile_id=_whole(profile.get("id")),
        purpose=str(profile.get("chargingProfilePurpose") or "")[:40],
        source=report.source[:16],
        stack_level=min(max(_whole(profile.get("stackLevel")), 0), 32_767),
        payload=profile,
        reported_at=now,
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) and abs(value) < 2**63 else 0
