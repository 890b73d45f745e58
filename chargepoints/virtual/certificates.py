"""The charger's certificates: those of others that it trusts, and its own key and request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from .outbox import Entry, Payload

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint


@dataclass(frozen=True)
class Held:
    """One installed certificate, by OCPP's kind of it and the hashes that name it on the wire."""

    kind: str
    certificate: x509.Certificate

    @property
    def hash_data(self) -> Payload:
        """CertificateHashDataType, the same as OCSP's CertID (RFC 6960 4.1.1). Of a root the issuer is itself."""
        asked = ocsp.OCSPRequestBuilder().add_certificate(self.certificate, self.certificate, hashes.SHA256()).build()
        return {
            "hashAlgorithm": "SHA256",
            "issuerNameHash": asked.issuer_name_hash.hex(),
            "issuerKeyHash": asked.issuer_key_hash.hex(),
            "serialNumber": f"{asked.serial_number:x}"[:40],
        }


class Certificates:
    """The store of one charger."""

    def __init__(self, charge_point: VirtualChargePoint) -> None:
        self._charge_point = charge_point
        self._held: list[Held] = []
        self._key: ec.EllipticCurvePrivateKey | None = None
        self.own: x509.Certificate | None = None

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held)

    def of_kind(self, kind: str) -> list[Held]:
        """The installed ones of one kind."""
        return [held for held in self._held if held.kind == kind]

    def is_readable(self, pem: str) -> bool:
        """Whether the text is a certificate at all."""
        return _read(pem) is not None

    def install(self, kind: str, pem: str) -> str:
        """The status of InstallCertificate."""
        certificate = _read(pem)
        if certificate is None or len(self._held) >= self._charge_point.variables.number("certificates_max"):
            return "Rejected"
        self._held = [held for held in self._held if held.certificate != certificate or held.kind != kind]
        self._held.append(Held(kind, certificate))
        return "Accepted"

    def delete(self, hash_data: Payload) -> str:
        """The status of DeleteCertificate."""
        kept = [held for held in self._held if held.hash_data != hash_data]
        found, self._held = len(kept) < len(self._held), kept
        return "Accepted" if found else "NotFound"

    def request(self) -> None:
        """SignCertificate, with a new key."""
        charge_point = self._charge_point
        self._key = ec.generate_private_key(ec.SECP256R1())
        names = [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, charge_point.variables["organization"]),
            x509.NameAttribute(NameOID.COMMON_NAME, charge_point.identity),
        ]
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
        csr = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
        charge_point.link.outbox.put(Entry("SignCertificate", {"csr": csr}))

    def take_signed(self, chain: str) -> str:
        """The status of CertificateSigned: the first of the chain must fit the key that the request was made with."""
        certificate = _read(chain)
        if certificate is None or self._key is None or certificate.public_key() != self._key.public_key():
            self._charge_point.security_event("InvalidChargePointCertificate")
            return "Rejected"
        self.own = certificate
        return "Accepted"


def _read(pem: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return None
