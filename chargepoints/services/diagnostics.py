"""Logs that chargers upload, and the security events that they report."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from chargepoints import realtime
from chargepoints.domain import clock, intents, maintenance, reports
from chargepoints.domain.command import CommandStatus
from chargepoints.models import ChargePoint, Command, LogUpload, SecurityEvent
from chargepoints.models.maintenance import Ending
from chargepoints.selectors.operators import topic_of
from chargepoints.services import answers, commands, uploads

_KINDS = {"diagnostics": LogUpload.Kind.DIAGNOSTICS, "security": LogUpload.Kind.SECURITY}
# Logs are asked for because somebody wonders now.
_VALIDITY = timedelta(hours=6)


@transaction.atomic
def ask_log(
    *,
    charge_point: ChargePoint,
    log: str,
    url: str,
    now: datetime,
    oldest_at: datetime | None = None,
    latest_at: datetime | None = None,
    retries: int | None = None,
    retry_interval_s: int | None = None,
    extended: bool = False,
    requested_by: Any = None,
) -> LogUpload:
    """Have a charger upload a log: "diagnostics" or "security". ``extended``: a 1.6 charger is asked for its
    diagnostics by GetLog, which only those with the security extension know.

    :raises Refused: the address is none.
    """
    uploads.check_url(url)
    intent = intents.GetLog(
        request_id=uploads.new_request_id(),
        log=log,
        url=url,
        oldest_at=oldest_at,
        latest_at=latest_at,
        retries=retries,
        retry_interval_s=retry_interval_s,
        extended=extended or log == "security",
    )
    unsent = _running(charge_point.pk).filter(kind=_KINDS[log], command__status=CommandStatus.QUEUED)
    uploads.close(unsent, Ending.REPLACED)
    command = commands.enqueue(
        charge_point=charge_point,
        intent=intent,
        now=now,
        requested_by=requested_by,
        supersede_key=f"log:{log}",
        valid_for=_VALIDITY,
    )
    return LogUpload.objects.create(
        charge_point=charge_point,
        command=command,
        request_id=intent.request_id,
        kind=_KINDS[log],
        url=url,
        status_at=now,
        created_at=now,
    )


def _running(charge_point_id: int) -> QuerySet[LogUpload]:
    return LogUpload.objects.filter(charge_point_id=charge_point_id, is_over=False)


@commands.on_settled(intents.GetLog.kind)
def _answered(command: Command) -> None:
    """AcceptedCanceled: the charger gave up an older upload for this one."""
    upload = LogUpload.objects.select_for_update().filter(command=command).first()
    if upload is None:
        return
    uploads.answered(upload, command)
    if command.result.get("status") == "AcceptedCanceled":
        uploads.close(_running(upload.charge_point_id).filter(pk__lt=upload.pk), Ending.REPLACED)
    _tell(upload.charge_point_id)


@answers.keeps(reports.LogNamed)
def _keep_name(command: Command, report: reports.LogNamed, now: datetime) -> None:
    upload = LogUpload.objects.filter(command=command)
    upload.update(file_name=report.file_name[:255])
    if not report.file_name:
        uploads.close(upload, Ending.DONE)


@transaction.atomic
def progress(*, charge_point_id: int, report: reports.LogProgress, now: datetime) -> None:
    """How far an upload is. One that nobody here asked for is none of ours."""
    at = min(clock.corrected(report.at, now), now)
    upload = uploads.job_of(LogUpload.objects.filter(charge_point_id=charge_point_id), report.request_id)
    if upload is None:
        return
    uploads.note(upload, report.status, at=at, ending=_ending(upload, report.status))
    _tell(charge_point_id)


def _ending(upload: LogUpload, status: str) -> str:
    if status in maintenance.LOG_DONE:
        return Ending.DONE
    if status in maintenance.LOG_FAILED:
        return Ending.FAILED
    return upload.ending if status == maintenance.IDLE or upload.ending == Ending.REPLACED else ""


def sweep(*, now: datetime) -> int:
    """Close every upload whose charger fell silent; how many."""
    closed = 0
    for upload in LogUpload.objects.filter(is_over=False):
        silent = maintenance.is_silent(
            last_word_at=upload.status_at, due_at=upload.created_at, now=now, patience=maintenance.LOG_SILENCE
        )
        if silent and uploads.close_silent(upload, Ending.SILENT):
            _tell(upload.charge_point_id)
            closed += 1
    return closed


def keep_event(*, charge_point_id: int, report: reports.SecurityEventReported, now: datetime) -> None:
    """Keep a security event; one that is told again after a reconnect counts once."""
    _, is_new = SecurityEvent.objects.get_or_create(
        charge_point_id=charge_point_id,
        type=report.type[:50],
        at=min(clock.corrected(report.at, now), now),
        info=report.info[:255],
        defaults={"is_critical": maintenance.is_critical(report.type), "received_at": now},
    )
    if is_new:
        _tell(charge_point_id)


def _tell(charge_point_id: int) -> None:
    realtime.nudge(*topic_of(charge_point_id, "locations"))
