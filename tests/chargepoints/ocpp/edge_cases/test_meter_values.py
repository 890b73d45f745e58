"""What real chargers send as meter values: kept once, read as they are meant, never billed unseen."""

from datetime import datetime
from typing import Any

import pytest

from chargepoints.models import IdToken, MeterValue, SignedMeterValue, Transaction
from tests.chargepoints.ocpp.conftest import NOW, Charger, Connect, rows
from tests.chargepoints.ocpp.words import WORDS, Words16, Words201, iso, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
Value = dict[str, Any]


def block(at: datetime, *values: Value) -> dict[str, Any]:
    return {"timestamp": iso(at), "sampledValue": list(values)}


async def send(
    charger: Charger, *blocks: dict[str, Any], transaction_id: int | None = None, connector: int = 1
) -> None:
    payload: dict[str, Any] = {"connectorId": connector, "meterValue": list(blocks)}
    if transaction_id is not None:
        payload["transactionId"] = transaction_id
    assert await charger.call("MeterValues", payload) == {}


async def tell(words: Words16 | Words201, *blocks: dict[str, Any]) -> None:
    """Meter values of the running transaction, in the version's own message."""
    if isinstance(words, Words16):
        await send(words.charger, *blocks, transaction_id=words.transaction_id)
        return
    words.seq_no += 1
    event = {
        "eventType": "Updated",
        "timestamp": blocks[-1]["timestamp"],
        "triggerReason": "MeterValuePeriodic",
        "seqNo": words.seq_no,
        "transactionInfo": {"transactionId": words.transaction_id},
        "meterValue": list(blocks),
    }
    assert await words.charger.call("TransactionEvent", event) == {}


def energy(version: str, value: float, unit: str = "Wh", **fields: Any) -> Value:
    """A register's reading; 1.6 sends texts, 2.0.1 numbers and another shape of units."""
    if version == "1.6":
        return {"value": str(value), "unit": unit, **fields}
    return {"value": value, "unitOfMeasure": {"unit": unit}, "measurand": "Energy.Active.Import.Register", **fields}


def signed_energy(version: str, value: float, context: str) -> Value:
    """A register's reading with its signature."""
    text = f'OCMF|{{"RV":{value}}}|{{"SD":"00"}}'
    if version == "1.6":
        return {"value": text, "format": "SignedData", "context": context}
    signed = {"signedMeterData": text, "signingMethod": "", "encodingMethod": "OCMF", "publicKey": ""}
    return energy(version, value, context=context, signedMeterValue=signed)


async def only() -> Transaction:
    return await rows(Transaction.objects.get)


async def flaws(**of: Any) -> list[str]:
    return await rows(lambda: list(MeterValue.objects.filter(**of).order_by("at").values_list("flaw", flat=True)))


async def begun(version: str, connect: Connect, meter_wh: int = 0) -> Words16 | Words201:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", meter_wh)
    return words


@pytest.mark.parametrize("said", [None, 0, -1])
async def test_values_without_a_transaction_belong_to_the_one_that_runs(
    said: int | None, connect: Connect, token: IdToken
) -> None:
    words = await begun("1.6", connect)
    await send(words.charger, block(minutes(10), {"value": "900"}), transaction_id=said)
    assert (await only()).energy_wh == 900


async def test_values_from_before_the_start_do_not_keep_their_neighbours_from_the_transaction(
    connect: Connect, token: IdToken
) -> None:
    words = await begun("1.6", connect, 1_000)
    await send(words.charger, block(minutes(-10), {"value": "400"}), block(minutes(10), {"value": "1900"}))
    row = await only()
    assert row.energy_wh == 900
    assert await rows(lambda: MeterValue.objects.get(at=minutes(-10)).transaction_id) is None


async def test_values_from_before_the_start_is_told_are_kept_without_a_transaction(
    connect: Connect, token: IdToken
) -> None:
    charger = await connect()
    await send(charger, block(minutes(1), {"value": "1100"}))
    words = Words16(charger)
    await words.start("DEADBEEF", 1_000)
    await words.stop("DEADBEEF", 2_000, minutes(20))
    assert (await only()).energy_wh == 1_000
    assert await rows(lambda: MeterValue.objects.get(at=minutes(1)).transaction_id) is None


async def test_the_main_meter_of_connector_0_is_nobody_s_session(connect: Connect, token: IdToken) -> None:
    words = await begun("1.6", connect)
    await send(words.charger, block(minutes(10), {"value": "5000"}), connector=0)
    assert (await only()).energy_wh == 0
    assert await rows(lambda: MeterValue.objects.get(evse_number=0).transaction_id) is None


