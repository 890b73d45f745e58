"""Cars that give energy back, over versions of OCPP that have no words for it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, Evse, IdToken, MeterValue, Transaction
from chargepoints.services import quirks, smart_charging
from tests.chargepoints.ocpp.conftest import NOW, Charger, Clock, Connect, rows, until
from tests.chargepoints.ocpp.edge_cases.test_meter_values import block, tell
from tests.chargepoints.ocpp.words import WORDS, Words16, Words201, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
GIVING = (intents.Period(0, 7_000.0), intents.Period(900, -5_000.0), intents.Period(1_800, 0.0))


def speak(dialect: str) -> None:
    quirks.set_dialect(charge_point=ChargePoint.objects.get(), name=dialect)
    Evse.objects.update(max_discharge_w=10_000)


async def begun(version: str, connect: Connect, dialect: str) -> Words16 | Words201:
    """A session at a charger that has its default limit."""
    await rows(lambda: speak(dialect))
    words = WORDS[version](await connect(version))
    await words.boot()
    await accept(words.charger)
    await words.start("DEADBEEF", 0)
    return words


async def accept(charger: Charger) -> dict[str, Any]:
    """The charger takes the next profile; what it was told: its periods."""
    message_id, payload = await charger.asked("SetChargingProfile")
    await charger.reply(message_id, {"status": "Accepted"})
    await until(lambda: Command.objects.filter(pk=int(message_id), status="accepted").exists())
    profile = payload.get("csChargingProfiles") or payload["chargingProfile"]
    schedule = profile["chargingSchedule"]
    return (schedule[0] if isinstance(schedule, list) else schedule)["chargingSchedulePeriod"]


def plan() -> Command:
    return smart_charging.set_session_profile(
        transaction_row=Transaction.objects.get(),
        starts_at=NOW,
        periods=GIVING,
        valid_to=NOW + timedelta(hours=1),
        reason="an order",
        now=NOW,
    )


@both_versions
@pytest.mark.parametrize(("dialect", "limits"), [("negative-limits", [7_000, -5_000, 0]), ("", [7_000, 0])])
async def test_only_a_charger_that_speaks_so_is_told_a_negative_limit(
    version: str, dialect: str, limits: list[float], connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, dialect)
    await rows(plan)
    assert [period["limit"] for period in await accept(words.charger)] == limits


async def test_a_charger_with_setpoints_is_asked_by_its_vendor_s_message_when_it_is_time(
    connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = await begun("1.6", connect, "setpoint-messages")
    await rows(plan)
    assert [period["limit"] for period in await accept(words.charger)] == [7_000, 0]
    clock.advance(minutes=15)
    await rows(lambda: smart_charging.keep(now=clock.now))
    message_id, payload = await words.charger.asked("DataTransfer")
    assert (payload["vendorId"], payload["messageId"]) == ("org.twinev.v2g", "SetPower")
    said = {"connectorId": 1, "transactionId": str(words.transaction_id), "power": -5_000}
    assert json.loads(payload["data"]) == said
    await words.charger.reply(message_id, {"status": "Accepted"})
    await until(lambda: Command.objects.filter(kind="data_transfer", status="accepted").exists())


@both_versions
async def test_what_a_vendor_s_message_tells_of_the_car_reaches_the_transaction(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, "negative-limits-soc")
    data = {"connectorId": 1, "soc": "62 %", "v2gCapable": "yes"}
    transfer = {"vendorId": "ORG.twinev.v2g", "messageId": "VehicleStatus"}
    said = json.dumps(data) if version == "1.6" else data
    answer = await words.charger.call("DataTransfer", {**transfer, "data": said})
    assert answer["status"] == "Accepted"
    row = await rows(Transaction.objects.get)
    assert (row.soc_percent, row.v2g_capable) == (62.0, True)


@pytest.mark.parametrize(
    ("message", "dialect", "status"),
    [
        (
            {"vendorId": "org.twinev.v2g", "messageId": "VehicleStatus", "data": "no json"},
            "negative-limits-soc",
            "Rejected",
        ),
        ({"vendorId": "org.twinev.v2g", "messageId": "Weather"}, "negative-limits-soc", "UnknownMessageId"),
        ({"vendorId": "org.twinev.v2g", "messageId": "VehicleStatus", "data": "{}"}, "", "UnknownMessageId"),
        ({"vendorId": "com.example"}, "negative-limits-soc", "UnknownVendorId"),
    ],
)
async def test_what_is_not_of_the_charger_s_dialect_is_answered_and_changes_nothing(
    message: dict[str, str], dialect: str, status: str, connect: Connect, token: IdToken
) -> None:
    words = await begun("1.6", connect, dialect)
    assert (await words.charger.call("DataTransfer", message))["status"] == status
    assert (await rows(Transaction.objects.get)).soc_percent is None


async def test_a_state_of_charge_before_any_session_is_nobody_s(connect: Connect, charge_point: ChargePoint) -> None:
    await rows(lambda: speak("negative-limits-soc"))
    charger = await connect("1.6")
    message = {"vendorId": "org.twinev.v2g", "messageId": "VehicleStatus", "data": '{"soc": 50}'}
    assert (await charger.call("DataTransfer", message))["status"] == "Accepted"
    assert await rows(MeterValue.objects.count) == 0


async def test_measurands_of_the_vendor_s_own_are_read_as_ocpp_s(connect: Connect, token: IdToken) -> None:
    words = await begun("1.6", connect, "negative-limits-soc")
    values = [
        {"value": "1200", "measurand": "Energy.Active.Discharge.Register"},
        {"value": "71", "measurand": "EV.SoC", "unit": "Percent"},
        {"value": "4.8", "measurand": "Power.Active.Discharge", "unit": "kW"},
    ]
    await tell(words, block(minutes(5), {**values[0], "value": "1000"}), block(minutes(10), *values))
    row = await rows(Transaction.objects.get)
    assert (row.export_wh, row.soc_percent, row.power_w) == (200, 71.0, -4_800)


@both_versions
async def test_what_is_given_back_is_measured_by_the_export_register(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, "negative-limits")
    for minute, drawn, given in ((5, 100, 0), (15, 100, 800), (25, 300, 1_500)):
        registers = [("Energy.Active.Import.Register", drawn), ("Energy.Active.Export.Register", given)]
        values = [{"value": wh if version == "2.0.1" else str(wh), "measurand": name} for name, wh in registers]
        await tell(words, block(minutes(minute), *values))
    row = await rows(Transaction.objects.get)
    assert (row.energy_wh, row.export_wh) == (300, 1_500)
