"""Firmware management and diagnostics."""

import pytest

from chargepoints.models import ChargePoint, FirmwareUpdate, LogUpload
from chargepoints.services import diagnostics, firmware
from tests.chargepoints.ocpp.conftest import Clock, rows, until
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v16.conftest import Up
from tests.conformance.v16.station import Station, settled, wish

FIRMWARE, LOGS = "https://firmware.example.org/a.bin", "ftp://logs.example.org/in/"


async def asked_to_update(station: Station, charge_point: ChargePoint) -> FirmwareUpdate:
    update = await wish(firmware.ask, charge_point=charge_point, url=FIRMWARE, retrieve_at=minutes(1))
    asked = await station.obey("UpdateFirmware")
    assert asked == {"location": FIRMWARE, "retrieveDate": "2026-03-02T09:01:00.000Z"}
    await settled(update.command)
    return update


async def tell(station: Station, *statuses: str) -> None:
    for status in statuses:
        assert await station.charger.call("FirmwareStatusNotification", {"status": status}) == {}


async def update_row() -> FirmwareUpdate:
    return await rows(FirmwareUpdate.objects.get)


@pytest.mark.conformance("TC_044_1")
async def test_firmware_is_downloaded_and_installed(
    station: Station, up: Up, clock: Clock, charge_point: ChargePoint
) -> None:
    await asked_to_update(station, charge_point)
    await tell(station, "Downloading", "Downloaded", "Installing")
    await station.status("Unavailable", minutes(2))
    clock.advance(minutes=3)
    again = await up()
    await again.boot(firmwareVersion="1.3")
    await tell(again, "Installed")
    row = await update_row()
    assert (row.status, row.is_over, row.ending, row.status_at) == ("Installed", True, "done", minutes(3))
    assert [word for _, word in row.history] == ["Accepted", "Downloading", "Downloaded", "Installing", "Installed"]
    assert (await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))).firmware_version == "1.3"


@pytest.mark.conformance("TC_044_2")
async def test_a_download_fails(station: Station, charge_point: ChargePoint) -> None:
    await asked_to_update(station, charge_point)
    await tell(station, "Downloading", "DownloadFailed")
    row = await update_row()
    assert (row.status, row.is_over, row.ending) == ("DownloadFailed", True, "failed")


@pytest.mark.conformance("TC_044_3")
async def test_an_installation_fails(station: Station, charge_point: ChargePoint) -> None:
    await asked_to_update(station, charge_point)
    await tell(station, "Downloading", "Downloaded", "Installing", "InstallationFailed")
    row = await update_row()
    assert (row.status, row.is_over, row.ending) == ("InstallationFailed", True, "failed")


async def asked_for_diagnostics(station: Station, charge_point: ChargePoint) -> None:
    upload = await wish(diagnostics.ask_log, charge_point=charge_point, log="diagnostics", url=LOGS, retries=2)
    asked = await station.obey("GetDiagnostics", fileName="diagnostics.zip")
    assert asked == {"location": LOGS, "retries": 2}
    assert (await settled(upload.command)).status == "accepted"
    await until(lambda: LogUpload.objects.filter(file_name="diagnostics.zip").exists())


@pytest.mark.conformance("TC_045_1")
async def test_diagnostics_are_uploaded(station: Station, charge_point: ChargePoint) -> None:
    await asked_for_diagnostics(station, charge_point)
    for status in ("Uploading", "Uploaded"):
        assert await station.charger.call("DiagnosticsStatusNotification", {"status": status}) == {}
    row = await rows(LogUpload.objects.get)
    assert (row.kind, row.status, row.is_over, row.ending) == ("DiagnosticsLog", "Uploaded", True, "done")


@pytest.mark.conformance("TC_045_2")
async def test_diagnostics_cannot_be_uploaded(station: Station, charge_point: ChargePoint) -> None:
    await asked_for_diagnostics(station, charge_point)
    for status in ("Uploading", "UploadFailed"):
        await station.charger.call("DiagnosticsStatusNotification", {"status": status})
    row = await rows(LogUpload.objects.get)
    assert (row.status, row.is_over, row.ending) == ("UploadFailed", True, "failed")
