"""Updates of firmware: asked for, followed, and closed where a charger falls silent."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints import realtime
from chargepoints.domain import clock, intents, maintenance, reports
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint, Command, FirmwareUpdate
from chargepoints.models.maintenance import Ending
from chargepoints.selectors.operators import topic_of
from chargepoints.services import commands, uploads

# A charger that is away gets it when it is back within a day of the moment it was meant for.
_VALIDITY = timedelta(days=1)


@transaction.atomic
def ask(
    *,
    charge_point: ChargePoint,
    url: str,
    retrieve_at: datetime,
    now: datetime,
    install_at: datetime | None = None,
    signing_certificate: str = "",
    signature: str = "",
    retries: int | None = None,
    retry_interval_s: int | None = None,
    requested_by: Any = None,
) -> FirmwareUpdate:
    """Have a charger fetch and install firmware. With ``signing_certificate`` (PEM) and ``signature`` (base64) a 1.6
    charger is asked by SignedUpdateFirmware.

    :raises Refused: the address is none, or one of certificate and signature is missing.
    """
    uploads.check_url(url)
    if bool(signing_certificate) != bool(signature):
        raise Refused(_("A signed update needs both the certificate and the signature."), code="signature")
    intent = intents.UpdateFirmware(
        request_id=uploads.new_request_id(),
        url=url,
        retrieve_at=retrieve_at,
        install_at=install_at,
        signing_certificate=signing_certificate,
        signature=signature,
        retries=retries,
        retry_interval_s=retry_interval_s,
    )
    uploads.close(_running(charge_point.pk).filter(command__status=CommandStatus.QUEUED), Ending.REPLACED)
    command = commands.enqueue(
        charge_point=charge_point,
        intent=intent,
        now=now,
        requested_by=requested_by,
        supersede_key="firmware",
        valid_for=max(retrieve_at - now, timedelta()) + _VALIDITY,
    )
    return _remember(charge_point, intent, command, now)


def _running(charge_point_id: int) -> QuerySet[FirmwareUpdate]:
    return FirmwareUpdate.objects.filter(charge_point_id=charge_point_id, is_over=False)


def _remember(
    charge_point: ChargePoint, intent: intents.UpdateFirmware, command: Command, now: datetime
) -> FirmwareUpdate:
    return FirmwareUpdate.objects.create(
        charge_point=charge_point,
        command=command,
        request_id=intent.request_id,
        url=intent.url,
        retrieve_at=intent.retrieve_at,
        install_at=intent.install_at,
        signing_certificate=intent.signing_certificate,
        signature=intent.signature,
        version_before=_version_of(charge_point.pk),
        status_at=now,
        created_at=now,
    )


def _version_of(charge_point_id: int) -> str:
    """As the row has it now: a boot may have come since the caller read it."""
    return ChargePoint.objects.values_list("firmware_version", flat=True).get(pk=charge_point_id)


@commands.on_settled(intents.UpdateFirmware.kind)
def _answered(command: Command) -> None:
    update = FirmwareUpdate.objects.select_for_update().filter(command=command).first()
    if update is None:
        return
    uploads.answered(update, command)
    if not update.is_over:
        uploads.close(_running(update.charge_point_id).filter(pk__lt=update.pk), Ending.REPLACED)
    _tell(update)


@transaction.atomic
def progress(*, charge_point_id: int, report: reports.FirmwareProgress, now: datetime) -> None:
    """How far an update is. A charger that updates without having been asked is followed as well."""
    at = min(clock.corrected(report.at, now), now)
    update = uploads.job_of(FirmwareUpdate.objects.filter(charge_point_id=charge_point_id), report.request_id)
    if update is None or (update.is_over and update.ending in (Ending.DONE, Ending.REPLACED) and _begins(report)):
        update = _unasked(charge_point_id, report, now)
    if update is None:
        return
    uploads.note(update, report.status, at=at, ending=_ending(update, report.status))
    _tell(update)


def _begins(report: reports.FirmwareProgress) -> bool:
    """A word without a number that cannot be about an update that is over."""
    return report.request_id is None and report.status == "Downloading"


def _ending(update: FirmwareUpdate, status: str) -> str:
    if status in maintenance.FIRMWARE_DONE:
        return Ending.DONE
    if status in maintenance.FIRMWARE_FAILED:
        return Ending.FAILED
    return update.ending if status == maintenance.IDLE or update.ending == Ending.REPLACED else ""


def _unasked(charge_point_id: int, report: reports.FirmwareProgress, now: datetime) -> FirmwareUpdate | None:
    """An update that somebody else began; a charger that has nothing to do has none."""
    if report.status == maintenance.IDLE:
        return None
    return FirmwareUpdate.objects.create(
        charge_point_id=charge_point_id,
        request_id=report.request_id or 0,
        retrieve_at=now,
        version_before=_version_of(charge_point_id),
        status_at=now,
        created_at=now,
    )


def sweep(*, now: datetime) -> int:
    """Close every update whose charger fell silent; how many. A later word of it counts all the same."""
    closed = 0
    for update in FirmwareUpdate.objects.filter(is_over=False).select_related("charge_point"):
        due_at = max(update.retrieve_at, update.install_at or update.retrieve_at)
        silent = maintenance.is_silent(
            last_word_at=update.status_at, due_at=due_at, now=now, patience=maintenance.FIRMWARE_SILENCE
        )
        if silent and uploads.close_silent(update, _how_it_seems(update)):
            _tell(update)
            closed += 1
    return closed


def _how_it_seems(update: FirmwareUpdate) -> Ending:
    """A charger that restarted with another version has most likely done what it was asked."""
    version = update.charge_point.firmware_version
    return Ending.NEW_VERSION if version and version != update.version_before else Ending.SILENT


def _tell(update: FirmwareUpdate) -> None:
    realtime.nudge(*topic_of(update.charge_point_id, "locations"))
