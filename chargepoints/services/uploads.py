"""What updates of firmware and uploads of logs have in common: an address, a request, words on the way, an end."""

import secrets
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.command import CommandStatus
from chargepoints.domain.errors import Refused
from chargepoints.models import Command, FirmwareUpdate, LogUpload
from chargepoints.models.maintenance import Ending

Job = TypeVar("Job", FirmwareUpdate, LogUpload)
# What chargers fetch from and upload to (1.6 SupportedFileTransferProtocols).
_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "sftp"})
_LONGEST_URL = 512
# A job that changes its mind all day long would fill its row.
_MOST_WORDS = 100
_ENDINGS = {CommandStatus.REJECTED: Ending.REFUSED, CommandStatus.FAILED: Ending.REFUSED}


def check_url(url: str) -> None:
    """
    :raises Refused: for an address that no charger can use.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname or len(url) > _LONGEST_URL:
        raise Refused(_("Give an address that begins with https, http, ftps, ftp or sftp."), code="address")


def new_request_id() -> int:
    """OCPP's requestId: a positive whole number of 31 bits, not to be mistaken for an older one."""
    return secrets.randbelow(2**31 - 1) + 1


def job_of(jobs: QuerySet[Job], request_id: int | None) -> Job | None:
    """The job that a charger speaks of: the one it names; without a name the newest that runs, else the newest."""
    jobs = jobs.select_for_update().order_by("-pk")
    if request_id is not None and request_id > 0:
        return jobs.filter(request_id=request_id).first()
    return jobs.filter(is_over=False).first() or jobs.first()


def answered(job: Job, command: Command) -> None:
    """The charger's answer to the request. Where it has told its progress already, only a refusal is news."""
    taken = command.status == CommandStatus.ACCEPTED
    ending = "" if taken else _ENDINGS.get(CommandStatus(command.status), Ending.UNDELIVERED)
    if job.history and ending != Ending.REFUSED:
        return
    word = str(command.result.get("status") or ("Accepted" if taken else command.status))
    note(job, word, at=command.settled_at or command.updated_at, ending=ending)


def note(job: Job, word: str, *, at: datetime, ending: str) -> None:
    """A word on the way; ``ending`` empty while more is awaited. The same word again is a sign of life only."""
    job.status, job.status_at = word[:32], at
    if not job.history or job.history[-1][1] != job.status:
        job.history = [*job.history[1 - _MOST_WORDS :], [at.isoformat(), job.status]]
    job.ending, job.is_over = ending, bool(ending)
    job.save(update_fields=["status", "status_at", "history", "ending", "is_over"])


def close(jobs: QuerySet[Job], ending: Ending) -> int:
    """End those of which no more is awaited, how many; their last word stays."""
    return jobs.filter(is_over=False).update(ending=ending, is_over=True)


def close_silent(job: Job, ending: Ending) -> bool:
    """End a job, unless its charger has just told something."""
    return bool(close(type(job).objects.filter(pk=job.pk, status_at=job.status_at), ending))