async def test_values_of_an_id_that_we_never_gave_are_kept_and_open_nothing(connect: Connect, token: IdToken) -> None:
    """A later transaction may get that very id."""
    charger = await connect()
    await send(charger, block(NOW, {"value": "5"}), transaction_id=1)
    assert await rows(Transaction.objects.count) == 0
    assert (await rows(MeterValue.objects.get)).value == 5
    assert await Words16(charger).start("DEADBEEF", 0) == "Accepted"


@both_versions
async def test_values_after_the_end_do_not_revive_the_session(version: str, connect: Connect, token: IdToken) -> None:
    words = await begun(version, connect)
    await words.stop("DEADBEEF", 1_000, minutes(20))
    await words.meter(1_800, 6_000, minutes(30))
    row = await only()
    assert (row.state, row.energy_wh, row.power_w) == (Transaction.State.ENDED, 1_000, 0)
    assert await rows(lambda: MeterValue.objects.filter(at=minutes(30), transaction=row).count()) == 2


@both_versions
@pytest.mark.parametrize("unit", ["kWh", "KWH", " kwh"])
async def test_kilowatt_hours_are_read_in_any_letters(
    unit: str, version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, 1_000)
    await tell(words, block(minutes(15), energy(version, 2.5, unit)))
    assert (await only()).energy_wh == 1_500


@both_versions
async def test_a_register_in_a_unit_that_is_no_energy_is_kept_and_not_billed(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, 1_000)
    await tell(words, block(minutes(15), energy(version, 2_500, "W")))
    assert (await only()).energy_wh == 0
    assert await flaws(at=minutes(15)) == ["unit"]


@both_versions
async def test_kilowatt_hours_that_are_called_watt_hours_wait_for_the_stop(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, 1_000_000)
    await tell(words, block(minutes(15), energy(version, 1_001.5)))
    assert (await only()).energy_wh == 0
    await words.stop("DEADBEEF", 1_003_000, minutes(30))
    row = await only()
    assert (row.energy_wh, row.flaw) == (3_000, "")
    assert await flaws(at=minutes(15)) == ["backwards"]


@both_versions
async def test_watt_hours_that_are_called_kilowatt_hours_are_not_billed(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect, 1_000)
    await tell(words, block(minutes(15), energy(version, 2_500, "kWh")))
    assert (await only()).energy_wh == 0
    assert await flaws(at=minutes(15)) == ["jump"]


async def test_decimal_commas_are_numbers_and_nan_is_none(connect: Connect, token: IdToken) -> None:
    words = await begun("1.6", connect)
    await tell(
        words,
        block(minutes(5), {"value": "12,5"}),
        block(minutes(10), {"value": "NaN"}),
        block(minutes(15), {"value": "broken"}),
    )
    assert (await only()).energy_wh == 12.5
    assert await flaws(at__gt=minutes(1)) == ["", "unreadable", "unreadable"]


async def test_a_value_that_is_not_even_json_costs_neither_the_message_nor_the_link(
    connect: Connect, token: IdToken
) -> None:
    words = await begun("1.6", connect)
    frame = (
        '[2,"n","MeterValues",{"connectorId":1,"transactionId":%d,"meterValue":[{"timestamp":"%s","sampledValue":'
        '[{"value":NaN},{"value":"40","measurand":"SoC","unit":"Percent"}]}]}]'
    )
    answer = await words.charger.answer_to_raw(frame % (words.transaction_id, iso(minutes(5))))
    assert answer == [3, "n", {}]
    assert (await only()).soc_percent == 40


