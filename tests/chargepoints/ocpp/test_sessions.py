"""Whole sessions, the same in both versions: what is on the wire ends in rows."""

import pytest

from chargepoints.models import ChargePoint, IdToken, MeterValue, OcppMessage, Transaction
from tests.chargepoints.ocpp.conftest import NOW, Connect, logged, rows
from tests.chargepoints.ocpp.words import WORDS, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


@both_versions
async def test_a_session_ends_in_one_transaction_with_its_energy(
    version: str, connect: Connect, token: IdToken
) -> None:
    words = WORDS[version](await connect(version))
    assert (await words.boot())["status"] == "Accepted"
    await words.status("Available")
    assert await words.authorize("deadbeef") == "Accepted"
    assert await words.start("DEADBEEF", 1_000) == "Accepted"
    await words.meter(2_000, 6_000, minutes(10))
    assert await words.stop("DEADBEEF", 3_500, minutes(25)) == "Accepted"

    row = await rows(Transaction.objects.get)
    assert row.state == Transaction.State.ENDED
    assert (row.started_at, row.ended_at) == (NOW, minutes(25))
    assert (row.meter_start_wh, row.meter_stop_wh, row.energy_wh) == (1_000, 3_500, 2_500)
    assert row.id_token_id == token.pk
    assert row.stop_reason == "EVDisconnected"
    power = await rows(lambda: MeterValue.objects.get(measurand="Power.Active.Import"))
    assert (power.value, power.unit, power.transaction_id) == (6_000, "W", row.pk)


@both_versions
async def test_a_repeated_start_is_stored_once(version: str, connect: Connect, token: IdToken) -> None:
    words = WORDS[version](await connect(version))
    await words.boot()
    await words.start("DEADBEEF", 1_000)
    first = words.transaction_id
    words.seq_no = 0
    await words.start("DEADBEEF", 1_000)  # another message id
    assert words.transaction_id == first
    assert await rows(Transaction.objects.count) == 1


@both_versions
async def test_a_stranger_s_token_may_not_charge(version: str, connect: Connect) -> None:
    words = WORDS[version](await connect(version))
    await words.boot()
    assert await words.authorize("UNKNOWN") == "Invalid"
    assert await words.start("UNKNOWN", 0) == "Invalid"
    assert (await rows(Transaction.objects.get)).state == Transaction.State.QUARANTINED


@both_versions
async def test_boot_tells_what_the_charger_is_and_gets_the_time(
    version: str, connect: Connect, charge_point: ChargePoint
) -> None:
    answer = await WORDS[version](await connect(version)).boot()
    assert answer == {"status": "Accepted", "currentTime": "2026-03-02T09:00:00.000Z", "interval": 300}
    found = await rows(lambda: ChargePoint.objects.get(pk=charge_point.pk))
    assert (found.vendor, found.model, found.firmware_version, found.booted_at) == ("Vend", "M1", "1.2", NOW)
    assert found.ocpp_version == version


@both_versions
async def test_every_frame_is_in_the_log(version: str, connect: Connect) -> None:
    charger = await connect(version)
    await charger.call("Heartbeat", {}, message_id="beat")
    await logged()
    kept = await rows(lambda: list(OcppMessage.objects.order_by("pk").values_list("direction", "message_id", "action")))
    assert kept == [("in", "beat", "Heartbeat"), ("out", "beat", "Heartbeat")]
