"""Block A: passwords and security profiles. Who is let in by TLS: tests/flows/test_tls_proxy.py."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, Command, OcppMessage
from chargepoints.services import security
from chargepoints.services.security import Knock, Refusal
from tests.chargepoints.ocpp.conftest import NOW, SECRET, Connect, logged, rows
from tests.conformance.v201.station import Station, settled, wish

PASSWORD = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
PRIORITY = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "NetworkConfigurationPriority"}}


async def known() -> ChargePoint:
    return await rows(ChargePoint.objects.get)


async def told_new_password(station: Station, status: str) -> str:
    """The station is given a new password, and answers; which one."""
    command = await wish(security.rotate_secret, charge_point=await known())
    result = {**PASSWORD, "attributeStatus": status}
    [asked] = (await station.obey("SetVariables", setVariableResult=[result]))["setVariableData"]
    assert {key: asked[key] for key in PASSWORD} == PASSWORD
    assert 16 <= len(asked["attributeValue"]) <= 40
    assert (await settled(command)).status == status.lower()
    await logged()
    kept = await rows(lambda: str([*OcppMessage.objects.values("payload"), *Command.objects.values("payload")]))
    assert asked["attributeValue"] not in kept
    return str(asked["attributeValue"])


async def is_let_in(secret: str, *, by_tls: bool = False) -> bool:
    knock = Knock(("CP 1",), "CP 1", (secret,), by_tls)
    return not isinstance(await wish(security.admit, knock=knock), Refusal)


@pytest.mark.conformance("TC_A_09")
async def test_the_station_s_password_is_changed(station: Station, connect: Connect) -> None:
    new = await told_new_password(station, "Accepted")
    await connect("2.0.1", secret=new)
    row = await known()
    assert (row.secret_hash, row.pending_secret_hash, row.secret_changed_at) == (security.hashed(new), "", NOW)
    assert not await is_let_in(SECRET)


@pytest.mark.conformance("TC_A_10")
async def test_a_password_that_the_station_refuses_is_worth_nothing(station: Station, connect: Connect) -> None:
    new = await told_new_password(station, "Rejected")
    await connect("2.0.1")
    row = await known()
    assert (row.secret_hash, row.pending_secret_hash, row.secret_changed_at) == (security.hashed(SECRET), "", None)
    assert not await is_let_in(new)


@pytest.mark.conformance("TC_A_19")
async def test_the_security_profile_is_raised(station: Station, settings: Any) -> None:
    settings.PUBLIC_URL = "https://charge.example.org"
    await wish(security.upgrade_profile, charge_point=await known(), profile=2)
    network = await station.obey("SetNetworkProfile", status="Accepted")
    said = network["connectionData"]
    assert (said["ocppCsmsUrl"], said["securityProfile"]) == ("wss://charge.example.org/ocpp", 2)
    result = {**PRIORITY, "attributeStatus": "RebootRequired"}
    [order] = (await station.obey("SetVariables", setVariableResult=[result]))["setVariableData"]
    assert order["attributeValue"] == f"{network['configurationSlot']},1"
    assert await station.obey("Reset", status="Accepted") == {"type": "OnIdle"}
    assert (await known()).security_profile == 1
    assert await is_let_in(SECRET, by_tls=True)
    assert (await known()).security_profile == 2
    assert not await is_let_in(SECRET)
