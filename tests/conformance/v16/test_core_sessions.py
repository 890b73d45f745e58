"""Core: starting up, charging, and who may."""

from datetime import timedelta

import pytest

from chargepoints.models import ChargePoint, Command, IdToken, Transaction
from tests.chargepoints.ocpp.conftest import NOW, Clock, Connect, rows
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v16.conftest import Up
from tests.conformance.v16.station import Station, connector, no_transaction, transaction


async def ended(station: Station, *, reason: str, meter_wh: int = 2_500, token: str = "DEADBEEF") -> None:
    """The session of this station is over, with all that belongs to it."""
    await station.status("Finishing", minutes(31))
    await station.status("Available", minutes(32))
    row = await transaction()
    assert (row.state, row.stop_reason, row.remote_id) == ("ended", reason, str(station.transaction_id))
    assert (row.started_at, row.ended_at) == (NOW, minutes(30))
    assert (row.meter_stop_wh - row.meter_start_wh, row.energy_wh, row.token) == (meter_wh, meter_wh, token)


async def is_at(charge_point: ChargePoint, status: str) -> bool:
    return (await connector(charge_point)).status == status


@pytest.mark.conformance("TC_001")
async def test_cold_boot(connect: Connect, charge_point: ChargePoint) -> None:
    station = Station(await connect())
    answer = await station.boot()
    assert answer == {"status": "Accepted", "currentTime": "2026-03-02T09:00:00.000Z", "interval": 300}
    for number in (0, 1):
        await station.status("Available", connector=number)
    assert await station.charger.call("Heartbeat", {}) == {"currentTime": "2026-03-02T09:00:00.000Z"}
    row = await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))
    assert (row.vendor, row.model, row.firmware_version, row.ocpp_version) == ("Vend", "M1", "1.2", "1.6")
    assert (row.booted_at, row.is_connected) == (NOW, True)
    assert await is_at(charge_point, "available")
    profile = await station.obey("SetChargingProfile", status="Accepted")
    assert profile["csChargingProfiles"]["chargingProfilePurpose"] == "TxDefaultProfile"


