"""Block K: profiles, composite schedules, limits from elsewhere, what a car wishes."""

from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.models import (
    ChargePoint,
    ChargingProfile,
    Command,
    CompositeSchedule,
    Evse,
    ExternalLimit,
    IdToken,
    ReportedProfile,
    Transaction,
)
from chargepoints.services import charging_profiles, commands, external_limits, remote_control, smart_charging
from chargepoints.services.charging_profiles import Sending
from tests.chargepoints.ocpp.conftest import NOW, rows, until
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v201.station import ID, Station, send, settled, transaction, wish

Payload = dict[str, Any]
PERIODS = (intents.Period(0, 7_400.0), intents.Period(900, 3_700.0))
SAID = [{"startPeriod": 0, "limit": 7_400.0}, {"startPeriod": 900, "limit": 3_700.0}]


def intent(purpose: str, evse_number: int = 0, **more: Any) -> intents.SetChargingProfile:
    return intents.SetChargingProfile(evse_number, 7, 2, purpose, NOW, PERIODS, **more)


async def set_profile(charge_point: ChargePoint, profile: intents.SetChargingProfile) -> Command:
    def make() -> Command:
        evse = Evse.objects.filter(charge_point=charge_point, number=profile.evse_number).first()
        sending = Sending("by hand", f"hand:{profile.profile_id}", commands.USUAL_VALIDITY, evse=evse)
        return charging_profiles.send(charge_point=charge_point, intent=profile, sending=sending, now=NOW)

    return await rows(make)


async def kept(command: Command) -> ChargingProfile:
    return await rows(lambda: ChargingProfile.objects.select_related("evse").get(command=command))


@pytest.mark.conformance("TC_K_01", "TC_K_03", "TC_K_10", "TC_K_19")
@pytest.mark.parametrize(
    ("profile", "said"),
    [
        pytest.param(intent("tx_default", 1), "TxDefaultProfile", id="an EVSE's default"),
        pytest.param(intent("tx_default"), "TxDefaultProfile", id="everybody's default"),
        pytest.param(intent("charge_point_max"), "ChargingStationMaxProfile", id="the station's maximum"),
        pytest.param(intent("tx_default", 1, duration_s=86_400, recurrency="daily"), "TxDefaultProfile", id="each day"),
    ],
)
async def test_a_profile_is_set(
    station: Station, charge_point: ChargePoint, profile: intents.SetChargingProfile, said: str
) -> None:
    command = await set_profile(charge_point, profile)
    asked = await station.obey("SetChargingProfile", status="Accepted")
    told = asked["chargingProfile"]
    [schedule] = told["chargingSchedule"]
    assert (asked["evseId"], told["id"], told["stackLevel"]) == (profile.evse_number, 7, 2)
    assert (told["chargingProfilePurpose"], schedule["chargingSchedulePeriod"]) == (said, SAID)
    assert (schedule["startSchedule"], schedule["chargingRateUnit"]) == ("2026-03-02T09:00:00.000Z", "W")
    kind = ("Recurring", "Daily") if profile.recurrency else ("Absolute", None)
    assert (told["chargingProfileKind"], told.get("recurrencyKind")) == kind
    assert (await settled(command)).status == "accepted"
    row = await kept(command)
    assert (row.status, row.purpose, row.recurrency) == ("accepted", profile.purpose, profile.recurrency)
    assert (row.evse.number if row.evse else 0) == profile.evse_number


@pytest.mark.conformance("TC_K_02")
async def test_a_session_s_profile_is_refused_where_no_session_runs(
    station: Station, charge_point: ChargePoint
) -> None:
    command = await set_profile(charge_point, intent("tx", 1, transaction_remote_id="unknown"))
    for unit in ("W", "A"):  # the unit may have been the reason
        asked = await station.obey("SetChargingProfile", status="Rejected", statusInfo={"reasonCode": "TxNotFound"})
        assert asked["chargingProfile"]["transactionId"] == "unknown"
        assert asked["chargingProfile"]["chargingSchedule"][0]["chargingRateUnit"] == unit
    assert (await settled(command)).status == "rejected"
    assert (await kept(command)).status == "refused"


