"""Core: what the central system asks of a charger."""

from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, DeviceVariable, Evse, IdToken, OcppMessage
from chargepoints.services import configuration, remote_control
from tests.chargepoints.ocpp.conftest import NOW, Clock, logged, rows, until
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v16.conftest import Up
from tests.conformance.v16.station import Station, connector, no_transaction, send, settled, transaction, wish


async def remote_start(charge_point: ChargePoint, token: IdToken) -> Command:
    evse = await rows(lambda: Evse.objects.select_related("charge_point").get(charge_point=charge_point))
    return await wish(remote_control.start, evse=evse, id_token=token, requested_by=None)


async def remote_stop() -> Command:
    return await wish(remote_control.stop, transaction_row=await transaction(), requested_by=None)


async def unlock(charge_point: ChargePoint, number: int = 1) -> Command:
    return await wish(remote_control.unlock, connector=await connector(charge_point, number), requested_by=None)


async def variable(name: str) -> DeviceVariable:
    return await until(lambda: DeviceVariable.objects.filter(name=name, component="").first())


async def known(charge_point: ChargePoint) -> ChargePoint:
    """The charge point's row as it is since the charger connected."""
    return await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))


@pytest.mark.conformance("TC_010")
async def test_remote_start_with_the_cable_plugged_in(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.status("Preparing")
    command = await remote_start(charge_point, token)
    asked = await station.obey("RemoteStartTransaction", status="Accepted")
    assert asked == {"connectorId": 1, "idTag": "DEADBEEF"}
    assert (await settled(command)).status == "accepted"
    assert (await station.authorize(asked["idTag"]))["status"] == "Accepted"
    assert (await station.start(asked["idTag"]))["status"] == "Accepted"
    await station.status("Charging")
    row = await transaction()
    assert (row.state, row.driver_id, row.id_token_id) == ("active", token.driver_id, token.pk)


@pytest.mark.conformance("TC_011_1")
async def test_remote_start_before_the_cable(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    command = await remote_start(charge_point, token)
    await station.obey("RemoteStartTransaction", status="Accepted")
    await settled(command)
    await station.authorize("DEADBEEF")
    await station.status("Preparing")
    assert await no_transaction()
    assert (await station.start(at=minutes(1)))["status"] == "Accepted"
    await station.status("Charging", minutes(1))
    row = await transaction()
    assert (row.state, row.started_at, row.driver_id) == ("active", minutes(1), token.driver_id)


@pytest.mark.conformance("TC_011_2")
async def test_remote_start_and_no_cable_comes(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    command = await remote_start(charge_point, token)
    await station.obey("RemoteStartTransaction", status="Accepted")
    await station.authorize("DEADBEEF")
    await station.status("Preparing")
    await station.status("Available", minutes(1))  # ConnectionTimeOut
    assert (await settled(command)).status == "accepted"
    assert await no_transaction()
    assert (await connector(charge_point)).status == "available"


@pytest.mark.conformance("TC_012")
async def test_remote_stop(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    await station.start()
    await station.status("Charging")
    command = await remote_stop()
    assert await station.obey("RemoteStopTransaction", status="Accepted") == {"transactionId": station.transaction_id}
    assert (await settled(command)).status == "accepted"
    await station.stop(2_500, minutes(30), reason="Remote")
    await station.status("Finishing", minutes(30))
    await station.status("Available", minutes(31))
    row = await transaction()
    assert (row.state, row.stop_reason, row.energy_wh) == ("ended", "Remote", 2_500)


@pytest.mark.conformance("TC_013")
async def test_hard_reset(station: Station, up: Up, clock: Clock, charge_point: ChargePoint, token: IdToken) -> None:
    await station.start()
    command = await wish(remote_control.reset, charge_point=charge_point, immediate=True, requested_by=None)
    assert await station.obey("Reset", status="Accepted") == {"type": "Hard"}
    assert (await settled(command)).status == "accepted"
    await station.stop(2_500, minutes(30), reason="HardReset")
    await station.charger.socket.disconnect()
    await until(lambda: ChargePoint.objects.filter(pk=charge_point.pk, connection_key="").exists())
    clock.advance(minutes=31)
    await up()
    assert (await known(charge_point)).booted_at == minutes(31)
    assert ((await transaction()).state, (await transaction()).stop_reason) == ("ended", "HardReset")


@pytest.mark.conformance("TC_014")
async def test_soft_reset(station: Station, up: Up, clock: Clock, charge_point: ChargePoint, token: IdToken) -> None:
    await station.start()
    command = await wish(remote_control.reset, charge_point=charge_point, immediate=False, requested_by=None)
    assert await station.obey("Reset", status="Accepted") == {"type": "Soft"}
    await station.stop(2_500, minutes(30), reason="SoftReset")
    clock.advance(minutes=31)
    await up()
    assert (await settled(command)).status == "accepted"
    assert ((await transaction()).state, (await transaction()).stop_reason) == ("ended", "SoftReset")
    assert (await known(charge_point)).booted_at == minutes(31)


@pytest.mark.conformance("TC_017_1")
async def test_unlock_without_a_session(station: Station, charge_point: ChargePoint) -> None:
    command = await unlock(charge_point)
    assert await station.obey("UnlockConnector", status="Unlocked") == {"connectorId": 1}
    row = await settled(command)
    assert (row.status, row.result) == ("accepted", {"status": "Unlocked"})


@pytest.mark.conformance("TC_017_2")
async def test_unlock_of_a_fixed_cable(station: Station, charge_point: ChargePoint) -> None:
    command = await unlock(charge_point)
    await station.obey("UnlockConnector", status="NotSupported")
    row = await settled(command)
    assert (row.status, row.result) == ("rejected", {"status": "NotSupported"})
    assert await no_transaction()


@pytest.mark.conformance("TC_018_1")
async def test_unlock_ends_the_session(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    await station.start()
    await station.status("Charging")
    command = await unlock(charge_point)
    await station.obey("UnlockConnector", status="Unlocked")
    await station.stop(2_500, minutes(30), reason="UnlockCommand")
    assert (await settled(command)).status == "accepted"
    row = await transaction()
    assert (row.state, row.stop_reason, row.energy_wh) == ("ended", "UnlockCommand", 2_500)


@pytest.mark.conformance("TC_019_1")
async def test_all_configuration_keys_are_told(station: Station, charge_point: ChargePoint) -> None:
    command = await wish(configuration.ask_all, charge_point=await known(charge_point))
    keys = [
        {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
        {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,SmartCharging"},
        {"key": "AuthorizationKey", "readonly": False, "value": "5f4dcc3b5aa765d61d8327deb882cf99"},
    ]
    assert await station.obey("GetConfiguration", configurationKey=keys) == {}
    assert (await settled(command)).status == "accepted"
    row = await variable("SupportedFeatureProfiles")
    assert (row.value, row.mutability, row.refusal) == ("Core,SmartCharging", "ReadOnly", "")
    assert (await variable("HeartbeatInterval")).mutability == "ReadWrite"
    assert await rows(lambda: charge_point.variables.count()) == 3
    await logged()
    kept = await rows(
        lambda: str([*Command.objects.values_list("result"), *OcppMessage.objects.values_list("payload")])
    )
    assert "5f4dcc3b5aa765d61d8327deb882cf99" not in kept + (await variable("AuthorizationKey")).value


@pytest.mark.conformance("TC_019_2")
async def test_one_configuration_key_is_told(station: Station, charge_point: ChargePoint) -> None:
    wanted = [intents.Variable("MeterValueSampleInterval"), intents.Variable("Nonsense")]
    (command,) = await wish(configuration.ask, charge_point=await known(charge_point), variables=wanted)
    asked = await station.obey(
        "GetConfiguration",
        configurationKey=[{"key": "MeterValueSampleInterval", "readonly": False, "value": "60"}],
        unknownKey=["Nonsense"],
    )
    assert asked == {"key": ["MeterValueSampleInterval", "Nonsense"]}
    await settled(command)
    assert ((await variable("MeterValueSampleInterval")).value, (await variable("Nonsense")).refusal) == (
        "60",
        "UnknownVariable",
    )


async def changed(station: Station, charge_point: ChargePoint, value: str, status: str) -> Command:
    wanted = [intents.Variable("MeterValueSampleInterval", value=value)]
    (command,) = await wish(configuration.change, charge_point=await known(charge_point), variables=wanted)
    asked = await station.obey("ChangeConfiguration", status=status)
    assert asked == {"key": "MeterValueSampleInterval", "value": value}
    return await settled(command)


@pytest.mark.conformance("TC_021")
@pytest.mark.parametrize(("status", "needs_reboot"), [("Accepted", False), ("RebootRequired", True)])
async def test_a_key_is_set(station: Station, charge_point: ChargePoint, status: str, needs_reboot: bool) -> None:
    assert (await changed(station, charge_point, "30", status)).status == "accepted"
    row = await variable("MeterValueSampleInterval")
    assert (row.value, row.refusal, row.needs_reboot, row.reported_at) == ("30", "", needs_reboot, NOW)


@pytest.mark.conformance("TC_040_1", "TC_040_2")
@pytest.mark.parametrize("status", ["NotSupported", "Rejected"])
async def test_a_key_that_cannot_be_set_so(station: Station, charge_point: ChargePoint, status: str) -> None:
    await changed(station, charge_point, "30", "Accepted")
    await variable("MeterValueSampleInterval")
    command = await changed(station, charge_point, "-1", status)
    assert (command.status, command.result) == ("rejected", {"status": status})
    row = await until(lambda: DeviceVariable.objects.exclude(refusal="").first())
    assert (row.name, row.refusal, row.value) == ("MeterValueSampleInterval", status, "30")


@pytest.mark.conformance("TC_026")
async def test_a_remote_start_is_refused(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    command = await remote_start(charge_point, token)
    await station.obey("RemoteStartTransaction", status="Rejected")
    row = await settled(command)
    assert (row.status, row.result) == ("rejected", {"status": "Rejected"})
    assert await no_transaction()


@pytest.mark.conformance("TC_028")
async def test_a_remote_stop_is_refused(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    await station.start()
    command = await remote_stop()
    await station.obey("RemoteStopTransaction", status="Rejected")
    assert (await settled(command)).status == "rejected"
    row = await transaction()
    assert (row.state, row.ended_at) == ("active", None)


@pytest.mark.conformance("TC_030")
async def test_an_unlock_fails(station: Station, charge_point: ChargePoint) -> None:
    command = await unlock(charge_point)
    await station.obey("UnlockConnector", status="UnlockFailed")
    row = await settled(command)
    assert (row.status, row.result) == ("rejected", {"status": "UnlockFailed"})
    assert (await connector(charge_point)).status == "available"


@pytest.mark.conformance("TC_031")
async def test_a_connector_that_the_charger_has_not_cannot_be_unlocked(
    station: Station, charge_point: ChargePoint
) -> None:
    await rows(lambda: _second_connector(charge_point))
    command = await unlock(charge_point, 2)
    assert await station.obey("UnlockConnector", status="NotSupported") == {"connectorId": 2}
    assert ((await settled(command)).status, (await connector(charge_point)).status) == ("rejected", "available")


def _second_connector(charge_point: ChargePoint) -> Any:
    """Configured here, but the charger has one only."""
    return Evse.objects.create(charge_point=charge_point, number=2, max_power_w=11_000).connectors.create()


@pytest.mark.conformance("TC_061")
async def test_the_cache_is_cleared(station: Station, charge_point: ChargePoint) -> None:
    command = await send(charge_point, intents.ClearCache())
    assert await station.obey("ClearCache", status="Accepted") == {}
    assert (await settled(command)).status == "accepted"
