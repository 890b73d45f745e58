"""OCPP 2.0.1: certificates (A02-A05, block M)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..rpc import Answer

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def certificate_signed(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """CertificateSigned."""
    return status(charge_point.certificates.take_signed(payload["certificateChain"]))


def install_certificate(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """InstallCertificate."""
    return status(charge_point.certificates.install(payload["certificateType"], payload["certificate"]))


def delete_certificate(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """DeleteCertificate."""
    return status(charge_point.certificates.delete(payload["certificateHashData"]))


def get_installed_certificate_ids(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetInstalledCertificateIds, of some kinds or of all."""
    kinds = payload.get("certificateType")
    chain = [
        {"certificateType": held.kind, "certificateHashData": held.hash_data}
        for held in charge_point.certificates
        if kinds is None or held.kind in kinds
    ]
    return Answer({"status": "Accepted", "certificateHashDataChain": chain}) if chain else status("NotFound")


ACTIONS: dict[str, Action] = {
    "CertificateSigned": certificate_signed,
    "InstallCertificate": install_certificate,
    "DeleteCertificate": delete_certificate,
    "GetInstalledCertificateIds": get_installed_certificate_ids,
}