@pytest.mark.conformance("TC_K_15")
async def test_a_station_without_smart_charging_says_so(station: Station, charge_point: ChargePoint) -> None:
    command = await set_profile(charge_point, intent("tx_default", 1))
    for _ in ("W", "A"):
        message_id, _asked = await station.asked("SetChargingProfile")
        await station.charger.send(f'[4,"{message_id}","NotSupported","no smart charging",{{}}]')
    row = await settled(command)
    assert (row.status, row.error) == ("failed", "NotSupported: no smart charging")
    assert (await kept(command)).status == "refused"


def _running() -> Transaction:
    return Transaction.objects.select_related("evse", "charge_point").get()


async def plan(station: Station, *periods: intents.Period) -> Payload:
    """A plan for the session that runs, which the station has accepted."""
    row = await rows(_running)
    command = await wish(
        smart_charging.set_session_profile,
        transaction_row=row,
        starts_at=NOW,
        periods=periods or PERIODS,
        valid_to=minutes(60),
        reason="cheaper later",
    )
    asked = await station.obey("SetChargingProfile", status="Accepted")
    assert (await settled(command)).status == "accepted"
    return asked["chargingProfile"]


@pytest.mark.conformance("TC_K_04")
async def test_a_newer_plan_with_the_same_id_replaces_the_older(station: Station, token: IdToken) -> None:
    await station.start()
    first = await plan(station)
    second = await plan(station, intents.Period(0, 5_000.0))
    assert (first["id"], first["transactionId"], first["chargingProfilePurpose"]) == (second["id"], ID, "TxProfile")
    told = await rows(
        lambda: list(ChargingProfile.objects.filter(purpose="tx").order_by("pk").values_list("status", "periods"))
    )
    assert told == [("replaced", [[0, 7_400], [900, 3_700]]), ("accepted", [[0, 5_000]])]


@pytest.mark.conformance("TC_K_60")
async def test_a_session_that_runs_gets_its_plan(station: Station, token: IdToken) -> None:
    await station.start()
    profile = await plan(station)
    [schedule] = profile["chargingSchedule"]
    assert (profile["chargingProfilePurpose"], profile["transactionId"]) == ("TxProfile", ID)
    assert (schedule["chargingSchedulePeriod"], profile["validTo"]) == (SAID, "2026-03-02T10:00:00.000Z")
    row = await rows(lambda: ChargingProfile.objects.get(purpose="tx"))
    assert (row.status, row.transaction_id, row.valid_to) == ("accepted", (await transaction()).pk, minutes(60))


@pytest.mark.conformance("TC_K_70")
async def test_profiles_of_several_purposes_stand_beside_each_other(
    station: Station, charge_point: ChargePoint, token: IdToken
) -> None:
    """What they make together is known here, before the station is asked."""
    most = await set_profile(
        charge_point, intents.SetChargingProfile(0, 8, 0, "charge_point_max", NOW, (intents.Period(0, 6_000.0),))
    )
    await station.obey("SetChargingProfile", status="Accepted")
    await settled(most)
    await station.start()
    await plan(station)
    told = await rows(lambda: list(ChargingProfile.objects.order_by("purpose").values_list("purpose", "status")))
    assert told == [(purpose, "accepted") for purpose in ("charge_point_max", "tx", "tx_default")]
    evse = await rows(lambda: Evse.objects.select_related("charge_point").get())
    await wish(smart_charging.read_back, evse=evse, duration_s=1_800)
    answer = schedule(1, 6_000) | {
        "duration": 1_800,
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6_000}, {"startPeriod": 900, "limit": 3_700}],
    }
    await station.obey("GetCompositeSchedule", status="Accepted", schedule=answer)
    row = await until(lambda: CompositeSchedule.objects.order_by("-pk").first())
    assert (row.expected_periods, row.difference_w) == ([[0, 6_000], [900, 3_700]], 0)


@pytest.mark.conformance("TC_K_05")
async def test_a_plan_is_cleared_by_its_id(station: Station, token: IdToken) -> None:
    await station.start()
    profile = await plan(station)
    command = await wish(smart_charging.clear_session_profile, transaction_row=await rows(_running))
    assert await station.obey("ClearChargingProfile", status="Accepted") == {"chargingProfileId": profile["id"]}
    assert (await settled(command)).status == "accepted"
    assert (await rows(lambda: ChargingProfile.objects.get(purpose="tx"))).status == "cleared"


