"""Block N: logs (monitoring is not managed yet)."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, LogUpload
from chargepoints.services import diagnostics
from tests.chargepoints.ocpp.conftest import rows, until
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v201.station import Station, settled, wish

URL = "ftp://logs.example.org/in/"
KINDS = {"diagnostics": "DiagnosticsLog", "security": "SecurityLog"}


async def ask(
    station: Station, charge_point: ChargePoint, log: str = "diagnostics", answer: str = "Accepted", **more: Any
) -> LogUpload:
    upload = await wish(diagnostics.ask_log, charge_point=charge_point, log=log, url=URL, **more)
    named = {"filename": f"{log}.zip"} if answer != "Rejected" else {}
    asked = await station.obey("GetLog", status=answer, **named)
    assert (asked["logType"], asked["requestId"]) == (KINDS[log], upload.request_id)
    assert asked["log"]["remoteLocation"] == URL
    assert (await settled(upload.command)).status == ("rejected" if answer == "Rejected" else "accepted")
    return upload


async def tell(station: Station, upload: LogUpload, *statuses: str) -> None:
    for status in statuses:
        assert await station.call("LogStatusNotification", {"status": status, "requestId": upload.request_id}) == {}


async def row_of(upload: LogUpload) -> LogUpload:
    return await rows(lambda: LogUpload.objects.get(pk=upload.pk))


@pytest.mark.conformance("TC_N_25", "TC_N_35")
@pytest.mark.parametrize("log", list(KINDS))
async def test_a_log_is_uploaded(station: Station, charge_point: ChargePoint, log: str) -> None:
    upload = await ask(station, charge_point, log, oldest_at=minutes(-60), latest_at=minutes(0))
    await until(lambda: LogUpload.objects.filter(file_name=f"{log}.zip").exists())
    await tell(station, upload, "Uploading", "Uploaded")
    row = await row_of(upload)
    assert (row.kind, row.status, row.is_over, row.ending) == (KINDS[log], "Uploaded", True, "done")


@pytest.mark.conformance("TC_N_34")
async def test_a_log_is_refused(station: Station, charge_point: ChargePoint) -> None:
    row = await row_of(await ask(station, charge_point, answer="Rejected"))
    assert (row.is_over, row.ending) == (True, "refused")


@pytest.mark.conformance("TC_N_36")
async def test_a_second_request_takes_the_place_of_the_first(station: Station, charge_point: ChargePoint) -> None:
    first = await ask(station, charge_point)
    await tell(station, first, "Uploading")
    second = await ask(station, charge_point, answer="AcceptedCanceled")
    await tell(station, first, "AcceptedCanceled")
    await tell(station, second, "Uploading", "Uploaded")
    assert ((await row_of(first)).ending, (await row_of(second)).ending) == ("replaced", "done")