@both_versions
async def test_a_default_measurand_that_is_left_out_is_the_register(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    await tell(words, block(minutes(10), {"value": "800" if version == "1.6" else 800}))
    assert (await only()).energy_wh == 800


@both_versions
async def test_a_register_by_phase_only_counts_as_their_sum(version: str, connect: Connect, token: IdToken) -> None:
    charger = await connect(version)
    words = WORDS[version](charger)
    await words.start("DEADBEEF", 0)
    for minute, each in ((10, 300), (20, 700)):
        await tell(words, block(minutes(minute), *(energy(version, each, phase=f"L{n}") for n in (1, 2, 3))))
    assert (await only()).energy_wh == 2_100


@both_versions
async def test_a_sum_and_its_phases_count_once(version: str, connect: Connect, token: IdToken) -> None:
    words = await begun(version, connect)
    phases = [energy(version, 300, phase=f"L{number}") for number in (1, 2, 3)]
    await tell(words, block(minutes(10), *phases, energy(version, 900)))
    assert (await only()).energy_wh == 900
    assert await rows(lambda: MeterValue.objects.filter(at=minutes(10)).count()) == 4


@pytest.mark.parametrize("register", [True, False])
async def test_intervals_instead_of_a_register_add_up(register: bool, connect: Connect, token: IdToken) -> None:
    charger = await connect("2.0.1")
    words = Words201(charger)
    if register:
        await words.start("DEADBEEF", 5_000)
    else:
        start = {
            "eventType": "Started",
            "timestamp": iso(NOW),
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": words.transaction_id},
            "evse": {"id": 1},
        }
        await charger.call("TransactionEvent", start)
    interval = {"measurand": "Energy.Active.Import.Interval"}
    for minute in (15, 30):
        sampled = {"value": 1_000, **interval, "context": "Sample.Periodic"}
        aligned = {"value": 1_000, **interval, "context": "Sample.Clock"}
        await tell(words, block(minutes(minute), sampled, aligned))
    await tell(words, block(minutes(31), {"value": 90_000, **interval, "context": "Sample.Periodic"}))
    assert (await only()).energy_wh == 2_000


@pytest.mark.parametrize(("said", "meant"), [("80", 80), ("80 %", 80), ("80.5", 80.5), ("255", None), ("-1", None)])
async def test_a_state_of_charge_is_a_percentage_or_nothing(
    said: str, meant: float | None, connect: Connect, token: IdToken
) -> None:
    words = await begun("1.6", connect)
    await tell(words, block(minutes(5), {"value": said, "measurand": "SoC", "unit": "Percent"}))
    assert (await only()).soc_percent == meant
    assert await flaws(measurand="SoC") == ["" if meant else "range"]


async def test_signed_blocks_of_thousands_of_characters_do_no_harm(connect: Connect, token: IdToken) -> None:
    words = await begun("1.6", connect)
    signed = {"value": "OCMF|" + "0A1B" * 1_000, "format": "SignedData", "context": "Transaction.End"}
    await tell(words, block(minutes(5), signed, {"value": "500"}))
    assert (await only()).energy_wh == 500
    assert await rows(lambda: MeterValue.objects.filter(at=minutes(5)).count()) == 1
    kept = await rows(SignedMeterValue.objects.get)
    assert (kept.data, kept.context) == (signed["value"], "Transaction.End")


async def test_signed_values_of_2_0_1_count_by_their_number_and_are_kept_to_the_letter(
    connect: Connect, token: IdToken
) -> None:
    words = await begun("2.0.1", connect)
    signed = {"signedMeterData": "A" * 2_500, "signingMethod": "ECDSA", "encodingMethod": "OCMF", "publicKey": "04AB"}
    await tell(words, block(minutes(5), {"value": 500, "signedMeterValue": signed}))
    assert (await only()).energy_wh == 500
    kept = await rows(SignedMeterValue.objects.get)
    assert (kept.data, kept.public_key) == ("A" * 2_500, "04AB")
    assert (kept.signing_method, kept.encoding_method) == ("ECDSA", "OCMF")


@both_versions
async def test_a_session_is_proved_by_its_first_and_its_last_signed_reading_however_often_they_come(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    for _ in range(2):
        words.charger = await connect(version)
        for minute, context in ((1, "Transaction.Begin"), (30, "Transaction.End")):
            await tell(words, block(minutes(minute), signed_energy(version, minute * 100, context)))
    kept = await rows(lambda: list(SignedMeterValue.objects.values_list("at", "context", "transaction__state")))
    assert kept == [(minutes(1), "Transaction.Begin", "active"), (minutes(30), "Transaction.End", "active")]


async def test_the_signed_readings_of_a_stop_are_its_transaction_s(connect: Connect, token: IdToken) -> None:
    words = await begun("1.6", connect)
    data = [block(minutes(30), signed_energy("1.6", 800, "Transaction.End"))]
    stop = {"transactionId": words.transaction_id, "meterStop": 800, "timestamp": iso(minutes(30))}
    await words.charger.call("StopTransaction", {**stop, "transactionData": data})
    kept = await rows(lambda: SignedMeterValue.objects.select_related("transaction").get())
    assert (kept.transaction.remote_id, kept.transaction.energy_wh) == (str(words.transaction_id), 800)


@both_versions
async def test_signed_readings_without_a_transaction_are_kept_without_one(version: str, connect: Connect) -> None:
    charger = await connect(version)
    place = {"connectorId": 1} if version == "1.6" else {"evseId": 1}
    await charger.call("MeterValues", {**place, "meterValue": [block(NOW, signed_energy(version, 5, "Sample.Clock"))]})
    kept = await rows(SignedMeterValue.objects.get)
    assert (kept.transaction_id, kept.evse_number, kept.at) == (None, 1, NOW)


@both_versions
async def test_clock_aligned_and_sampled_values_give_one_energy(version: str, connect: Connect, token: IdToken) -> None:
    words = await begun(version, connect)
    for minute, context in ((10, "Sample.Periodic"), (15, "Sample.Clock"), (15, "Sample.Periodic"), (20, "Trigger")):
        await tell(words, block(minutes(minute), energy(version, minute * 100, context=context)))
    assert (await only()).energy_wh == 2_000
    assert await rows(lambda: MeterValue.objects.filter(at=minutes(15)).count()) == 2


@both_versions
async def test_a_block_that_is_sent_again_on_each_reconnect_counts_once(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    for _ in range(3):
        words.charger = await connect(version)
        await tell(words, block(minutes(10), energy(version, 800)))
    assert (await only()).energy_wh == 800
    assert await rows(lambda: MeterValue.objects.filter(at=minutes(10)).count()) == 1


@both_versions
async def test_a_hundred_blocks_in_one_frame_are_all_kept(version: str, connect: Connect, token: IdToken) -> None:
    words = await begun(version, connect)
    await tell(words, *(block(minutes(number), energy(version, number * 50)) for number in range(1, 101)))
    assert (await only()).energy_wh == 5_000
    assert await rows(lambda: MeterValue.objects.filter(at__gt=NOW).count()) == 100


@both_versions
async def test_unknown_measurands_and_units_are_kept_beside_the_energy(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    odd = [("Frequency", "Hz"), ("Temperature", "Celcius"), ("Mood", "Smile")]
    values = [energy(version, 49.9, unit, measurand=measurand) for measurand, unit in odd]
    await tell(words, block(minutes(10), *values, energy(version, 700)))
    assert (await only()).energy_wh == 700
    kept = await rows(lambda: set(MeterValue.objects.filter(at=minutes(10)).values_list("measurand", "unit")))
    assert kept >= {("Frequency", "Hz"), ("Temperature", "Celsius"), ("Mood", "Smile")}


async def test_the_order_in_which_readings_arrive_does_not_matter(connect: Connect, token: IdToken) -> None:
    """The second is believed until the first comes; then it is too much for the time between them."""
    words = await begun("1.6", connect)
    await tell(words, block(minutes(60), {"value": "9000"}))
    assert (await only()).energy_wh == 9_000
    await tell(words, block(minutes(59), {"value": "2000"}))
    assert (await only()).energy_wh == 2_000
    assert await flaws(at=minutes(60)) == ["jump"]


@both_versions
@pytest.mark.parametrize("inlet_wh", [0, 50, 5_000_000])
async def test_the_outlet_s_register_counts_and_not_the_inlet_s(
    inlet_wh: int, version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    for minute in (1, 15, 30):
        inlet = energy(version, inlet_wh + minute * 110, location="Inlet")
        await tell(words, block(minutes(minute), inlet, energy(version, minute * 100)))
    assert (await only()).energy_wh == 3_000
    assert await flaws(location="Inlet") == ["", "", ""]


@both_versions
async def test_a_register_elsewhere_counts_where_there_is_none_at_the_outlet(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = await begun(version, connect)
    for minute in (1, 15, 30):
        await tell(words, block(minutes(minute), energy(version, minute * 100, location="Inlet")))
    assert (await only()).energy_wh == 2_900


async def test_a_2_0_1_session_with_two_meters_begins_and_ends_at_the_outlet(connect: Connect, token: IdToken) -> None:
    charger = await connect("2.0.1")
    register = "Energy.Active.Import.Register"
    for seq_no, (kind, minute, context) in enumerate(
        [("Started", 0, "Transaction.Begin"), ("Ended", 30, "Transaction.End")]
    ):
        inlet = {"value": 70_000 + minute * 110, "measurand": register, "location": "Inlet", "context": context}
        outlet = {"value": 1_000 + minute * 100, "measurand": register, "location": "Outlet", "context": context}
        event = {
            "eventType": kind,
            "timestamp": iso(minutes(minute)),
            "triggerReason": "Authorized",
            "seqNo": seq_no,
            "transactionInfo": {"transactionId": "t-1"},
            "evse": {"id": 1},
            "idToken": {"idToken": "DEADBEEF", "type": "ISO14443"},
            "meterValue": [block(minutes(minute), inlet, outlet)],
        }
        await charger.call("TransactionEvent", event)
    row = await only()
    assert (row.meter_start_wh, row.meter_stop_wh, row.energy_wh, row.flaw) == (1_000, 4_000, 3_000, "")
