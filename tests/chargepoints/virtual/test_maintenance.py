"""Firmware, logs and certificates; what both versions do alike, each in its own words."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chargepoints.virtual import VirtualChargePoint

from .central import Central, Payload
from .conftest import START
from .test_charge_point import at, charge
from .words import Words

FIRMWARE = "https://example.org/fw/2.4.1.bin"


def certificate(name: str, of: Any = None) -> str:
    """A self-signed certificate as PEM, or one for the key of a request."""
    signer = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).serial_number(77)
    builder = builder.public_key(of or signer.public_key()).not_valid_before(START).not_valid_after(at_end())
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def at_end() -> Any:
    return START + timedelta(days=365)


def order(words: Words, *, minutes: int = 0, install: int | None = None, pem: str | None = None) -> tuple[str, Payload]:
    """A firmware update with a signature."""
    firmware = {"location": FIRMWARE, "retrieveDateTime": at(minutes), "signature": "c2lnbmVk"}
    firmware |= {"signingCertificate": pem or certificate("ACME")}
    firmware |= {"installDateTime": at(install)} if install else {}
    action = "SignedUpdateFirmware" if words.version == "1.6" else "UpdateFirmware"
    return action, {"requestId": 4, "firmware": firmware}


def stages(central: Central, words: Words) -> list[str]:
    action = "SignedFirmwareStatusNotification" if words.version == "1.6" else "FirmwareStatusNotification"
    return [payload["status"] for payload in central.payloads(action)]


async def test_a_signed_update_waits_for_its_moment_and_for_the_transaction(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    await charge(charger)
    assert await central.call(*order(words, minutes=10, install=30)) == {"status": "Accepted"}
    await central.wait_for(lambda: stages(central, words) == ["DownloadScheduled"])
    await charger.tick(600)
    await central.wait_for(lambda: stages(central, words)[-1] == "InstallScheduled")
    await charger.tick(1_200)
    await charger.await_delivered()
    assert stages(central, words)[-1] == "InstallScheduled"
    await charger.unplug(1)
    await central.wait_for(lambda: stages(central, words)[-1] == "Installed")
    assert stages(central, words)[1:4] == ["Downloading", "Downloaded", "SignatureVerified"]
    assert charger.firmware_version == "2.4.1"
    assert len(central.payloads("BootNotification")) == 2


@pytest.mark.parametrize(
    ("fails_at", "last"),
    [
        ("Downloading", "DownloadFailed"),
        ("SignatureVerified", "InvalidSignature"),
        ("Installing", "InstallationFailed"),
    ],
)
async def test_an_update_may_fail_at_each_stage(
    charger: VirtualChargePoint, central: Central, words: Words, fails_at: str, last: str
) -> None:
    charger.firmware.fails_at = fails_at
    await central.call(*order(words))
    await central.wait_for(lambda: stages(central, words)[-1:] == [last])
    await charger.await_delivered()
    assert charger.firmware_version == "1.0.0"
    assert bool(central.payloads("SecurityEventNotification")) == (last == "InvalidSignature")


async def test_an_update_cancels_the_one_that_runs(charger: VirtualChargePoint, central: Central, words: Words) -> None:
    assert await central.call(*order(words, minutes=10)) == {"status": "Accepted"}
    assert await central.call(*order(words)) == {"status": "AcceptedCanceled"}
    await central.wait_for(lambda: stages(central, words)[-1] == "Installed")
    await charger.tick(1_200)
    await charger.await_delivered()
    assert stages(central, words).count("Downloading") == 1


async def test_a_signing_certificate_that_is_none_is_refused(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    assert await central.call(*order(words, pem="not a certificate")) == {"status": "InvalidCertificate"}
    await charger.await_delivered()
    (event,) = central.payloads("SecurityEventNotification")
    assert event["type"] == "InvalidFirmwareSigningCertificate"


@pytest.fixture
def shelf() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """An HTTP server that takes what is put there."""
    taken: list[tuple[str, bytes]] = []

    class Shelf(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            """No word."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/logs", taken
    server.shutdown()
    thread.join()
    server.server_close()