@pytest.mark.conformance("TC_K_06")
async def test_a_profile_is_cleared_by_what_it_is(station: Station, charge_point: ChargePoint) -> None:
    one = await set_profile(charge_point, intent("charge_point_max"))
    await station.obey("SetChargingProfile", status="Accepted")
    await settled(one)
    command = await send(
        charge_point, intents.ClearChargingProfile(purpose="charge_point_max", stack_level=2, evse_number=0)
    )
    asked = await station.obey("ClearChargingProfile", status="Accepted")
    assert asked == {
        "chargingProfileCriteria": {
            "evseId": 0,
            "chargingProfilePurpose": "ChargingStationMaxProfile",
            "stackLevel": 2,
        }
    }
    assert (await settled(command)).status == "accepted"
    assert (await kept(one)).status == "cleared"


@pytest.mark.conformance("TC_K_08")
async def test_nothing_to_clear_is_what_was_wanted(station: Station, charge_point: ChargePoint) -> None:
    command = await send(charge_point, intents.ClearChargingProfile(profile_id=77))
    await station.obey("ClearChargingProfile", status="Unknown")
    row = await settled(command)
    assert (row.status, row.result) == ("accepted", {"status": "Unknown"})


@pytest.mark.conformance("TC_K_37")
async def test_a_start_from_here_brings_its_limit(station: Station, token: IdToken) -> None:
    evse = await rows(lambda: Evse.objects.select_related("charge_point").get())
    command = await wish(
        remote_control.start, evse=evse, id_token=token, requested_by=None, starts_at=NOW, periods=PERIODS
    )
    asked = await station.obey("RequestStartTransaction", status="Accepted")
    told = asked["chargingProfile"]
    assert (told["chargingProfilePurpose"], "transactionId" in told) == ("TxProfile", False)
    assert told["chargingSchedule"][0]["chargingSchedulePeriod"] == SAID
    assert (await settled(command)).status == "accepted"
    await station.start(info={"remoteStartId": asked["remoteStartId"]})
    assert (await transaction()).remote_start_id == asked["remoteStartId"]


def schedule(evse: int, limit_w: float) -> Payload:
    return {
        "evseId": evse,
        "duration": 3_600,
        "scheduleStart": iso(NOW),
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit_w}],
    }


@pytest.mark.conformance("TC_K_43")
async def test_the_composite_schedule_of_an_evse_is_read_and_compared(
    station: Station, charge_point: ChargePoint
) -> None:
    await until(lambda: ChargingProfile.objects.filter(purpose="tx_default", status="accepted").first())
    evse = await rows(lambda: Evse.objects.select_related("charge_point").get())
    command = await wish(smart_charging.read_back, evse=evse, duration_s=3_600)
    asked = await station.obey("GetCompositeSchedule", status="Accepted", schedule=schedule(1, 4_200))
    assert asked == {"evseId": 1, "duration": 3_600, "chargingRateUnit": "W"}
    assert (await settled(command)).status == "accepted"
    row = await until(lambda: CompositeSchedule.objects.filter(evse=evse).first())
    assert (row.periods, row.duration_s, row.starts_at, row.difference_w) == ([[0, 4_200]], 3_600, NOW, 0)


@pytest.mark.conformance("TC_K_44")
async def test_the_composite_schedule_of_the_station_is_read(station: Station, charge_point: ChargePoint) -> None:
    """It belongs to no EVSE: the answer stays with the question."""
    command = await send(charge_point, intents.GetCompositeSchedule(0, 3_600))
    asked = await station.obey("GetCompositeSchedule", status="Accepted", schedule=schedule(0, 22_000))
    assert asked["evseId"] == 0
    row = await settled(command)
    assert (row.status, row.result["schedule"]) == ("accepted", schedule(0, 22_000))


async def limit(station: Station, evse: int | None = None, limit_w: float = 5_000) -> None:
    one = {
        "id": 1,
        "startSchedule": iso(NOW),
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit_w}],
    }
    payload = {"chargingLimit": {"chargingLimitSource": "EMS", "isGridCritical": False}, "chargingSchedule": [one]}
    assert await station.call("NotifyChargingLimit", {**payload, **({"evseId": evse} if evse else {})}) == {}


@pytest.mark.conformance("TC_K_48")
async def test_a_limit_from_a_building_is_kept_and_replaced(station: Station, charge_point: ChargePoint) -> None:
    await limit(station)
    await limit(station, limit_w=3_000)
    told = await rows(
        lambda: list(ExternalLimit.objects.order_by("pk").values_list("source", "evse", "periods", "cleared_at"))
    )
    assert told == [("EMS", None, [[0, 5_000]], NOW), ("EMS", None, [[0, 3_000]], None)]


