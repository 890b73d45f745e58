"""Chargers that speak before they boot, boot twice, and do not know what time it is."""

from datetime import datetime, timedelta

import pytest

from chargepoints.models import ChargePoint, Command, IdToken, MeterValue, Transaction
from chargepoints.services import provisioning
from tests.chargepoints.ocpp.conftest import NOW, CallRefused, Clock, Connect, rows
from tests.chargepoints.ocpp.words import WORDS, Words16, Words201, iso, minutes

both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
UNSET = datetime.fromisoformat("1970-01-01T00:00:07Z")
FAR = datetime.fromisoformat("2099-05-05T05:05:05Z")
wrong_clocks = pytest.mark.parametrize("wrong", [UNSET, FAR, datetime.fromisoformat("0001-01-01T00:00:00Z")])


async def only() -> Transaction:
    return await rows(Transaction.objects.get)


@both_versions
async def test_facts_that_come_before_the_boot_are_taken(version: str, connect: Connect, token: IdToken) -> None:
    words = WORDS[version](await connect(version))
    assert await words.start("DEADBEEF", 0) == "Accepted"
    await words.meter(500, 6_000, minutes(5))
    assert (await only()).energy_wh == 500


@both_versions
async def test_a_pending_charger_is_told_when_to_ask_again_and_its_facts_are_taken(
    version: str, connect: Connect, token: IdToken
) -> None:
    await rows(lambda: ChargePoint.objects.update(registration="pending", heartbeat_interval_s=60))
    words = WORDS[version](await connect(version))
    assert await words.boot() == {"status": "Pending", "currentTime": "2026-03-02T09:00:00.000Z", "interval": 60}
    assert await words.start("DEADBEEF", 0) == "Accepted"
    assert (await only()).state == Transaction.State.ACTIVE
    assert await rows(Command.objects.count) == 0


@both_versions
async def test_a_rejected_charger_is_told_when_to_ask_again_and_nothing_of_it_is_kept(
    version: str, connect: Connect, token: IdToken
) -> None:
    await rows(lambda: ChargePoint.objects.update(registration="rejected", heartbeat_interval_s=60))
    words = WORDS[version](await connect(version))
    answer = await words.boot()
    assert (answer["status"], answer["interval"]) == ("Rejected", 60)
    with pytest.raises(CallRefused) as refusal:
        await words.start("DEADBEEF", 0)
    assert refusal.value.args[0] == "SecurityError"
    assert await rows(Transaction.objects.count) == 0


@both_versions
async def test_a_heartbeat_interval_of_0_is_never_told_nor_lived_by(
    version: str, connect: Connect, charge_point: ChargePoint, clock: Clock
) -> None:
    await rows(lambda: ChargePoint.objects.update(heartbeat_interval_s=0))
    assert (await WORDS[version](await connect(version)).boot())["interval"] == 300
    assert await rows(lambda: provisioning.forget_silent_links(now=minutes(15))) == 0
    assert await rows(lambda: provisioning.forget_silent_links(now=minutes(16))) == 1


@both_versions
async def test_new_firmware_is_known_after_the_reboot(version: str, connect: Connect, clock: Clock) -> None:
    words = WORDS[version](await connect(version))
    await words.boot()
    clock.advance(minutes=10)
    if version == "1.6":
        boot = {"chargePointVendor": "Vend", "chargePointModel": "M1", "firmwareVersion": "2.0"}
    else:
        station = {"vendorName": "Vend", "model": "M1", "firmwareVersion": "2.0"}
        boot = {"reason": "FirmwareUpdate", "chargingStation": station}
    await (await connect(version)).call("BootNotification", boot)
    found = await rows(ChargePoint.objects.get)
    assert (found.firmware_version, found.booted_at) == ("2.0", minutes(10))


@both_versions
async def test_a_boot_that_comes_twice_is_one_boot(version: str, connect: Connect) -> None:
    words = WORDS[version](await connect(version))
    assert await words.boot() == await words.boot() == await words.boot()
    # The default limit may have gone out once; what waits is one.
    assert await rows(lambda: Command.objects.filter(status="queued").count()) <= 1
    assert await rows(ChargePoint.objects.count) == 1


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-03-02T08:30:00Z", minutes(-30)),
        ("2026-03-02T08:30:00.123456789Z", minutes(-30) + timedelta(microseconds=123_456)),
        ("2026-03-02T08:30:00", minutes(-30)),
        ("2026-03-02 08:30:00", minutes(-30)),
        ("2026-03-02T10:30:00+02:00", minutes(-30)),
        ("2026-03-02T08:30Z", minutes(-30)),
        ("not a time", NOW),
    ],
)
async def test_moments_are_read_in_every_notation(told: str, meant: datetime, connect: Connect, token: IdToken) -> None:
    start = {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 0, "timestamp": told}
    await (await connect()).call("StartTransaction", start)
    assert (await only()).started_at == meant


