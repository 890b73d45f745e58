"""The security extension (whitepaper ed. 3)."""

from typing import Any

import pytest

from chargepoints.domain import certificate as certificates_domain
from chargepoints.domain import intents
from chargepoints.models import ChargePoint, ChargerCertificate, FirmwareUpdate, LogUpload, OcppMessage, SecurityEvent
from chargepoints.services import certificates, diagnostics, firmware, security
from tests.chargepoints import pems
from tests.chargepoints.ocpp.conftest import (
    NOW,
    PATIENCE_S,
    SECRET,
    Clock,
    Connect,
    basic,
    communicator,
    logged,
    rows,
    until,
)
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v16.conftest import Up
from tests.conformance.v16.station import Station, send, settled, wish

ROOT = pems.certificate(pems.new_key(), issuer="TwinEV Root")
OWN_ROOTS = "CentralSystemRootCertificate"


async def known(charge_point: ChargePoint) -> ChargePoint:
    return await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))


async def certificate_row() -> ChargerCertificate:
    return await rows(lambda: ChargerCertificate.objects.select_related("charge_point").get())


@pytest.mark.conformance("TC_073")
async def test_the_charger_s_password_is_changed(station: Station, connect: Connect, charge_point: ChargePoint) -> None:
    before = await known(charge_point)
    command = await wish(security.rotate_secret, charge_point=before)
    asked = await station.obey("ChangeConfiguration", status="Accepted")
    assert (asked["key"], len(asked["value"])) == ("AuthorizationKey", 32)
    assert (await settled(command)).status == "accepted"
    await connect("1.6", secret=asked["value"])
    after = await known(charge_point)
    assert after.secret_hash == security.hashed(asked["value"]) != before.secret_hash
    assert after.pending_secret_hash == ""
    await logged()
    kept = await rows(lambda: str(list(OcppMessage.objects.values_list("payload", flat=True))))
    assert asked["value"] not in kept  # nor in the log of frames


@pytest.mark.conformance("TC_074")
async def test_the_charger_s_certificate_is_renewed_on_request(station: Station, charge_point: ChargePoint) -> None:
    command = await send(charge_point, intents.Trigger("SignChargePointCertificate", extended=True))
    asked = await station.obey("ExtendedTriggerMessage", status="Accepted")
    assert asked == {"requestedMessage": "SignChargePointCertificate"}
    assert (await settled(command)).status == "accepted"
    key, ca = pems.new_key(), pems.new_key()
    csr = pems.signing_request(key)
    assert await station.charger.call("SignCertificate", {"csr": csr}) == {"status": "Accepted"}
    row = await certificate_row()
    assert (row.kind, row.status, row.signing_request) == ("ChargePointCertificate", "requested", csr)
    signed = pems.certificate(key, issuer_key=ca)
    await wish(certificates.send_signed, certificate=row, pem=signed)
    assert await station.obey("CertificateSigned", status="Accepted") == {"certificateChain": signed}
    row = await until(lambda: ChargerCertificate.objects.filter(status="installed").first())
    assert (row.pem, row.valid_to, row.status_at) == (signed, pems.UNTIL, NOW)


@pytest.mark.conformance("TC_075_1", "TC_075_2")
@pytest.mark.parametrize("use", ["ManufacturerRootCertificate", OWN_ROOTS])
async def test_a_root_is_installed(station: Station, charge_point: ChargePoint, use: str) -> None:
    await wish(certificates.install, charge_point=charge_point, use=use, pem=ROOT)
    asked = await station.obey("InstallCertificate", status="Accepted")
    assert asked == {"certificateType": use, "certificate": ROOT}
    row = await until(lambda: ChargerCertificate.objects.filter(status="installed").first())
    assert (row.kind, row.pem, row.valid_to) == (use, ROOT, pems.UNTIL)
    command = await wish(certificates.ask_installed, charge_point=charge_point, use=use)
    assert await station.obey("GetInstalledCertificateIds", status="Accepted", certificateHashData=[row.hash_data]) == {
        "certificateType": use
    }
    assert (await settled(command)).status == "accepted"
    assert (await certificate_row()).status == "installed"