@pytest.mark.conformance("TC_003")
async def test_plug_in_first(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    await station.status("Preparing")
    assert (await station.authorize("DEADBEEF"))["status"] == "Accepted"
    assert (await station.start(meter_wh=1_000))["status"] == "Accepted"
    await station.status("Charging")
    row = await transaction()
    assert (row.state, row.id_token_id, row.driver_id) == ("active", token.pk, token.driver_id)
    assert await is_at(charge_point, "charging")
    answer = await station.stop(3_500, minutes(30), token="DEADBEEF")
    assert answer["idTagInfo"]["status"] == "Accepted"
    await ended(station, reason="Local")
    assert await is_at(charge_point, "available")


@pytest.mark.conformance("TC_004_1")
async def test_identification_first(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    assert (await station.authorize("deadbeef"))["status"] == "Accepted"  # tokens compare without case
    assert await no_transaction()
    await station.status("Preparing")
    assert (await station.start())["status"] == "Accepted"
    await station.status("Charging")
    await station.stop(2_500, minutes(30), token="DEADBEEF")
    await ended(station, reason="Local")


@pytest.mark.conformance("TC_004_2")
async def test_identification_first_and_no_car_comes(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    assert (await station.authorize("DEADBEEF"))["status"] == "Accepted"
    await station.status("Preparing")
    await station.status("Available", minutes(1))  # ConnectionTimeOut
    assert await no_transaction()
    assert await is_at(charge_point, "available")


@pytest.mark.conformance("TC_005_1")
async def test_the_cable_is_pulled_at_the_car(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    await station.status("Preparing")
    await station.authorize("DEADBEEF")
    await station.start()
    await station.status("Charging")
    await station.status("SuspendedEV", minutes(29))
    assert await is_at(charge_point, "suspended_ev")
    assert await station.stop(2_500, minutes(30), reason="EVDisconnected") == {}  # without a token it is normal
    await ended(station, reason="EVDisconnected")


@pytest.mark.conformance("TC_007")
async def test_a_cached_token_starts_unasked(station: Station, token: IdToken) -> None:
    await station.status("Preparing")
    info = await station.start()  # no Authorize: the charger's cache knows the card
    assert info["status"] == "Accepted"
    row = await transaction()
    assert (row.state, row.id_token_id) == ("active", token.pk)
    await station.stop(2_500, minutes(30), token="DEADBEEF")
    await ended(station, reason="Local")


@pytest.mark.conformance("TC_023_1")
async def test_an_unknown_token_may_not_charge(station: Station) -> None:
    await station.status("Preparing")
    assert await station.authorize("NOBODY") == {"status": "Invalid"}
    assert await no_transaction()
    assert await rows(lambda: IdToken.objects.filter(key__iexact="NOBODY").count()) == 0


@pytest.mark.conformance("TC_023_2")
async def test_an_expired_token_may_not_charge(station: Station, token: IdToken) -> None:
    await rows(lambda: IdToken.objects.filter(pk=token.pk).update(expires_at=NOW - timedelta(days=1)))
    await station.status("Preparing")
    info = await station.authorize("DEADBEEF")
    assert (info["status"], info["expiryDate"]) == ("Expired", "2026-03-01T09:00:00.000Z")
    assert await no_transaction()


@pytest.mark.conformance("TC_023_3")
async def test_a_blocked_token_may_not_charge(station: Station, token: IdToken) -> None:
    await rows(lambda: IdToken.objects.filter(pk=token.pk).update(status=IdToken.Status.BLOCKED))
    await station.status("Preparing")
    assert (await station.authorize("DEADBEEF"))["status"] == "Blocked"
    assert await no_transaction()


@pytest.mark.conformance("TC_024")
async def test_a_lock_that_fails_starts_nothing(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    await station.authorize("DEADBEEF")
    await station.status("Preparing")
    await station.status("Faulted", minutes(1), error="ConnectorLockFailure", info="bolt", vendorErrorCode="E7")
    row = await connector(charge_point)
    assert (row.status, row.error_code) == ("faulted", "ConnectorLockFailure E7 bolt")
    assert await no_transaction()
    await station.status("Available", minutes(2))
    row = await connector(charge_point)
    assert (row.status, row.error_code) == ("available", "")


@pytest.mark.conformance("TC_032_1")
async def test_power_fails_and_the_charger_ends_its_session_at_the_next_boot(
    station: Station, up: Up, charge_point: ChargePoint, token: IdToken
) -> None:
    await station.start()
    await station.status("Charging")
    again = await up()
    again.transaction_id = station.transaction_id
    assert (await transaction()).state == "active"
    await again.stop(2_500, minutes(30), reason="PowerLoss")
    await ended(again, reason="PowerLoss")
    assert await rows(lambda: Command.objects.filter(kind="set_charging_profile").count()) == 2  # the limit again


@pytest.mark.conformance("TC_037_1")
async def test_a_start_while_offline_is_told_later(up: Up, clock: Clock, token: IdToken) -> None:
    await up()
    clock.advance(hours=2)
    station = await up()
    assert (await station.start(meter_wh=100, at=NOW))["status"] == "Accepted"
    await station.status("Charging", clock.now)
    row = await transaction()
    assert (row.state, row.started_at, row.meter_start_wh) == ("active", NOW, 100)
    assert row.id_token_id == token.pk


@pytest.mark.conformance("TC_037_3")
async def test_a_start_while_offline_by_a_token_that_may_not(up: Up, clock: Clock, charge_point: ChargePoint) -> None:
    await up()
    clock.advance(hours=2)
    station = await up()
    info = await station.start("NOBODY", at=NOW)
    assert (info["status"], station.transaction_id > 0) == ("Invalid", True)
    assert await station.stop(40, minutes(30), reason="DeAuthorized") == {}
    row = await transaction()
    assert (row.state, row.stop_reason, row.energy_wh) == ("quarantined", "DeAuthorized", 40)
    assert (row.started_at, row.ended_at, row.token) == (NOW, minutes(30), "NOBODY")
    assert row.flaw == "token refused: Invalid"


@pytest.mark.conformance("TC_039")
async def test_a_whole_session_while_offline(up: Up, clock: Clock, token: IdToken) -> None:
    await up()
    clock.advance(hours=6)
    station = await up()
    assert (await station.start(meter_wh=1_000, at=NOW))["status"] == "Accepted"
    await station.stop(3_500, minutes(30), token="DEADBEEF")
    row = await transaction()
    assert (row.state, row.started_at, row.ended_at) == ("ended", NOW, minutes(30))
    assert (row.energy_wh, row.driver_id) == (2_500, token.driver_id)


@pytest.mark.conformance("TC_064")
async def test_a_vendor_s_message_that_nobody_knows(station: Station) -> None:
    answer = await station.charger.call("DataTransfer", {"vendorId": "org.nobody", "messageId": "m", "data": "{}"})
    assert answer == {"status": "UnknownVendorId"}
    assert await rows(Transaction.objects.count) == 0
