"""Certificates of chargers: what they ask to be signed, and the roots that they trust (security whitepaper ed. 3, 5).

Nothing is signed here: a request is kept until somebody brings the certificate that belongs to it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints import realtime
from chargepoints.domain import certificate as domain
from chargepoints.domain import intents, reports
from chargepoints.domain.certificate import CertificateHash
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint, ChargerCertificate, Command
from chargepoints.selectors.operators import topic_of
from chargepoints.services import answers, commands

_Kind, _Status = ChargerCertificate.Kind, ChargerCertificate.Status
_OWN = _Kind.CHARGE_POINT
_ROOTS = frozenset({_Kind.CENTRAL_SYSTEM_ROOT, _Kind.MANUFACTURER_ROOT})
# Whitepaper ed. 3, 6.5 and 6.1: more does not fit into the messages.
_LONGEST_ROOT, _LONGEST_CHAIN = 5_500, 10_000
_VALIDITY = timedelta(days=1)
_MOST_REFUSED = 20
_REPLACED = "replaced"
_GONE = "not in the charger any more"
_FOUND = "told by the charger"


@transaction.atomic
def request_signing(*, charge_point_id: int, signing_request: str, now: datetime) -> bool:
    """Keep a charger's signing request (SignCertificate); whether it is one. A repeat is kept once."""
    mine = ChargerCertificate.objects.filter(charge_point_id=charge_point_id, kind=_OWN)
    if known := mine.filter(signing_request=signing_request).first():
        return known.status != _Status.REFUSED
    try:
        domain.read_request(signing_request)
        status, reason = _Status.REQUESTED, ""
    except ValueError as error:
        status, reason = _Status.REFUSED, str(error)[:200]
    # Whoever asks anew has thrown the older key away.
    mine.filter(status=_Status.REQUESTED).update(status=_Status.REFUSED, reason=_REPLACED, status_at=now)
    row = _new(charge_point_id, _OWN, status, now, signing_request=signing_request, reason=reason)
    _forget_requests(mine)
    _tell(row)
    return status == _Status.REQUESTED


def _forget_requests(mine: QuerySet[ChargerCertificate]) -> None:
    """Of requests that came to nothing the last ones tell enough: some firmware asks anew every minute."""
    came_to_nothing = mine.filter(status=_Status.REFUSED, pem="").order_by("-pk")
    mine.filter(pk__in=list(came_to_nothing.values_list("pk", flat=True)[_MOST_REFUSED:])).delete()


@transaction.atomic
def send_signed(*, certificate: ChargerCertificate, pem: str, now: datetime, requested_by: Any = None) -> Command:
    """Send a charger the certificate (PEM, its chain after it) for a request of its.

    :raises Refused: it is no certificate, not for this request's key, or the request is not open any more.
    """
    if certificate.status != _Status.REQUESTED:
        raise Refused(_("This request is not open any more."), code="closed")
    read = _read(pem, _LONGEST_CHAIN)
    if not domain.is_for(read, domain.read_request(certificate.signing_request)):
        raise Refused(_("This certificate is for another key."), code="key")
    command = _enqueue(certificate.charge_point, intents.SendSignedCertificate(pem=pem), now, requested_by)
    certificate.pem, certificate.valid_to = pem, domain.valid_to(read)
    _move(certificate, _Status.SENT, now, command=command)
    return command


@commands.on_settled(intents.SendSignedCertificate.kind)
def _signed_answered(command: Command) -> None:
    """The one before it is not used any more."""
    row = ChargerCertificate.objects.filter(command=command, kind=_OWN).first()
    if row is None:
        return
    if _conclude(row, command) == _Status.INSTALLED:
        _replace_older(row)


@transaction.atomic
def install(
    *, charge_point: ChargePoint, use: str, pem: str, now: datetime, requested_by: Any = None
) -> ChargerCertificate:
    """Give a charger a root to trust: ``use`` "CentralSystemRootCertificate" or "ManufacturerRootCertificate".

    :raises Refused: it is no certificate, or there is no such use.
    """
    _check_use(use)
    read = _read(pem, _LONGEST_ROOT)
    command = _enqueue(charge_point, intents.InstallCertificate(use=use, pem=pem), now, requested_by)
    row = _new(
        charge_point.pk,
        _Kind(use),
        _Status.SENT,
        now,
        pem=pem,
        hash_data=_data(domain.hash_of_root(read)),
        valid_to=domain.valid_to(read),
        command=command,
    )
    _tell(row)
    return row


@commands.on_settled(intents.InstallCertificate.kind)
def _install_answered(command: Command) -> None:
    row = ChargerCertificate.objects.filter(command=command, kind__in=_ROOTS).first()
    if row is not None and _conclude(row, command) == _Status.INSTALLED:
        _replace_older(row, hash_data=row.hash_data)


