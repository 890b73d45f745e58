"""Block P: a vendor's own messages and data."""

from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, OcppMessage
from tests.chargepoints.ocpp.conftest import Connect, logged, rows
from tests.conformance.v201.station import Station, connector, send, settled

EXTRA = {"vendorId": "org.example", "note": {"deep": [1, 2]}}


@pytest.mark.conformance("TC_P_02")
@pytest.mark.parametrize("data", [{"a": 1}, "text", [1, 2]])
async def test_a_vendor_that_nobody_knows_is_told_so(station: Station, data: Any) -> None:
    payload = {"vendorId": "org.example", "messageId": "hello", "data": data}
    assert await station.call("DataTransfer", payload) == {"status": "UnknownVendorId"}
    await logged()
    kept = await rows(lambda: OcppMessage.objects.get(action="DataTransfer", direction="in"))
    assert kept.payload == payload


@pytest.mark.conformance("TC_P_03")
@pytest.mark.parametrize("extra", [EXTRA, {"note": "without a vendor"}, "no object"])
async def test_custom_data_disturbs_nothing(connect: Connect, charge_point: ChargePoint, extra: Any) -> None:
    station = Station(await connect("2.0.1"))
    info = {"vendorName": "Vend", "model": "M1", "customData": extra}
    boot = {"reason": "PowerUp", "chargingStation": info, "customData": extra}
    assert (await station.charger.call("BootNotification", boot))["status"] == "Accepted"
    status = {"evseId": 1, "connectorId": 1, "connectorStatus": "Available", "timestamp": "2026-03-02T09:00:00Z"}
    assert await station.charger.call("StatusNotification", {**status, "customData": extra}) == {}
    assert (await rows(ChargePoint.objects.get)).vendor == "Vend"
    assert (await connector(charge_point)).status == "available"


@pytest.mark.parametrize(("answer", "result"), [("Accepted", "accepted"), ("UnknownVendorId", "rejected")])
async def test_a_vendor_s_message_is_sent(
    station: Station, charge_point: ChargePoint, answer: str, result: str
) -> None:
    command = await send(charge_point, intents.DataTransfer("org.example", "hello", "{}"))
    asked = await station.obey("DataTransfer", status=answer, data={"deep": 1})
    assert asked == {"vendorId": "org.example", "messageId": "hello", "data": "{}"}
    row = await settled(command)
    assert (row.status, row.result) == (result, {"status": answer, "data": {"deep": 1}})
