"""Limits that somebody else sets."""

from chargepoints.virtual import VirtualChargePoint

from .central import Central
from .test_charge_point import charge
from .words import Words


async def test_the_house_says_less_and_the_charger_obeys_and_tells(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    await charge(charger)
    charger.limits.set(6_000, source="EMS")
    assert charger.power_w() == 6_000
    assert (await words.composite(1, 600)) == [(0, 6_000)]
    charger.limits.clear()
    charger.limits.clear()
    assert charger.power_w() == 11_000
    await charger.await_delivered()
    told = [call.action for call in central.calls if "ChargingLimit" in call.action]
    assert told == ([] if words.version == "1.6" else ["NotifyChargingLimit", "ClearedChargingLimit"])


async def test_the_operator_cannot_clear_it(charger: VirtualChargePoint, words: Words) -> None:
    charger.limits.set(6_000, evse_number=1)
    assert await words.clear_profile(-2) == "Unknown"
    assert charger.limit_w(1) == 6_000
    assert charger.limit_w(2) == 11_000
