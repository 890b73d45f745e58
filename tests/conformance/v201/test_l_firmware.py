"""Block L: signed updates of firmware."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, FirmwareUpdate, IdToken
from chargepoints.services import firmware
from tests.chargepoints.ocpp.conftest import rows
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v201.conftest import Up
from tests.conformance.v201.station import Station, settled, transaction, wish

URL = "https://firmware.example.org/a.bin"
SIGNED = {"signing_certificate": "-----BEGIN CERTIFICATE-----", "signature": "c2ln"}
VERIFIED = ("Downloading", "Downloaded", "SignatureVerified")


async def ask(station: Station, charge_point: ChargePoint, answer: str = "Accepted", **more: Any) -> FirmwareUpdate:
    update = await wish(firmware.ask, charge_point=charge_point, url=URL, retrieve_at=minutes(1), **SIGNED, **more)
    asked = await station.obey("UpdateFirmware", status=answer)
    assert (asked["requestId"], asked["firmware"]["location"]) == (update.request_id, URL)
    assert asked["firmware"]["retrieveDateTime"] == "2026-03-02T09:01:00.000Z"
    assert (asked["firmware"]["signature"], "signingCertificate" in asked["firmware"]) == ("c2ln", True)
    expected = "accepted" if answer.startswith("Accepted") else "rejected"
    assert (await settled(update.command)).status == expected
    return update


async def tell(station: Station, update: FirmwareUpdate, *statuses: str) -> None:
    for status in statuses:
        payload = {"status": status, "requestId": update.request_id}
        assert await station.call("FirmwareStatusNotification", payload) == {}


async def row_of(update: FirmwareUpdate) -> FirmwareUpdate:
    return await rows(lambda: FirmwareUpdate.objects.get(pk=update.pk))


@pytest.mark.conformance("TC_L_01")
async def test_firmware_is_installed(station: Station, up: Up, charge_point: ChargePoint) -> None:
    update = await ask(station, charge_point)
    await tell(station, update, *VERIFIED, "Installing", "InstallRebooting")
    again = await up()
    newer = {"vendorName": "Vend", "model": "M1", "firmwareVersion": "1.3"}
    await again.call("BootNotification", {"reason": "FirmwareUpdate", "chargingStation": newer})
    await tell(again, update, "Installed")
    event = {"type": "FirmwareUpdated", "timestamp": "2026-03-02T09:05:00Z"}
    assert await again.call("SecurityEventNotification", event) == {}
    row = await row_of(update)
    assert (row.status, row.is_over, row.ending) == ("Installed", True, "done")
    assert (await rows(ChargePoint.objects.get)).firmware_version == "1.3"
    assert (
        await rows(lambda: charge_point.security_events.filter(type="FirmwareUpdated", is_critical=True).count()) == 1
    )


@pytest.mark.conformance("TC_L_02", "TC_L_03")
@pytest.mark.parametrize(
    "waits", [(*VERIFIED, "InstallScheduled", "Installing"), ("DownloadScheduled", *VERIFIED, "Installing")]
)
async def test_an_update_waits_for_its_time(
    station: Station, charge_point: ChargePoint, waits: tuple[str, ...]
) -> None:
    update = await ask(station, charge_point, install_at=minutes(30))
    await tell(station, update, *waits)
    assert not (await row_of(update)).is_over
    await tell(station, update, "Installed")
    row = await row_of(update)
    assert [word for _at, word in row.history] == ["Accepted", *waits, "Installed"]
    assert (row.ending, row.install_at) == ("done", minutes(30))


@pytest.mark.conformance("TC_L_04", "TC_L_05")
@pytest.mark.parametrize("answer", ["RevokedCertificate", "InvalidCertificate"])
async def test_a_certificate_that_is_no_good_stops_the_update(
    station: Station, charge_point: ChargePoint, answer: str
) -> None:
    row = await row_of(await ask(station, charge_point, answer))
    assert (row.is_over, row.ending) == (True, "refused")


@pytest.mark.conformance("TC_L_06", "TC_L_07", "TC_L_08", "TC_L_09")
@pytest.mark.parametrize(
    "steps",
    [
        ("Downloading", "Downloaded", "InvalidSignature"),
        ("Downloading", "DownloadFailed"),
        (*VERIFIED, "Installing", "InstallVerificationFailed"),
        (*VERIFIED, "Installing", "InstallationFailed"),
    ],
)
async def test_an_update_fails(station: Station, charge_point: ChargePoint, steps: tuple[str, ...]) -> None:
    update = await ask(station, charge_point)
    await tell(station, update, *steps)
    row = await row_of(update)
    assert (row.status, row.is_over, row.ending) == (steps[-1], True, "failed")


@pytest.mark.conformance("TC_L_10", "TC_L_11")
@pytest.mark.parametrize(("answer", "first_is_over"), [("AcceptedCanceled", True), ("Rejected", False)])
async def test_a_second_update_takes_the_place_of_the_first_where_the_station_can(
    station: Station, charge_point: ChargePoint, answer: str, first_is_over: bool
) -> None:
    first = await ask(station, charge_point)
    await tell(station, first, "Downloading")
    second = await ask(station, charge_point, answer)
    assert (await row_of(first)).is_over == first_is_over
    going_on = second if first_is_over else first
    await tell(station, going_on, *VERIFIED, "Installing", "Installed")
    assert (await row_of(going_on)).ending == "done"
    assert (await row_of(first)).ending == ("replaced" if first_is_over else "done")


@pytest.mark.conformance("TC_L_13")
async def test_an_update_waits_for_the_session_that_runs(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start()
    update = await ask(station, charge_point)
    await tell(station, update, "DownloadScheduled")
    assert ((await transaction()).state, (await row_of(update)).is_over) == ("active", False)
    await station.end(minutes(30))
    await tell(station, update, *VERIFIED, "Installing", "Installed")
    assert ((await transaction()).energy_wh, (await row_of(update)).ending) == (2_500, "done")