def log_order(location: str, **more: Any) -> Payload:
    return {"logType": "SecurityLog", "requestId": 6, "log": {"remoteLocation": location}, **more}


def uploads(central: Central) -> list[str]:
    return [payload["status"] for payload in central.payloads("LogStatusNotification")]


async def test_a_log_is_really_put_where_it_is_wanted(
    charger: VirtualChargePoint, central: Central, shelf: tuple[str, list[tuple[str, bytes]]]
) -> None:
    location, taken = shelf
    charger.uploads.really = True
    answer = await central.call("GetLog", log_order(location))
    assert answer == {"status": "Accepted", "filename": "VCP 1-SecurityLog.log"}
    await central.wait_for(lambda: uploads(central)[-1:] == ["Uploaded"])
    ((path, body),) = taken
    assert path == "/logs/VCP%201-SecurityLog.log"
    assert b"BootNotification" in body


async def test_an_upload_is_tried_again_as_often_as_told(charger: VirtualChargePoint, central: Central) -> None:
    charger.uploads.fails = True
    await central.call("GetLog", log_order("https://example.org/", retries=1, retryInterval=60))
    await central.wait_for(lambda: uploads(central) == ["Uploading", "UploadFailure"])
    await charger.tick(60)
    await central.wait_for(lambda: uploads(central) == ["Uploading", "UploadFailure"] * 2)
    charger.uploads.fails, charger.uploads.really = False, True
    await central.call("GetLog", log_order("ftp://example.org/"))
    await central.wait_for(lambda: uploads(central)[4:] == ["Uploading", "UploadFailure"])


async def test_certificates_are_kept_told_and_thrown_away(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    kind = "CentralSystemRootCertificate" if words.version == "1.6" else "CSMSRootCertificate"
    asked: Payload = {"certificateType": kind if words.version == "1.6" else [kind]}
    assert await central.call("GetInstalledCertificateIds", asked) == {"status": "NotFound"}
    pem = certificate("ROOT")
    assert await central.call("InstallCertificate", {"certificateType": kind, "certificate": pem}) == {
        "status": "Accepted"
    }
    nonsense = {"certificateType": kind, "certificate": "none"}
    assert await central.call("InstallCertificate", nonsense) == {"status": "Rejected"}
    answer = await central.call("GetInstalledCertificateIds", asked)
    found = answer.get("certificateHashData") or [
        chain["certificateHashData"] for chain in answer["certificateHashDataChain"]
    ]
    assert [(one["hashAlgorithm"], one["serialNumber"]) for one in found] == [("SHA256", "4d")]
    assert await central.call("DeleteCertificate", {"certificateHashData": found[0]}) == {"status": "Accepted"}
    assert await central.call("DeleteCertificate", {"certificateHashData": found[0]}) == {"status": "NotFound"}


async def test_a_certificate_is_asked_for_and_must_fit_the_request(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    central.answers["SignCertificate"] = {"status": "Accepted"}
    if words.version == "1.6":
        trigger = ("ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"})
    else:
        trigger = ("TriggerMessage", {"requestedMessage": "SignChargingStationCertificate"})
    assert await central.call(*trigger) == {"status": "Accepted"}
    await charger.await_delivered()
    request = x509.load_pem_x509_csr(central.payloads("SignCertificate")[0]["csr"].encode())
    assert request.is_signature_valid
    names = [str(attribute.value) for attribute in request.subject]
    assert names == ["TwinEV", "VCP 1"]
    wrong = await central.call("CertificateSigned", {"certificateChain": certificate("VCP 1")})
    right = await central.call("CertificateSigned", {"certificateChain": certificate("VCP 1", of=request.public_key())})
    assert (wrong, right) == ({"status": "Rejected"}, {"status": "Accepted"})
    await charger.await_delivered()
    assert [event["type"] for event in central.payloads("SecurityEventNotification")] == [
        "InvalidChargePointCertificate"
    ]
