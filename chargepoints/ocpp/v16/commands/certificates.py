"""Certificates of the security extension (whitepaper ed. 3, 5)."""

from datetime import datetime

from chargepoints.domain import intents, reports
from chargepoints.domain.certificate import CertificateHash
from chargepoints.ocpp import reading
from chargepoints.ocpp.version import Request
from chargepoints.ocpp.words import Payload, Words, status_in


def _install(intent: intents.InstallCertificate) -> Request:
    return Request("InstallCertificate", {"certificateType": intent.use, "certificate": intent.pem})


def _delete(intent: intents.DeleteCertificate) -> Request:
    data = {
        "hashAlgorithm": intent.hash_algorithm,
        "issuerNameHash": intent.issuer_name_hash,
        "issuerKeyHash": intent.issuer_key_hash,
        "serialNumber": intent.serial_number,
    }
    return Request("DeleteCertificate", {"certificateHashData": data})


def _ask_installed(intent: intents.GetInstalledCertificates) -> Request:
    return Request("GetInstalledCertificateIds", {"certificateType": intent.use})


def _installed(
    intent: intents.GetInstalledCertificates, answer: Payload, now: datetime
) -> reports.CertificatesReported:
    told = answer.get("certificateHashData") or () if answer["status"] == "Accepted" else ()
    return reports.CertificatesReported(intent.use, tuple(_hash(one) for one in told if isinstance(one, dict)))


def _hash(one: Payload) -> CertificateHash:
    return CertificateHash(
        algorithm=reading.text(one.get("hashAlgorithm"), 8),
        issuer_name_hash=reading.text(one.get("issuerNameHash"), 128),
        issuer_key_hash=reading.text(one.get("issuerKeyHash"), 128),
        serial_number=reading.text(one.get("serialNumber"), 40),
    )


def _send_signed(intent: intents.SendSignedCertificate) -> Request:
    return Request("CertificateSigned", {"certificateChain": intent.pem})


# "NotFound": what was to go is not there, or there are none. Both are what was asked.
_OR_NONE = status_in("Accepted", "NotFound")
WORDS = {
    intents.InstallCertificate.kind: Words(_install),
    intents.DeleteCertificate.kind: Words(_delete, _OR_NONE),
    intents.GetInstalledCertificates.kind: Words(_ask_installed, _OR_NONE, _installed),
    intents.SendSignedCertificate.kind: Words(_send_signed),
}
