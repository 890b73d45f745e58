"""Security profile 3: a charger that proves who it is by a certificate of its own (1.6 whitepaper A00, 2.0.1 A00).

TLS has shown that it holds the key. Whether the certificate counts is decided here: the proxy passes it on unjudged.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from django.conf import settings

from chargepoints.domain import certificate as domain
from chargepoints.models import ChargePoint, ChargerCertificate

_Kind, _Status = ChargerCertificate.Kind, ChargerCertificate.Status


def are_known() -> bool:
    """Whether an authority is set whose certificates count."""
    return bool(settings.CHARGER_CA)


def is_shown(*, charge_point: ChargePoint, pem: str, now: datetime) -> bool:
    """Whether the certificate is this charger's: in force, by an authority of ours, in its name, and not replaced."""
    if not pem or not are_known():
        return False
    try:
        shown = domain.read(pem)
    except ValueError:
        return False
    names = {charge_point.identity.casefold(), charge_point.serial_number.casefold()} - {""}
    is_named = bool(domain.names_of(shown) & names)
    return (
        is_named and domain.counts(shown, _authorities(settings.CHARGER_CA), now) and not _is_gone(charge_point, shown)
    )


def _is_gone(charge_point: ChargePoint, shown: x509.Certificate) -> bool:
    """A key that another one has taken the place of, here or in the charger, opens nothing any more."""
    own = ChargerCertificate.objects.filter(charge_point=charge_point, kind=_Kind.CHARGE_POINT).exclude(pem="")
    kept = [(row.status, domain.read(row.pem)) for row in own.only("status", "pem")]
    statuses = {status for status, certificate in kept if domain.has_key_of(shown, certificate)}
    return bool(statuses) and statuses <= {_Status.DELETED, _Status.REFUSED}


@cache
def _authorities(path: str) -> tuple[x509.Certificate, ...]:
    """Read once: another file is taken at the next start."""
    return tuple(x509.load_pem_x509_certificates(Path(path).read_bytes()))
