"""Remote trigger."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, Command, IdToken, MeterValue
from chargepoints.services import remote_control
from tests.chargepoints.ocpp.conftest import NOW, Clock, rows, until
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v16.station import Station, connector, settled, transaction, wish


async def trigger(charge_point: ChargePoint, message: str, **more: Any) -> Command:
    return await wish(remote_control.trigger, charge_point=charge_point, message=message, **more)


@pytest.mark.conformance("TC_054")
async def test_meter_values_are_sent_when_asked_for(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start()
    command = await trigger(charge_point, "MeterValues", evse_number=1)
    asked = await station.obey("TriggerMessage", status="Accepted")
    assert asked == {"requestedMessage": "MeterValues", "connectorId": 1}
    assert (await settled(command)).status == "accepted"
    sample = {"value": "640", "context": "Trigger"}
    values = [{"timestamp": iso(minutes(5)), "sampledValue": [sample]}]
    payload = {"connectorId": 1, "transactionId": station.transaction_id, "meterValue": values}
    assert await station.charger.call("MeterValues", payload) == {}
    row = await rows(lambda: MeterValue.objects.get(context="Trigger"))
    assert (row.value, row.transaction_id, row.at) == (640, (await transaction()).pk, minutes(5))


@pytest.mark.conformance("TC_054")
@pytest.mark.parametrize(
    "message", ["Heartbeat", "StatusNotification", "DiagnosticsStatusNotification", "FirmwareStatusNotification"]
)
async def test_other_messages_are_sent_when_asked_for(
    station: Station, charge_point: ChargePoint, clock: Clock, message: str
) -> None:
    command = await trigger(charge_point, message, **({"evse_number": 1} if message == "StatusNotification" else {}))
    assert (await station.obey("TriggerMessage", status="Accepted"))["requestedMessage"] == message
    assert (await settled(command)).status == "accepted"
    clock.advance(minutes=20)
    if message == "Heartbeat":
        await station.charger.call("Heartbeat", {})
    elif message == "StatusNotification":
        await station.status("Preparing", minutes(20))
        assert (await connector(charge_point)).status == "preparing"
    else:
        await station.charger.call(message, {"status": "Idle"})
    assert await until(lambda: ChargePoint.objects.filter(pk=charge_point.pk, last_heard_at__gt=NOW).exists())


@pytest.mark.conformance("TC_055")
@pytest.mark.parametrize("status", ["Rejected", "NotImplemented"])
async def test_a_trigger_is_refused(station: Station, charge_point: ChargePoint, status: str) -> None:
    command = await trigger(charge_point, "MeterValues", evse_number=1)
    await station.obey("TriggerMessage", status=status)
    row = await settled(command)
    assert (row.status, row.result) == ("rejected", {"status": status})
    assert await rows(MeterValue.objects.count) == 0
