"""Certificates of chargers: what OCPP tells of them (CertificateHashDataType), and what a PEM says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class CertificateHash:
    """Hashes in hexadecimal, as OCPP writes them (security whitepaper ed. 3, 6.2)."""

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Equal for the same certificate, however a charger writes its digits."""
        serial = self.serial_number.lower().lstrip("0") or "0"
        return self.algorithm.upper(), self.issuer_name_hash.lower(), self.issuer_key_hash.lower(), serial


def same(one: CertificateHash, others: Sequence[CertificateHash]) -> CertificateHash | None:
    """Which of them means the same certificate. Firmware hashes the issuer's key in more ways than the standard has:
    a serial number that only one has tells as well."""
    exact = [other for other in others if other.key == one.key]
    by_serial = [other for other in others if other.key[-1] == one.key[-1] != "0"]
    return exact[0] if exact else by_serial[0] if len(by_serial) == 1 else None


def read(pem: str) -> x509.Certificate:
    """The first certificate of a PEM chain.

    :raises ValueError: when there is none.
    """
    return x509.load_pem_x509_certificates(pem.encode())[0]


def read_request(pem: str) -> x509.CertificateSigningRequest:
    """A certificate signing request whose signature is right: who sent it has the key.

    :raises ValueError: when it is none.
    """
    request = x509.load_pem_x509_csr(pem.encode())
    if not request.is_signature_valid:
        raise ValueError("the signature of the request is wrong")
    return request


def is_for(certificate: x509.Certificate, request: x509.CertificateSigningRequest) -> bool:
    """Whether a certificate has the key that was asked for."""
    return _spki(certificate.public_key()) == _spki(request.public_key())


def names_of(certificate: x509.Certificate) -> set[str]:
    """The common names of its subject, in lower case: of a charger, its identity or serial number."""
    return {str(name.value).casefold() for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}


def counts(certificate: x509.Certificate, authorities: Sequence[x509.Certificate], now: datetime) -> bool:
    """Whether it is in force, meant for clients, and signed by one of the authorities, which is in force itself.

    Between an authority and the certificate no other stands: a server is shown the certificate alone.
    """
    return (
        _is_in_force(certificate, now)
        and _is_for_clients(certificate)
        and any(_is_in_force(authority, now) and _signed(certificate, authority) for authority in authorities)
    )


def _is_in_force(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _is_for_clients(certificate: x509.Certificate) -> bool:
    """What says nothing of its use may be used for all (RFC 5280 4.2.1.12)."""
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.CLIENT_AUTH in uses or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in uses


def _signed(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def has_key_of(certificate: x509.Certificate, other: x509.Certificate) -> bool:
    """Whether two certificates are for the same key."""
    return _spki(certificate.public_key()) == _spki(other.public_key())


def hash_of_root(certificate: x509.Certificate) -> CertificateHash:
    """What a charger will call a root: OCSP's CertID (RFC 6960 4.1.1), with the root as its own issuer."""
    asked = ocsp.OCSPRequestBuilder().add_certificate(certificate, certificate, hashes.SHA256()).build()
    return CertificateHash(
        algorithm="SHA256",
        issuer_name_hash=asked.issuer_name_hash.hex(),
        issuer_key_hash=asked.issuer_key_hash.hex(),
        serial_number=f"{asked.serial_number:x}",
    )


def valid_to(certificate: x509.Certificate) -> datetime:
    return certificate.not_valid_after_utc


def _spki(key: CertificatePublicKeyTypes) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
