"""Local authorisation list management."""

from datetime import timedelta

import pytest

from chargepoints.models import ChargePoint, Command, IdToken, LocalListEntry
from chargepoints.services import authorization, local_lists
from tests.chargepoints.ocpp.conftest import NOW, rows, until
from tests.conformance.v16.station import Station, settled, wish


async def asked_version(station: Station, charge_point: ChargePoint, version: int) -> Command:
    known = await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))
    command = await wish(local_lists.ask_version, charge_point=known)
    assert await station.obey("GetLocalListVersion", listVersion=version) == {}
    return await settled(command)


async def version_is(charge_point: ChargePoint, version: int) -> ChargePoint:
    return await until(lambda: ChargePoint.objects.filter(pk=charge_point.pk, local_list_version=version).first())


async def brought_in_step(charge_point: ChargePoint) -> Command:
    return await wish(local_lists.bring_in_step, charge_point_id=charge_point.pk)


async def held() -> dict[str, str]:
    return dict(await rows(lambda: list(LocalListEntry.objects.values_list("token", "status"))))


@pytest.mark.conformance("TC_042_1")
async def test_a_charger_without_a_list_is_sent_none(station: Station, charge_point: ChargePoint) -> None:
    assert (await asked_version(station, charge_point, -1)).status == "accepted"
    await version_is(charge_point, -1)
    assert await brought_in_step(charge_point) is None


@pytest.mark.conformance("TC_042_2")
async def test_an_empty_list_is_known_as_empty(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    assert (await asked_version(station, charge_point, 0)).status == "accepted"
    await version_is(charge_point, 0)
    assert await held() == {}


@pytest.mark.conformance("TC_043_1")
async def test_a_list_that_is_not_supported_is_not_sent_again(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await asked_version(station, charge_point, 0)
    await version_is(charge_point, 0)
    command = await brought_in_step(charge_point)
    await station.obey("SendLocalList", status="NotSupported")
    assert ((await settled(command)).status, (await settled(command)).result) == (
        "rejected",
        {"status": "NotSupported"},
    )
    await version_is(charge_point, -1)
    assert (await held(), await brought_in_step(charge_point)) == ({}, None)


@pytest.mark.conformance("TC_043_3")
async def test_a_list_that_fails_is_not_taken_as_held(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await asked_version(station, charge_point, 0)
    await version_is(charge_point, 0)
    command = await brought_in_step(charge_point)
    await station.obey("SendLocalList", status="Failed")
    assert (await settled(command)).status == "rejected"
    assert await held() == {}
    assert (await version_is(charge_point, 0)).local_list_digest.startswith("!")


@pytest.mark.conformance("TC_043_4")
async def test_a_full_list_is_taken(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    await asked_version(station, charge_point, 0)
    await version_is(charge_point, 0)
    command = await brought_in_step(charge_point)
    asked = await station.obey("SendLocalList", status="Accepted")
    assert (asked["listVersion"], asked["updateType"]) == (1, "Full")
    (entry,) = [one for one in asked["localAuthorizationList"] if one["idTag"] == "DEADBEEF"]
    assert entry["idTagInfo"]["status"] == "Accepted"
    assert (await settled(command)).status == "accepted"
    await version_is(charge_point, 1)
    assert (await held())["DEADBEEF"] == "Accepted"


@pytest.mark.conformance("TC_043_5")
async def test_a_change_is_sent_as_the_difference(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    await rows(lambda: authorization.register_token(token="CAFE", driver=token.driver))
    await asked_version(station, charge_point, 0)
    await version_is(charge_point, 0)
    await brought_in_step(charge_point)
    await station.obey("SendLocalList", status="Accepted")
    await version_is(charge_point, 1)
    await rows(lambda: IdToken.objects.filter(pk=token.pk).update(status=IdToken.Status.BLOCKED))
    command = await brought_in_step(charge_point)
    asked = await station.obey("SendLocalList", status="Accepted")
    assert (asked["listVersion"], asked["updateType"]) == (2, "Differential")
    assert [one["idTag"] for one in asked["localAuthorizationList"]] == ["DEADBEEF"]
    assert (await settled(command)).status == "accepted"
    await version_is(charge_point, 2)
    assert "CAFE" in await held()
    assert (await held()).get("DEADBEEF") != "Accepted"
    assert command.expires_at > NOW + timedelta(hours=1)