@pytest.mark.conformance("TC_K_50", "TC_K_51")
@pytest.mark.parametrize("in_session", [False, True])
async def test_a_limit_that_is_lifted_holds_no_more(station: Station, token: IdToken, in_session: bool) -> None:
    if in_session:
        await station.start()
        await limit(station, 1)
        await station.event("Updated", "ChargingRateChanged", minutes(1))
    else:
        await limit(station, 1)
    cleared = {"chargingLimitSource": "EMS", "evseId": 1}
    assert await station.call("ClearedChargingLimit", cleared) == {}
    if in_session:
        await station.event("Updated", "ChargingRateChanged", minutes(2))
        assert (await transaction()).state == "active"
    row = await rows(ExternalLimit.objects.select_related("evse").get)
    assert (row.evse.number, row.cleared_at) == (1, NOW)


@pytest.mark.conformance("TC_K_52")
async def test_a_station_tells_all_profiles_that_it_has(station: Station, charge_point: ChargePoint) -> None:
    charge_point.ocpp_version = "2.0.1"
    command = await wish(external_limits.ask_profiles, charge_point=charge_point, evse_number=0, purpose="external")
    asked = await station.obey("GetChargingProfiles", status="Accepted")
    criteria = {"chargingProfilePurpose": "ChargingStationExternalConstraints"}
    assert (asked["evseId"], asked["chargingProfile"]) == (0, criteria)
    assert (await settled(command)).status == "accepted"
    for number, more in ((1, True), (2, False)):
        one = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 5_000}]}
        profile = {
            "id": number,
            "stackLevel": number,
            "chargingProfilePurpose": "ChargingStationExternalConstraints",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": [one],
        }
        payload = {
            "requestId": asked["requestId"],
            "chargingLimitSource": "EMS",
            "chargingProfile": [profile],
            "evseId": 0,
            "tbc": more,
        }
        assert await station.call("ReportChargingProfiles", payload) == {}
    told = await rows(
        lambda: list(ReportedProfile.objects.order_by("profile_id").values_list("profile_id", "purpose", "source"))
    )
    assert told == [(number, "ChargingStationExternalConstraints", "EMS") for number in (1, 2)]


def wishes(soc: int = 35) -> Payload:
    direct = {"evMaxCurrent": 200, "evMaxVoltage": 400, "stateOfCharge": soc, "energyAmount": 30_000}
    needs = {"requestedEnergyTransfer": "DC", "departureTime": iso(minutes(240)), "dcChargingParameters": direct}
    return {"evseId": 1, "chargingNeeds": needs}


async def test_what_a_car_needs_is_planned_with_where_a_session_runs(station: Station, token: IdToken) -> None:
    """K15: the state of charge is kept as a reading; the rest the driver said."""
    assert (await station.call("NotifyEVChargingNeeds", wishes()))["status"] == "Rejected"
    await station.start()
    assert (await station.call("NotifyEVChargingNeeds", wishes()))["status"] == "Processing"
    assert (await transaction()).soc_percent == 35


@pytest.mark.parametrize(
    ("limits", "verdict"),
    [
        ([(0, 7_400), (900, 3_700)], "Accepted"),
        ([(0, 5_000)], "Rejected"),  # too much after a quarter of an hour
        ([(0, 7_600)], "Rejected"),
    ],
)
async def test_what_a_car_means_to_draw_is_held_to_its_plan(
    station: Station, token: IdToken, limits: list[tuple[int, float]], verdict: str
) -> None:
    await station.start()
    await plan(station)
    periods = [{"startPeriod": start, "limit": limit_w} for start, limit_w in limits]
    one = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": periods}
    payload = {"timeBase": iso(NOW), "evseId": 1, "chargingSchedule": one}
    assert (await station.call("NotifyEVChargingSchedule", payload))["status"] == verdict


async def test_a_car_without_a_plan_may_draw_what_it_likes(station: Station, token: IdToken) -> None:
    one = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 50_000}]}
    payload = {"timeBase": iso(NOW), "evseId": 1, "chargingSchedule": one}
    assert (await station.call("NotifyEVChargingSchedule", payload))["status"] == "Accepted"
