"""Smart charging."""

from datetime import timedelta

import pytest

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, ChargingProfile, CompositeSchedule, Evse, IdToken, Transaction
from chargepoints.services import smart_charging
from tests.chargepoints.ocpp.conftest import NOW, Connect, rows, until
from tests.chargepoints.ocpp.words import minutes
from tests.conformance.v16.station import Station, send, settled, transaction, wish

PERIODS = (intents.Period(0, 7_400.0), intents.Period(900, 3_700.0))


async def profile(status: str, purpose: str) -> ChargingProfile:
    kept = ChargingProfile.objects.select_related("command").filter(purpose=purpose)
    return await until(lambda: kept.filter(status=status).first())


@pytest.mark.conformance("TC_056")
async def test_the_default_limit_is_taken(connect: Connect, charge_point: ChargePoint) -> None:
    station = Station(await connect())
    await station.boot()
    asked = await station.obey("SetChargingProfile", status="Accepted")
    said = asked["csChargingProfiles"]
    assert (asked["connectorId"], said["chargingProfilePurpose"], said["chargingProfileKind"]) == (
        0,
        "TxDefaultProfile",
        "Absolute",
    )
    assert said["chargingSchedule"]["startSchedule"] < "2026-03-02T09:00"
    assert said["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 4_200.0}]
    row = await profile("accepted", "tx_default")
    assert (row.charge_point_id, row.evse, row.periods) == (charge_point.pk, None, [[0, 4_200.0]])


async def planned(station: Station, status: str = "Accepted") -> ChargingProfile:
    """A session with a plan that the charger has answered."""
    await station.start()
    await wish(
        smart_charging.set_session_profile,
        transaction_row=await rows(_running),
        starts_at=NOW,
        periods=PERIODS,
        valid_to=minutes(30),
        reason="cheaper later",
    )
    asked = await station.obey("SetChargingProfile", status=status)
    said = asked["csChargingProfiles"]
    assert (asked["connectorId"], said["chargingProfilePurpose"]) == (1, "TxProfile")
    assert said["transactionId"] == station.transaction_id
    assert [one["limit"] for one in said["chargingSchedule"]["chargingSchedulePeriod"]] == [7_400, 3_700]
    if status == "Accepted":
        return await profile("accepted", "tx")
    again = await station.obey("SetChargingProfile", status=status)  # the unit may have been the reason
    assert again["csChargingProfiles"]["chargingSchedule"]["chargingRateUnit"] == "A"
    return await profile("refused", "tx")


def _running() -> Transaction:
    return Transaction.objects.select_related("evse", "charge_point").get()


@pytest.mark.conformance("TC_057")
async def test_a_session_s_plan_is_taken(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    row = await planned(station)
    assert (row.transaction_id, row.reason) == ((await transaction()).pk, "cheaper later")
    assert (row.starts_at, row.valid_to, row.periods) == (NOW, minutes(30), [[0, 7_400.0], [900, 3_700.0]])
    assert (await profile("accepted", "tx_default")).evse is None  # the limit beneath it stays


@pytest.mark.conformance("TC_057")
async def test_a_plan_that_is_refused_is_not_taken_as_followed(station: Station, token: IdToken) -> None:
    row = await planned(station, "Rejected")
    assert row.command.status == "rejected"


@pytest.mark.conformance("TC_059")
async def test_a_remote_start_brings_its_plan(station: Station, charge_point: ChargePoint, token: IdToken) -> None:
    intent = intents.RemoteStart(
        evse_number=1, token="DEADBEEF", profile_id=101, stack_level=1, starts_at=NOW, periods=PERIODS
    )
    command = await send(charge_point, intent)
    asked = await station.obey("RemoteStartTransaction", status="Accepted")
    said = asked["chargingProfile"]
    assert (said["chargingProfileId"], said["stackLevel"], said["chargingProfilePurpose"]) == (101, 1, "TxProfile")
    assert "transactionId" not in said
    assert said["chargingSchedule"]["chargingSchedulePeriod"][1] == {"startPeriod": 900, "limit": 3_700.0}
    assert (await settled(command)).status == "accepted"
    assert (await station.start())["status"] == "Accepted"
    assert (await transaction()).driver_id == token.driver_id


@pytest.mark.conformance("TC_066")
async def test_the_composite_schedule_is_read_and_compared(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    await profile("accepted", "tx_default")
    evse = await rows(lambda: Evse.objects.select_related("charge_point").get())
    command = await wish(smart_charging.read_back, evse=evse, duration_s=3_600)
    asked = await station.obey(
        "GetCompositeSchedule",
        status="Accepted",
        connectorId=1,
        scheduleStart="2026-03-02T09:00:00Z",
        chargingSchedule={
            "duration": 3_600,
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 4_200.0}],
        },
    )
    assert asked == {"connectorId": 1, "duration": 3_600, "chargingRateUnit": "W"}
    assert (await settled(command)).status == "accepted"
    row = await until(CompositeSchedule.objects.first)
    assert (row.evse_id, row.starts_at, row.duration_s) == (evse.pk, NOW, 3_600)
    assert (row.periods, row.expected_periods, row.difference_at) == ([[0, 4_200.0]], [[0, 4_200.0]], None)


@pytest.mark.conformance("TC_066")
async def test_a_schedule_that_is_not_told_is_none(station: Station, charge_point: ChargePoint) -> None:
    evse = await rows(lambda: Evse.objects.select_related("charge_point").get())
    command = await wish(smart_charging.read_back, evse=evse, duration_s=3_600)
    await station.obey("GetCompositeSchedule", status="Rejected")
    assert (await settled(command)).status == "rejected"
    assert await rows(CompositeSchedule.objects.count) == 0


@pytest.mark.conformance("TC_067")
@pytest.mark.parametrize("answer", ["Accepted", "Unknown"])
async def test_a_plan_is_cleared(station: Station, charge_point: ChargePoint, token: IdToken, answer: str) -> None:
    row = await planned(station)
    command = await wish(smart_charging.clear_session_profile, transaction_row=await rows(_running))
    assert await station.obey("ClearChargingProfile", status=answer) == {"id": 101}
    assert (await settled(command)).status == "accepted"
    assert (await profile("cleared", "tx")).pk == row.pk
    assert (await profile("accepted", "tx_default")).status == "accepted"
    assert command.expires_at - command.created_at > timedelta(0)


@pytest.mark.conformance("TC_067")
async def test_profiles_are_cleared_by_what_they_are(station: Station, charge_point: ChargePoint) -> None:
    await profile("accepted", "tx_default")
    intent = intents.ClearChargingProfile(evse_number=0, purpose="tx_default", stack_level=0)
    command = await send(charge_point, intent)
    asked = await station.obey("ClearChargingProfile", status="Accepted")
    assert asked == {"connectorId": 0, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}
    await settled(command)
    assert (await profile("cleared", "tx_default")).evse is None