@transaction.atomic
def delete(*, certificate: ChargerCertificate, now: datetime, requested_by: Any = None) -> Command:
    """Take a root out of a charger.

    :raises Refused: it is not in the charger, or it is the charger's own.
    """
    if certificate.status != _Status.INSTALLED or certificate.kind not in _ROOTS:
        raise Refused(_("This certificate cannot be deleted."), code="state")
    told = certificate.hash_data
    intent = intents.DeleteCertificate(
        hash_algorithm=told["hashAlgorithm"],
        issuer_name_hash=told["issuerNameHash"],
        issuer_key_hash=told["issuerKeyHash"],
        serial_number=told["serialNumber"],
    )
    command = _enqueue(certificate.charge_point, intent, now, requested_by)
    ChargerCertificate.objects.filter(pk=certificate.pk).update(command=command)
    return command


@commands.on_settled(intents.DeleteCertificate.kind)
def _delete_answered(command: Command) -> None:
    """ "NotFound" is as good. A charger that fails to delete it has it still."""
    row = ChargerCertificate.objects.filter(command=command, kind__in=_ROOTS, status=_Status.INSTALLED).first()
    if row is None:
        return
    at = command.settled_at or command.updated_at
    status = _Status.DELETED if command.status == CommandStatus.ACCEPTED else _Status.INSTALLED
    _move(row, status, at, reason=_answer_of(command))


def ask_installed(*, charge_point: ChargePoint, use: str, now: datetime, requested_by: Any = None) -> Command:
    """Ask which roots of a use a charger has.

    :raises Refused: there is no such use.
    """
    _check_use(use)
    return _enqueue(charge_point, intents.GetInstalledCertificates(use=use), now, requested_by)


@answers.keeps(reports.CertificatesReported)
@transaction.atomic
def _keep_installed(command: Command, report: reports.CertificatesReported, now: datetime) -> None:
    """The charger knows best what it has: rows are brought in step with it."""
    left = list(report.certificates)
    rows = ChargerCertificate.objects.filter(charge_point_id=command.charge_point_id, kind=report.use)
    for row in rows.filter(status__in=[_Status.INSTALLED, _Status.SENT]).exclude(hash_data={}):
        found = domain.same(_hash(row), left)
        if found is not None:
            left.remove(found)
            # It is deleted by the words that the charger itself has for it.
            _move(row, _Status.INSTALLED, now, hash_data=_data(found))
        elif row.status == _Status.INSTALLED:
            _move(row, _Status.DELETED, now, reason=_GONE)
    for one in left:
        _new(command.charge_point_id, _Kind(report.use), _Status.INSTALLED, now, hash_data=_data(one), reason=_FOUND)


def open_requests() -> QuerySet[ChargerCertificate]:
    """What waits to be signed."""
    return ChargerCertificate.objects.filter(kind=_OWN, status=_Status.REQUESTED)


def _check_use(use: str) -> None:
    if use not in _ROOTS:
        raise Refused(_("There is no such use of a certificate."), code="use")


def _read(pem: str, longest: int) -> Any:
    try:
        if len(pem) > longest:
            raise ValueError("too long")
        return domain.read(pem)
    except ValueError as error:
        raise Refused(_("This is no certificate that a charger can take (PEM)."), code="pem") from error


def _enqueue(charge_point: ChargePoint, intent: intents.Intent, now: datetime, requested_by: Any) -> Command:
    return commands.enqueue(
        charge_point=charge_point, intent=intent, now=now, requested_by=requested_by, valid_for=_VALIDITY
    )


def _conclude(row: ChargerCertificate, command: Command) -> str:
    status = _Status.INSTALLED if command.status == CommandStatus.ACCEPTED else _Status.REFUSED
    reason = "" if status == _Status.INSTALLED else _answer_of(command)
    _move(row, status, command.settled_at or command.updated_at, reason=reason)
    return status


def _replace_older(row: ChargerCertificate, **same: Any) -> None:
    older = ChargerCertificate.objects.filter(
        charge_point_id=row.charge_point_id, kind=row.kind, status=_Status.INSTALLED, **same
    )
    older.exclude(pk=row.pk).update(status=_Status.DELETED, reason=_REPLACED, status_at=row.status_at)


def _answer_of(command: Command) -> str:
    return str(command.result.get("status") or command.error or command.status)[:200]


def _new(
    charge_point_id: int, kind: ChargerCertificate.Kind, status: ChargerCertificate.Status, now: datetime, **values: Any
) -> ChargerCertificate:
    return ChargerCertificate.objects.create(
        charge_point_id=charge_point_id, kind=kind, status=status, created_at=now, status_at=now, **values
    )


def _move(row: ChargerCertificate, status: str, now: datetime, *, reason: str = "", **values: Any) -> None:
    for name, value in {"status": status, "status_at": now, "reason": reason, **values}.items():
        setattr(row, name, value)
    row.save()
    _tell(row)


def _data(one: CertificateHash) -> dict[str, str]:
    return {
        "hashAlgorithm": one.algorithm,
        "issuerNameHash": one.issuer_name_hash,
        "issuerKeyHash": one.issuer_key_hash,
        "serialNumber": one.serial_number,
    }


def _hash(row: ChargerCertificate) -> CertificateHash:
    told = row.hash_data
    return CertificateHash(told["hashAlgorithm"], told["issuerNameHash"], told["issuerKeyHash"], told["serialNumber"])


def _tell(row: ChargerCertificate) -> None:
    realtime.nudge(*topic_of(row.charge_point_id, "locations"))
