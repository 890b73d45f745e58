"""Block G: status, and in and out of service."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, Connector, Evse, IdToken
from chargepoints.services import availability
from tests.chargepoints.ocpp.conftest import rows
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v201.station import Station, connector, over, settled, wish

Payload = dict[str, Any]
PLACES = {"station": {}, "evse": {"evse": {"id": 1}}, "connector": {"evse": {"id": 1, "connectorId": 1}}}


async def put(station: Station, charge_point: ChargePoint, place: str, *, operative: bool, answer: str) -> None:
    where: dict[str, Any] = {}
    if place == "evse":
        where["evse"] = await rows(lambda: Evse.objects.get(number=1))
    if place == "connector":
        where["connector"] = await rows(lambda: Connector.objects.select_related("evse").get(evse__number=1))
    command = await wish(availability.put_in_service, charge_point=charge_point, operative=operative, **where)
    asked = await station.obey("ChangeAvailability", status=answer)
    assert asked == {"operationalStatus": "Operative" if operative else "Inoperative", **PLACES[place]}
    row = await settled(command)
    assert (row.status, row.result["status"]) == ("accepted", answer)


@pytest.mark.conformance("TC_G_01")
@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Available", "available"),
        ("Occupied", "preparing"),
        ("Reserved", "reserved"),
        ("Unavailable", "unavailable"),
        ("Faulted", "faulted"),
    ],
)
async def test_each_status_is_kept(station: Station, charge_point: ChargePoint, told: str, kept: str) -> None:
    await station.status(told, minutes(0))
    assert (await connector(charge_point)).status == kept


@pytest.mark.conformance("TC_G_03", "TC_G_04", "TC_G_05", "TC_G_06", "TC_G_07", "TC_G_08")
@pytest.mark.parametrize("place", list(PLACES))
async def test_out_of_service_and_back(station: Station, charge_point: ChargePoint, place: str) -> None:
    await put(station, charge_point, place, operative=False, answer="Accepted")
    await station.status("Unavailable")
    assert (await connector(charge_point)).status == "unavailable"
    await put(station, charge_point, place, operative=True, answer="Accepted")
    await station.status("Available")
    assert (await connector(charge_point)).status == "available"


@pytest.mark.conformance("TC_G_11", "TC_G_14", "TC_G_17")
@pytest.mark.parametrize("place", list(PLACES))
async def test_out_of_service_waits_for_the_session_that_runs(
    station: Station, charge_point: ChargePoint, token: IdToken, place: str
) -> None:
    await station.start()
    await put(station, charge_point, place, operative=False, answer="Scheduled")
    assert (await connector(charge_point)).status == "charging"
    await station.end(minutes(30))
    await station.status("Unavailable", minutes(30))
    assert (await connector(charge_point)).status == "unavailable"
    await over("Local")


@pytest.mark.conformance("TC_G_20")
async def test_a_lock_that_fails_is_told_as_an_event(station: Station, charge_point: ChargePoint) -> None:
    """Nothing starts; the event stays in the log of messages, the status with the connector."""
    event = {
        "eventId": 1,
        "timestamp": iso(minutes(0)),
        "trigger": "Alerting",
        "actualValue": "true",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Problem"},
    }
    payload = {"generatedAt": iso(minutes(0)), "seqNo": 0, "tbc": False, "eventData": [event]}
    assert await station.call("NotifyEvent", payload) == {}
    await station.status("Faulted")
    assert (await connector(charge_point)).status == "faulted"
