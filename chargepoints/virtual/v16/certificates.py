"""OCPP 1.6, security extension: certificates."""

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
    """GetInstalledCertificateIds."""
    found = [held.hash_data for held in charge_point.certificates.of_kind(payload["certificateType"])]
    return Answer({"status": "Accepted", "certificateHashData": found}) if found else status("NotFound")


ACTIONS: dict[str, Action] = {
    "CertificateSigned": certificate_signed,
    "InstallCertificate": install_certificate,
    "DeleteCertificate": delete_certificate,
    "GetInstalledCertificateIds": get_installed_certificate_ids,
}
