"""Wrong answers on order."""

import asyncio

import pytest

from chargepoints.virtual import VirtualChargePoint
from chargepoints.virtual.faults import Faults
from chargepoints.virtual.rpc import Answer, RefusalError

from .central import Central
from .conftest import START
from .words import Words


def truth() -> Answer:
    return Answer({"status": "Accepted", "data": "true"})


def test_a_fault_lasts_as_often_as_told() -> None:
    faults = Faults()
    faults.refuse("Reset", "Rejected", times=2)
    answers = [faults.answer("Reset", truth).payload for _ in range(3)]
    assert answers == [{"status": "Rejected"}, {"status": "Rejected"}, {"status": "Accepted", "data": "true"}]


def test_an_error_is_raised_and_a_lie_is_told() -> None:
    faults = Faults()
    faults.refuse("Reset", error="NotSupported")
    with pytest.raises(RefusalError):
        faults.answer("Reset", truth)
    faults.lie("Reset", {"status": "Perhaps"})
    assert faults.answer("Reset", truth).payload == {"status": "Perhaps"}
    faults.clear()
    assert faults.answer("Reset", truth) == truth()


async def test_a_charger_may_pretend_or_obey_in_silence(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    start = START.isoformat()
    charger.faults.pretend("SetChargingProfile", times=1)
    assert await words.set_profile(1, "TxDefaultProfile", [(0, 7_000)], start=start) == "Accepted"
    assert charger.limit_w() == 11_000
    charger.faults.mute("SetChargingProfile", times=1)
    asked = asyncio.create_task(words.set_profile(1, "TxDefaultProfile", [(0, 7_000)], start=start))
    await charger.wait_for(lambda cp: cp.limit_w() == 7_000)
    assert await words.list_version() == 0
    assert not asked.done()
    asked.cancel()


async def test_a_slow_answer_holds_nobody_up(charger: VirtualChargePoint, central: Central, words: Words) -> None:
    charger.faults.slow("ClearCache", 0.2, times=1)
    slow = asyncio.create_task(central.call("ClearCache", {}))
    await charger.wait_for(lambda cp: cp.received("ClearCache"))
    assert await words.list_version() == 0
    assert not slow.done()
    assert await slow == {"status": "Accepted"}