@pytest.mark.conformance("TC_076")
async def test_a_certain_root_is_deleted(station: Station, charge_point: ChargePoint) -> None:
    await wish(certificates.install, charge_point=charge_point, use=OWN_ROOTS, pem=ROOT)
    await station.obey("InstallCertificate", status="Accepted")
    row = await until(
        lambda: ChargerCertificate.objects.select_related("charge_point").filter(status="installed").first()
    )
    command = await wish(certificates.delete, certificate=row)
    asked = await station.obey("DeleteCertificate", status="Accepted")
    told = certificates_domain.hash_of_root(certificates_domain.read(ROOT))
    assert asked == {
        "certificateHashData": {
            "hashAlgorithm": "SHA256",
            "issuerNameHash": told.issuer_name_hash,
            "issuerKeyHash": told.issuer_key_hash,
            "serialNumber": told.serial_number,
        }
    }
    assert (await settled(command)).status == "accepted"
    assert (await certificate_row()).status == "deleted"
    await wish(certificates.ask_installed, charge_point=charge_point, use=OWN_ROOTS)
    await station.obey("GetInstalledCertificateIds", status="NotFound")
    assert (await certificate_row()).status == "deleted"


async def reports_event(station: Station, event: str, **more: str) -> SecurityEvent:
    payload = {"type": event, "timestamp": iso(NOW), **more}
    for _ in range(2):  # once more after a reconnect
        assert await station.charger.call("SecurityEventNotification", payload) == {}
    return await rows(SecurityEvent.objects.get)


@pytest.mark.conformance("TC_077")
async def test_a_charger_certificate_that_is_not_valid_is_reported(station: Station, charge_point: ChargePoint) -> None:
    assert await station.charger.call("SignCertificate", {"csr": pems.signing_request(pems.new_key())}) == {
        "status": "Accepted"
    }
    row = await certificate_row()
    key = certificates_domain.read_request(row.signing_request)
    assert key is not None
    signed = await _signed_for_another_name(station, row)
    assert await station.obey("CertificateSigned", status="Rejected") == {"certificateChain": signed}
    event = await reports_event(station, "InvalidChargePointCertificate", techInfo="subject")
    assert (event.charge_point_id, event.info, event.is_critical, event.at) == (charge_point.pk, "subject", False, NOW)
    row = await until(lambda: ChargerCertificate.objects.filter(status="refused").first())
    assert row.reason == "Rejected"


async def _signed_for_another_name(station: Station, row: ChargerCertificate) -> str:
    key = pems.new_key()
    await station.charger.call("SignCertificate", {"csr": pems.signing_request(key)})
    row = await rows(
        lambda: ChargerCertificate.objects.select_related("charge_point").exclude(pk=row.pk).get(status="requested")
    )
    await rows(lambda: ChargerCertificate.objects.exclude(pk=row.pk).delete())
    signed = pems.certificate(key, issuer_key=pems.new_key(), subject="another charger")
    await wish(certificates.send_signed, certificate=row, pem=signed)
    return signed


@pytest.mark.conformance("TC_078")
async def test_a_root_that_is_not_valid_is_reported(station: Station, charge_point: ChargePoint) -> None:
    await wish(certificates.install, charge_point=charge_point, use=OWN_ROOTS, pem=ROOT)
    await station.obey("InstallCertificate", status="Rejected")
    event = await reports_event(station, "InvalidCentralSystemCertificate")
    assert (event.charge_point_id, event.type) == (charge_point.pk, "InvalidCentralSystemCertificate")
    row = await until(lambda: ChargerCertificate.objects.filter(status="refused").first())
    assert (row.kind, row.reason) == (OWN_ROOTS, "Rejected")


@pytest.mark.conformance("TC_079")
async def test_the_security_log_is_uploaded(station: Station, charge_point: ChargePoint) -> None:
    upload = await wish(
        diagnostics.ask_log,
        charge_point=charge_point,
        log="security",
        url="https://logs.example.org/in",
        oldest_at=minutes(-60),
        latest_at=NOW,
    )
    asked = await station.obey("GetLog", status="Accepted", filename="security.log")
    assert asked == {
        "logType": "SecurityLog",
        "requestId": upload.request_id,
        "log": {
            "remoteLocation": "https://logs.example.org/in",
            "oldestTimestamp": "2026-03-02T08:00:00.000Z",
            "latestTimestamp": "2026-03-02T09:00:00.000Z",
        },
    }
    await settled(upload.command)
    for status in ("Uploading", "Uploaded"):
        payload = {"status": status, "requestId": upload.request_id}
        assert await station.charger.call("LogStatusNotification", payload) == {}
    row = await until(lambda: LogUpload.objects.exclude(file_name="").first())
    assert (row.kind, row.file_name, row.status, row.ending) == ("SecurityLog", "security.log", "Uploaded", "done")