@both_versions
@wrong_clocks
async def test_a_session_by_a_clock_that_is_wrong_keeps_its_length(
    wrong: datetime, version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    """It begins when it is told; from there on the charger's own seconds count."""
    words = WORDS[version](await connect(version))
    assert await words.start("DEADBEEF", 1_000, wrong) == "Accepted"
    clock.advance(minutes=40)
    await words.meter(2_500, 6_000, wrong + timedelta(minutes=15))
    await words.meter(4_000, 6_000, wrong + timedelta(minutes=30))
    row = await only()
    assert (row.started_at, row.energy_wh, row.flaw) == (NOW, 3_000, f"clock was wrong: {wrong.isoformat()}")
    assert await rows(lambda: MeterValue.objects.filter(at=minutes(15), value=2_500).count()) == 1
    await words.stop("DEADBEEF", 4_500, wrong + timedelta(minutes=35))
    row = await only()
    assert (row.state, row.ended_at, row.energy_wh) == (Transaction.State.ENDED, minutes(35), 3_500)


@both_versions
@wrong_clocks
async def test_a_start_by_a_clock_that_is_wrong_is_known_again(
    wrong: datetime, version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 1_000, wrong)
    first = words.transaction_id
    clock.advance(minutes=3)
    words.seq_no = 0
    await words.start("DEADBEEF", 1_000, wrong)
    assert words.transaction_id == first
    assert (await only()).started_at == NOW


@both_versions
async def test_a_clock_that_is_set_in_the_middle_of_a_session_is_believed_from_then_on(
    version: str, connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 1_000, UNSET)
    clock.advance(minutes=30)
    await words.meter(2_500, 6_000, minutes(20))
    await words.stop("DEADBEEF", 3_500, minutes(30))
    row = await only()
    assert (row.started_at, row.ended_at, row.energy_wh) == (NOW, minutes(30), 2_500)


async def test_values_by_a_clock_that_is_wrong_count_for_the_session_that_runs(
    connect: Connect, token: IdToken, clock: Clock
) -> None:
    words = Words16(await connect())
    await words.start("DEADBEEF", 1_000)
    clock.advance(minutes=10)
    block = {"timestamp": iso(UNSET), "sampledValue": [{"value": "1900"}]}
    await words.charger.call("MeterValues", {"connectorId": 1, "meterValue": [block]})
    assert (await only()).energy_wh == 900
    assert await rows(lambda: MeterValue.objects.get(value=1_900).at) == minutes(10)


async def test_an_end_without_a_start_and_without_a_clock_is_kept_at_the_moment_it_came(connect: Connect) -> None:
    words = Words201(await connect("2.0.1"))
    await words.stop("NOBODY", 500, UNSET)
    row = await only()
    assert (row.state, row.started_at, row.ended_at) == (Transaction.State.QUARANTINED, NOW, NOW)


async def test_a_stop_for_an_unknown_id_by_a_clock_that_is_wrong_is_kept_once(connect: Connect, clock: Clock) -> None:
    charger = await connect()
    stop = {"transactionId": 0, "meterStop": 5, "timestamp": iso(UNSET)}
    for _ in range(2):
        assert await charger.call("StopTransaction", stop) == {}
        clock.advance(seconds=10)
    assert (await only()).ended_at == NOW


@both_versions
async def test_a_clock_that_is_set_back_in_mid_session_costs_no_energy(
    version: str, connect: Connect, token: IdToken
) -> None:
    """Readings from before the start are kept and count for nothing; what comes when the clock is right again does."""
    words = WORDS[version](await connect(version))
    await words.start("DEADBEEF", 1_000)
    await words.meter(1_500, 6_000, minutes(5))
    await words.meter(2_000, 6_000, minutes(-50))
    await words.meter(2_500, 6_000, minutes(15))
    await words.stop("DEADBEEF", 3_000, minutes(20))
    session = await only()
    assert (session.state, session.energy_wh, session.flaw) == ("ended", 2_000, "")
    early = MeterValue.objects.filter(at=minutes(-50), measurand="Energy.Active.Import.Register")
    assert await rows(lambda: list(early.values_list("value", "flaw"))) == [(2_000, "early")]
