"""What real chargers make of charging profiles: each is told what it takes, and nobody is left without a limit."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.models import (
    ChargePoint,
    ChargingProfile,
    Command,
    CompositeSchedule,
    DeviceVariable,
    Evse,
    IdToken,
    Transaction,
)
from chargepoints.services import smart_charging
from tests.chargepoints.ocpp.conftest import NOW, Charger, Clock, Connect, rows, until
from tests.chargepoints.ocpp.words import WORDS, Words16, Words201, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
PLAN = (intents.Period(0, 7_000.0), intents.Period(900, 0.0), intents.Period(1_800, 9_000.0))
# What 1.6 calls a key, 2.0.1 calls a variable of a component.
NAMES = {
    "units": {"1.6": ("", "ChargingScheduleAllowedChargingRateUnit"), "2.0.1": ("SmartChargingCtrlr", "RateUnit")},
    "periods": {"1.6": ("", "ChargingScheduleMaxPeriods"), "2.0.1": ("SmartChargingCtrlr", "PeriodsPerSchedule")},
    "profiles": {"1.6": ("", "MaxChargingProfilesInstalled"), "2.0.1": ("SmartChargingCtrlr", "Entries")},
    "level": {"1.6": ("", "ChargeProfileMaxStackLevel"), "2.0.1": ("SmartChargingCtrlr", "ProfileStackLevel")},
}


async def begun(version: str, connect: Connect, **told: str) -> Words16 | Words201:
    """A session at a charger that told this of its settings, and took its default limit."""
    for what, value in told.items():
        await rows(lambda what=what, value=value: _tell(NAMES[what][version], value))
    words = WORDS[version](await connect(version))
    await words.boot()
    await answer(words.charger)
    await words.start("DEADBEEF", 0)
    return words


def _tell(name: tuple[str, str], value: str) -> None:
    DeviceVariable.objects.create(
        charge_point=ChargePoint.objects.get(), component=name[0], name=name[1], value=value, reported_at=NOW
    )


async def answer(charger: Charger, status: str = "Accepted") -> dict[str, Any]:
    """The charger's answer to the next profile; the profile with its place."""
    message_id, payload = await charger.asked("SetChargingProfile")
    await charger.reply(message_id, {"status": status})
    told = payload.get("csChargingProfiles") or payload["chargingProfile"]
    schedule = told["chargingSchedule"]
    return {
        **told,
        "place": payload.get("connectorId", payload.get("evseId")),
        "schedule": schedule[0] if isinstance(schedule, list) else schedule,
    }


def limits(profile: dict[str, Any]) -> list[tuple[int, float]]:
    return [(period["startPeriod"], period["limit"]) for period in profile["schedule"]["chargingSchedulePeriod"]]


async def plan(periods: tuple[intents.Period, ...] = PLAN) -> Command:
    return await rows(
        lambda: smart_charging.set_session_profile(
            transaction_row=Transaction.objects.get(),
            starts_at=NOW,
            periods=periods,
            valid_to=NOW + timedelta(hours=2),
            reason="cheap hours",
            now=NOW,
        )
    )


async def held(purpose: str = "tx") -> ChargingProfile:
    return await until(lambda: ChargingProfile.objects.filter(purpose=purpose, status="accepted").first())


def told_schedule(version: str, periods: list[dict[str, Any]], unit: str = "W") -> dict[str, Any]:
    """The answer to GetCompositeSchedule."""
    schedule = {"duration": 7_200, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}
    start = NOW.isoformat()
    if version == "1.6":
        return {"status": "Accepted", "connectorId": 1, "scheduleStart": start, "chargingSchedule": schedule}
    return {"status": "Accepted", "schedule": {**schedule, "scheduleStart": start, "evseId": 1}}


@both_versions
async def test_a_charger_that_takes_amperes_only_gets_amperes(version: str, connect: Connect, token: IdToken) -> None:
    words = await begun(version, connect, units="Current" if version == "1.6" else "A")
    await plan()
    profile = await answer(words.charger)
    assert profile["schedule"]["chargingRateUnit"] == "A"
    assert limits(profile) == [(0, 10.1), (900, 0.0), (1_800, 13.0)]