async def asked_to_update(station: Station, charge_point: ChargePoint, **answer: str) -> FirmwareUpdate:
    update = await wish(
        firmware.ask,
        charge_point=charge_point,
        url="https://firmware.example.org/a.bin",
        retrieve_at=minutes(1),
        install_at=minutes(30),
        signing_certificate=ROOT,
        signature="c2lnbmF0dXJl",
    )
    asked = await station.obey("SignedUpdateFirmware", **answer)
    assert asked == {
        "requestId": update.request_id,
        "firmware": {
            "location": "https://firmware.example.org/a.bin",
            "retrieveDateTime": "2026-03-02T09:01:00.000Z",
            "installDateTime": "2026-03-02T09:30:00.000Z",
            "signingCertificate": ROOT,
            "signature": "c2lnbmF0dXJl",
        },
    }
    await settled(update.command)
    return update


async def tell(station: Station, update: FirmwareUpdate, *statuses: str) -> FirmwareUpdate:
    for status in statuses:
        payload = {"status": status, "requestId": update.request_id}
        assert await station.charger.call("SignedFirmwareStatusNotification", payload) == {}
    return await rows(FirmwareUpdate.objects.get)


@pytest.mark.conformance("TC_080")
async def test_signed_firmware_is_installed(station: Station, up: Up, clock: Clock, charge_point: ChargePoint) -> None:
    update = await asked_to_update(station, charge_point, status="Accepted")
    words = ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting"]
    row = await tell(station, update, *words)
    assert (row.status, row.is_over) == ("InstallRebooting", False)
    clock.advance(minutes=40)
    again = await up()
    row = await tell(again, update, "Installed")
    assert ([word for _, word in row.history], row.ending) == (["Accepted", *words, "Installed"], "done")
    event = await reports_event(again, "FirmwareUpdated")
    assert event.is_critical


@pytest.mark.conformance("TC_081")
async def test_firmware_with_a_wrong_signature_is_not_installed(station: Station, charge_point: ChargePoint) -> None:
    update = await asked_to_update(station, charge_point, status="Accepted")
    row = await tell(station, update, "Downloading", "Downloaded", "InvalidSignature")
    assert (row.status, row.is_over, row.ending) == ("InvalidSignature", True, "failed")
    event = await reports_event(station, "InvalidFirmwareSignature")
    assert event.type == "InvalidFirmwareSignature"


@pytest.mark.conformance("TC_083")
async def test_the_security_profile_is_raised(station: Station, connect: Connect, charge_point: ChargePoint) -> None:
    command = await wish(security.upgrade_profile, charge_point=await known(charge_point), profile=2)
    assert await station.obey("ChangeConfiguration", status="Accepted") == {"key": "SecurityProfile", "value": "2"}
    assert (await settled(command)).status == "accepted"
    row = await known(charge_point)
    assert (row.security_profile, row.pending_security_profile) == (1, 2)
    # Until it has come by the new profile once, a charger whose TLS fails falls back to the one that it has.
    await connect("1.6")
    assert (await known(charge_point)).security_profile == 1


async def knock(clock: Clock, *, user: str = "CP 1", secret: str = SECRET, subprotocol: str = "ocpp1.6") -> Any:
    """A handshake: (whether it was let in, what was chosen), and the socket."""
    socket = communicator("/ocpp/CP%201", [basic(user, secret)], [subprotocol], clock)
    return await socket.connect(timeout=PATIENCE_S), socket


@pytest.mark.conformance("TC_085")
async def test_a_valid_password_is_let_in_and_no_other(charge_point: ChargePoint, clock: Clock) -> None:
    (accepted, _), socket = await knock(clock)
    assert accepted
    await until(lambda: ChargePoint.objects.exclude(connection_key="").exists())
    await socket.disconnect(timeout=PATIENCE_S)
    await until(lambda: ChargePoint.objects.filter(connection_key="").exists())
    for wrong in ({"secret": "0" * 32}, {"user": "CP 2"}):
        (accepted, _), socket = await knock(clock, **wrong)
        assert not accepted
        assert not (await known(charge_point)).is_connected


@pytest.mark.conformance("TC_088")
async def test_the_subprotocol_is_negotiated(charge_point: ChargePoint, clock: Clock) -> None:
    (accepted, chosen), socket = await knock(clock)
    assert (accepted, chosen) == (True, "ocpp1.6")
    row = await until(lambda: ChargePoint.objects.exclude(connection_key="").first())
    assert row.ocpp_version == "1.6"
    await socket.disconnect(timeout=PATIENCE_S)
    (_, chosen), socket = await knock(clock, subprotocol="ocpp1.5")
    assert chosen is None
    closed = await socket.receive_output(PATIENCE_S)
    assert closed["type"] == "websocket.close"
