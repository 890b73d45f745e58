"""Block D: the list that a station keeps for the time when it cannot ask."""

from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.domain.intents import ListEntry
from chargepoints.models import ChargePoint, LocalListEntry
from chargepoints.services import local_lists
from tests.chargepoints.ocpp.conftest import rows, until
from tests.conformance.v201.station import Station, send, settled, wish

ANN = ListEntry("ANN", status="Accepted", parent="G")
BOB = ListEntry("BOB", status="Accepted")


async def held() -> set[tuple[str, str]]:
    return await rows(lambda: set(LocalListEntry.objects.values_list("token", "parent")))


async def version(charge_point: ChargePoint) -> int | None:
    return (await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))).local_list_version


async def update(station: Station, charge_point: ChargePoint, intent: intents.SendLocalList) -> dict[str, Any]:
    command = await send(charge_point, intent)
    asked = await station.obey("SendLocalList", status="Accepted")
    assert (await settled(command)).status == "accepted"
    return asked


@pytest.mark.conformance("TC_D_01")
async def test_a_whole_list_is_sent(station: Station, charge_point: ChargePoint) -> None:
    asked = await update(station, charge_point, intents.SendLocalList(1, True, (ANN, BOB)))
    group = {"groupIdToken": {"idToken": "G", "type": "Central"}}
    assert asked == {
        "versionNumber": 1,
        "updateType": "Full",
        "localAuthorizationList": [
            {"idToken": {"idToken": "ANN", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted", **group}},
            {"idToken": {"idToken": "BOB", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}},
        ],
    }
    assert (await held(), await version(charge_point)) == ({("ANN", "G"), ("BOB", "")}, 1)


@pytest.mark.conformance("TC_D_02", "TC_D_03")
async def test_what_changed_is_added_and_taken_out(station: Station, charge_point: ChargePoint) -> None:
    await update(station, charge_point, intents.SendLocalList(1, True, (ANN,)))
    asked = await update(station, charge_point, intents.SendLocalList(2, False, (BOB,)))
    assert (asked["updateType"], len(asked["localAuthorizationList"])) == ("Differential", 1)
    assert (await held(), await version(charge_point)) == ({("ANN", "G"), ("BOB", "")}, 2)
    asked = await update(station, charge_point, intents.SendLocalList(3, False, (ListEntry("ANN"),)))
    assert asked["localAuthorizationList"] == [{"idToken": {"idToken": "ANN", "type": "ISO14443"}}]
    assert (await held(), await version(charge_point)) == ({("BOB", "")}, 3)


@pytest.mark.conformance("TC_D_04")
async def test_an_empty_list_takes_all_out(station: Station, charge_point: ChargePoint) -> None:
    await update(station, charge_point, intents.SendLocalList(1, True, (ANN,)))
    asked = await update(station, charge_point, intents.SendLocalList(2, True))
    assert asked == {"versionNumber": 2, "updateType": "Full"}
    assert (await held(), await version(charge_point)) == (set(), 2)


@pytest.mark.conformance("TC_D_08", "TC_D_09")
@pytest.mark.parametrize("number", [5, 0])
async def test_the_station_tells_the_version_of_its_list(
    station: Station, charge_point: ChargePoint, number: int
) -> None:
    command = await wish(local_lists.ask_version, charge_point=charge_point)
    assert await station.obey("GetLocalListVersion", versionNumber=number) == {}
    assert (await settled(command)).status == "accepted"
    await until(lambda: ChargePoint.objects.filter(pk=charge_point.pk, local_list_version__isnull=False).exists())
    assert await version(charge_point) == number