@both_versions
async def test_a_charger_that_takes_watts_only_is_not_asked_in_amperes_first(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, units="Power" if version == "1.6" else "W")
    await plan()
    assert (await answer(words.charger))["schedule"]["chargingRateUnit"] == "W"


@both_versions
async def test_a_charger_of_one_period_is_told_one_and_the_next_when_it_is_time(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await begun(version, connect, periods="1")
    await plan()
    profile = await answer(words.charger)
    assert (limits(profile), profile["schedule"]["duration"]) == ([(0, 7_000)], 900)
    await held()
    clock.advance(minutes=15)
    assert await rows(lambda: smart_charging.keep(now=clock.now)) == 1
    assert limits(await answer(words.charger)) == [(0, 0)]


@both_versions
async def test_a_charger_that_holds_one_profile_has_the_plan_as_its_default(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, profiles="1")
    await plan()
    profile = await answer(words.charger)
    assert (profile["chargingProfilePurpose"], profile["place"]) == ("TxDefaultProfile", 0)
    assert "transactionId" not in profile
    assert limits(profile)[-1] == (7_200, 4_200)


@both_versions
async def test_the_stack_level_stays_within_what_the_charger_told(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, level="0")
    await plan()
    assert (await answer(words.charger))["stackLevel"] == 0


@both_versions
async def test_every_schedule_has_a_start_and_one_that_refuses_the_past_is_told_from_now_on(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    words = WORDS[version](await connect(version))
    await words.boot()
    assert (await answer(words.charger, "Rejected"))["schedule"]["startSchedule"] < NOW.isoformat()
    await answer(words.charger, "Rejected")  # the same in amperes
    again = await answer(words.charger)
    assert again["schedule"]["startSchedule"] == "2026-03-02T09:00:00.000Z"
    assert limits(again) == [(0, 4_200)]


@both_versions
async def test_profiles_that_are_lost_with_a_restart_are_told_again_the_default_first(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await begun(version, connect)
    await plan()
    await answer(words.charger)
    await held()
    clock.advance(minutes=5)
    again = WORDS[version](await connect(version))
    await again.boot()
    default, session = await answer(again.charger), await answer(again.charger)
    assert default["chargingProfilePurpose"] == "TxDefaultProfile"
    assert (session["chargingProfilePurpose"], limits(session)) == ("TxProfile", [(0, 7_000), (900, 0), (1_800, 9_000)])


@both_versions
async def test_after_a_lost_link_the_charger_is_asked_what_it_follows_and_told_again_what_it_lost(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await begun(version, connect)
    await plan()
    await answer(words.charger)
    await held()
    await until(lambda: Command.objects.filter(kind="get_composite_schedule").exists())
    message_id, _ = await words.charger.asked("GetCompositeSchedule")
    await words.charger.reply(message_id, {"status": "Rejected"})
    await until(lambda: Command.objects.filter(kind="get_composite_schedule", status="rejected").exists())
    await rows(lambda: Command.objects.filter(kind="get_composite_schedule").update(status="expired"))
    again = await connect(version)
    await again.call("Heartbeat", {})
    message_id, _ = await again.asked("GetCompositeSchedule")
    await again.reply(message_id, told_schedule(version, [{"startPeriod": 0, "limit": 4_200}]))
    found = await until(lambda: CompositeSchedule.objects.first())
    assert (found.difference_w, found.is_persistent) == (4_800, False)
    default, session = await answer(again), await answer(again)
    assert (default["chargingProfilePurpose"], session["chargingProfilePurpose"]) == ("TxDefaultProfile", "TxProfile")


@both_versions
async def test_a_charger_that_accepts_and_ignores_is_seen_by_its_meter(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    await plan((intents.Period(0, 5_000.0),))
    await answer(words.charger)
    await held()
    for minute in (5, 6):
        await words.meter(minute * 180, 11_000, minutes(minute))
    row = await rows(Transaction.objects.get)
    assert await rows(lambda: smart_charging.look(transaction_row=row, now=minutes(6)))
    row = await rows(Transaction.objects.get)
    assert (row.over_limit_at, row.over_limit_w) == (minutes(6), 6_000)
    assert (await answer(words.charger))["chargingProfilePurpose"] == "TxDefaultProfile"
    assert limits(await answer(words.charger)) == [(0, 5_000)]


@both_versions
@pytest.mark.parametrize("limit", [-1, None])
async def test_a_schedule_without_a_limit_is_no_difference(
    version: str, limit: float | None, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    await plan()
    await answer(words.charger)
    message_id, _ = await words.charger.asked("GetCompositeSchedule")
    periods = [{"startPeriod": 0, "limit": limit}] if limit is not None else []
    await words.charger.reply(message_id, told_schedule(version, periods))
    found = await until(lambda: CompositeSchedule.objects.first())
    assert (found.periods, found.difference_w) == ([], None)


@both_versions
async def test_a_charger_that_cannot_tell_its_schedule_is_left_in_peace(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    await plan()
    await answer(words.charger)
    message_id, _ = await words.charger.asked("GetCompositeSchedule")
    await words.charger.send(f'[4,"{message_id}","NotSupported","",{{}}]')
    await until(lambda: Command.objects.filter(kind="get_composite_schedule", status="failed").exists())
    await plan((intents.Period(0, 6_000.0),))
    await answer(words.charger)
    await until(lambda: ChargingProfile.objects.filter(purpose="tx", status="replaced").exists())
    assert await rows(lambda: Command.objects.filter(kind="get_composite_schedule").count()) == 1


@both_versions
async def test_nothing_to_clear_is_as_good_as_cleared(version: str, connect: Connect, token: IdToken) -> None:
    words = await begun(version, connect)
    row = await rows(Transaction.objects.get)
    command = await rows(lambda: smart_charging.clear_session_profile(transaction_row=row, now=NOW))
    message_id, _ = await words.charger.asked("ClearChargingProfile")
    await words.charger.reply(message_id, {"status": "Unknown"})
    await until(lambda: Command.objects.filter(pk=command.pk, status="accepted").exists())


@both_versions
async def test_currents_without_a_number_of_phases_are_of_three(version: str, connect: Connect, token: IdToken) -> None:
    words = await begun(version, connect)
    await plan()
    await answer(words.charger)
    message_id, _ = await words.charger.asked("GetCompositeSchedule")
    amperes = [{"startPeriod": at, "limit": limit} for at, limit in ((0, 10), (900, 0), (1_800, 13))]
    await words.charger.reply(message_id, told_schedule(version, amperes, "A"))
    found = await until(lambda: CompositeSchedule.objects.first())
    assert (found.periods[0], found.difference_w) == ([0, 6_900], 0)


@both_versions
async def test_on_one_phase_that_is_said_so_that_six_amperes_are_not_two(
    version: str, connect: Connect, token: IdToken
) -> None:
    await rows(lambda: Evse.objects.update(phases=1, max_power_w=3_680))
    words = await begun(version, connect, units="Current" if version == "1.6" else "A")
    await plan((intents.Period(0, 3_680.0),))
    (period,) = (await answer(words.charger))["schedule"]["chargingSchedulePeriod"]
    assert (period["limit"], period["numberPhases"]) == (16.0, 1)


@both_versions
async def test_less_than_six_amperes_is_off_on_both_sides(version: str, connect: Connect, token: IdToken) -> None:
    words = await begun(version, connect)
    await plan((intents.Period(0, 3_000.0),))
    await answer(words.charger)
    message_id, _ = await words.charger.asked("GetCompositeSchedule")
    await words.charger.reply(message_id, told_schedule(version, [{"startPeriod": 0, "limit": 0}]))
    assert (await until(lambda: CompositeSchedule.objects.first())).difference_w == 0


@both_versions
async def test_a_plan_that_is_refused_before_the_transaction_runs_is_told_once_more(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await begun(version, connect)
    await plan()
    await answer(words.charger, "Rejected")
    await answer(words.charger, "Rejected")
    await until(lambda: ChargingProfile.objects.filter(purpose="tx", status="refused").exists())
    clock.advance(minutes=1)
    assert await rows(lambda: smart_charging.keep(now=clock.now)) == 1
    assert (await answer(words.charger))["chargingProfilePurpose"] == "TxProfile"
    await held()
