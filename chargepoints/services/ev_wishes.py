"""What cars tell of themselves over ISO 15118 (2.0.1 K15 to K17).

The plan of a session is made from what its driver said; a car adds its state of charge, and is held to its limits.
"""

from datetime import datetime

from django.db import transaction

from chargepoints.domain import reports
from chargepoints.domain.charging_profile import limit_at
from chargepoints.domain.intents import Period
from chargepoints.domain.metering import SOC, Sample
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargingProfile, Transaction
from chargepoints.services import metering

# Rounding on the way through amperes and back is no excess.
_TOLERANCE_W = 100.0


@transaction.atomic
def needs_told(*, charge_point_id: int, report: reports.ChargingNeedsTold, now: datetime) -> bool:
    """Keep the battery's state of charge as a reading, so that plans see it; whether there is a session to plan."""
    if _running(charge_point_id, report.evse_number) is None:
        return False
    if report.soc_percent is not None:
        sample = Sample(at=report.at, measurand=SOC, value=report.soc_percent, unit="%", location="EV", context="Other")
        told = reports.MeterValuesReported(evse_number=report.evse_number, samples=(sample,))
        metering.store(charge_point_id=charge_point_id, report=told, now=now)
    return True


def schedule_fits(*, charge_point_id: int, report: reports.ScheduleReadBack) -> bool:
    """Whether what a car means to draw stays within the plan that its session has; without a plan it does."""
    session = _running(charge_point_id, report.evse_number)
    plan = session and _plan(session)
    if not plan:
        return True
    limits = [Period(int(start_s), float(limit_w)) for start_s, limit_w in plan.periods]
    offset_s = (report.starts_at - plan.starts_at).total_seconds()
    moments = {start_s for start_s, _ in report.periods} | {
        limit.start_s - offset_s for limit in limits if limit.start_s > offset_s
    }
    return all(_within(report, limits, moment, offset_s) for moment in moments if _is_meant(report, moment))


def _is_meant(report: reports.ScheduleReadBack, moment_s: float) -> bool:
    return not report.duration_s or moment_s < report.duration_s


def _within(report: reports.ScheduleReadBack, limits: list[Period], moment_s: float, offset_s: float) -> bool:
    wanted = limit_at([Period(start_s, limit_w) for start_s, limit_w in report.periods], moment_s)
    allowed = limit_at(limits, moment_s + offset_s)
    return wanted is None or allowed is None or wanted <= max(allowed, 0.0) + _TOLERANCE_W


def _plan(session: Transaction) -> ChargingProfile | None:
    known = [ChargingProfile.Status.ACCEPTED, ChargingProfile.Status.SENT]
    return session.charging_profiles.filter(purpose=ChargingProfile.Purpose.TX, status__in=known).first()


def _running(charge_point_id: int, evse_number: int) -> Transaction | None:
    return Transaction.objects.filter(
        charge_point_id=charge_point_id, evse__number=evse_number, state=TransactionState.ACTIVE
    ).first()
