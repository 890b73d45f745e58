"""Block J: meter values, by the clock and by the session, signed ones too."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, IdToken, MeterValue, SignedMeterValue, Transaction
from tests.chargepoints.ocpp.conftest import rows
from tests.chargepoints.ocpp.words import iso, minutes
from tests.conformance.v201.station import Station, energy, over, transaction

SIGNED = {
    "signedMeterData": "T0NNRnx7IkZWIjoiMS4wIn18eyJTRCI6IjMwIn0=",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "OCMF",
    "publicKey": "MFkwEwYH",
}


async def values(context: str) -> list[tuple[float, int | None]]:
    found = MeterValue.objects.filter(context=context, measurand="Energy.Active.Import.Register").order_by("at")
    return await rows(lambda: list(found.values_list("value", "transaction_id")))


async def signed() -> list[tuple[str, str, int | None]]:
    found = SignedMeterValue.objects.order_by("at").values_list("data", "encoding_method", "transaction_id")
    return await rows(lambda: list(found))


@pytest.mark.conformance("TC_J_01")
async def test_values_by_the_clock_without_a_session(station: Station, charge_point: ChargePoint) -> None:
    for evse in (0, 1):
        block = {"timestamp": iso(minutes(15)), "sampledValue": [energy(50_000 + evse, "Sample.Clock")]}
        assert await station.call("MeterValues", {"evseId": evse, "meterValue": [block]}) == {}
    assert await values("Sample.Clock") == [(50_000, None), (50_001, None)]


@pytest.mark.conformance("TC_J_02")
async def test_values_by_the_clock_in_a_session(station: Station, token: IdToken) -> None:
    await station.start()
    await station.event("Updated", "MeterValueClock", minutes(15), energy(2_000, "Sample.Clock"))
    row = await transaction()
    assert (await values("Sample.Clock"), row.energy_wh) == ([(2_000, row.pk)], 1_000)


@pytest.mark.conformance("TC_J_03")
async def test_values_by_the_clock_with_the_end_of_a_session(station: Station, token: IdToken) -> None:
    await station.start()
    blocks = [
        {"timestamp": iso(minutes(15)), "sampledValue": [energy(2_000, "Sample.Clock")]},
        {"timestamp": iso(minutes(30)), "sampledValue": [energy(3_500, "Transaction.End")]},
    ]
    info = {"stoppedReason": "Local"}
    await station.event("Ended", "StopAuthorized", minutes(30), state="Idle", info=info, meterValue=blocks)
    row = await over("Local")
    assert (await values("Sample.Clock"), row.meter_stop_wh) == ([(2_000, row.pk)], 3_500)


@pytest.mark.conformance("TC_J_04", "TC_J_11")
@pytest.mark.parametrize(
    ("context", "trigger"), [("Sample.Clock", "MeterValueClock"), ("Sample.Periodic", "MeterValuePeriodic")]
)
async def test_signed_values_are_kept_as_they_came(
    station: Station, token: IdToken, context: str, trigger: str
) -> None:
    await station.start()
    sample = energy(2_000, context, signedMeterValue=SIGNED)
    await station.event("Updated", trigger, minutes(15), sample)
    await station.event("Updated", trigger, minutes(15), sample)  # sent again
    row = await transaction()
    assert await signed() == [(SIGNED["signedMeterData"], "OCMF", row.pk)]
    assert (await values(context), row.energy_wh) == ([(2_000, row.pk)], 1_000)


@pytest.mark.conformance("TC_J_04")
async def test_signed_values_outside_a_session_are_kept_too(station: Station) -> None:
    block = {"timestamp": iso(minutes(15)), "sampledValue": [energy(9, "Sample.Clock", signedMeterValue=SIGNED)]}
    assert await station.call("MeterValues", {"evseId": 1, "meterValue": [block]}) == {}
    assert await signed() == [(SIGNED["signedMeterData"], "OCMF", None)]


@pytest.mark.conformance("TC_J_07")
async def test_values_with_the_start(station: Station, token: IdToken) -> None:
    await station.start(meter_wh=1_234.5)
    row = await transaction()
    assert (row.meter_start_wh, await values("Transaction.Begin")) == (1_234.5, [(1_234.5, row.pk)])


@pytest.mark.conformance("TC_J_08")
async def test_values_of_the_start_that_come_once_the_evse_is_known(
    station: Station, charge_point: ChargePoint, token: IdToken, second_evse: Any
) -> None:
    """With two EVSEs nobody knows whose meter it will be until the cable is in."""
    await station.event("Started", "Authorized", minutes(0), state="Idle", token="DEADBEEF")
    assert (await transaction()).evse_id is None
    await station.event(
        "Updated", "CablePluggedIn", minutes(1), energy(1_000, "Transaction.Begin"), state="EVConnected", evse=2
    )
    await station.end(minutes(30))
    row = await over("Local")
    assert (row.evse_id, await values("Transaction.Begin")) == (second_evse.pk, [(1_000, row.pk)])


@pytest.mark.conformance("TC_J_09")
async def test_values_in_the_middle(station: Station, token: IdToken) -> None:
    await station.start()
    power = {"value": 7.4, "measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W", "multiplier": 3}}
    soc = {"value": 61, "measurand": "SoC", "location": "EV", "unitOfMeasure": {"unit": "Percent"}}
    current = [{"value": 16, "measurand": "Current.Import", "phase": phase} for phase in ("L1", "L2", "L3")]
    await station.event("Updated", "MeterValuePeriodic", minutes(10), energy(2_000), power, soc, *current)
    row = await transaction()
    assert (row.energy_wh, row.power_w, row.soc_percent) == (1_000, 7_400, 61)
    phases = await rows(
        lambda: list(MeterValue.objects.filter(measurand="Current.Import").values_list("phase", "value", "unit"))
    )
    assert sorted(phases) == [("L1", 16, "A"), ("L2", 16, "A"), ("L3", 16, "A")]


@pytest.mark.conformance("TC_J_10")
async def test_values_with_the_end(station: Station, token: IdToken) -> None:
    await station.start()
    blocks = [
        {"timestamp": iso(minutes(at)), "sampledValue": [energy(1_000 + at * 80, context)]}
        for at, context in ((10, "Sample.Periodic"), (20, "Sample.Periodic"), (30, "Transaction.End"))
    ]
    info = {"stoppedReason": "Local"}
    await station.event("Ended", "StopAuthorized", minutes(30), state="Idle", info=info, meterValue=blocks)
    row = await over("Local", energy_wh=2_400)
    assert await values("Sample.Periodic") == [(1_800, row.pk), (2_600, row.pk)]
    assert await rows(lambda: Transaction.objects.count()) == 1
