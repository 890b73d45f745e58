"""Cards while the server can be asked, and while it cannot; the same in both versions."""

from chargepoints.virtual import VirtualChargePoint
from chargepoints.virtual.tokens import Entry

from .central import Central
from .conftest import START
from .test_charge_point import CARD, a_car, charge
from .words import Words


async def test_a_card_that_was_accepted_is_remembered_offline_and_forgotten_on_order(
    charger: VirtualChargePoint, central: Central, words: Words
) -> None:
    charger.variables.set("offline_unknown", "false")
    await charge(charger)
    await charger.present_token(1, CARD)
    charger.drop_link(stay_down=True)
    assert await charger.present_token(1, CARD) == "Accepted"
    await charger.unplug(1)
    charger.restore_link()
    await charger.await_delivered()
    assert await central.call("ClearCache", {}) == {"status": "Accepted"}
    charger.drop_link(stay_down=True)
    assert await charger.present_token(1, CARD) == "Invalid"


async def test_without_a_cache_there_is_nothing_to_clear(charger: VirtualChargePoint, central: Central) -> None:
    charger.variables.set("cache", "false")
    assert await central.call("ClearCache", {}) == {"status": "Rejected"}


async def test_a_known_card_needs_no_question_where_the_setting_says_so(
    charger: VirtualChargePoint, central: Central
) -> None:
    charger.tokens.hear(CARD, Entry("Accepted"))
    charger.variables.set("known_first", "true")
    assert await charger.present_token(1, CARD) == "Accepted"
    assert central.payloads("Authorize") == []
    assert await charger.present_token(2, "OTHER") == "Accepted"
    assert len(central.payloads("Authorize")) == 1


async def test_what_a_start_says_of_the_card_is_remembered(charger: VirtualChargePoint, words: Words) -> None:
    words.refuse_started()
    await charger.plug_in(1, a_car())
    await charger.present_token(1, CARD)
    await charger.wait_for(lambda cp: cp.evse().session is None)
    assert charger.tokens.known(CARD, START, use_list=True, use_cache=True) == ("Blocked", None)


async def test_a_refused_card_may_get_a_little_energy_where_that_is_set(
    charger: VirtualChargePoint, words: Words
) -> None:
    charger.variables.set("stop_on_invalid", "false")
    charger.variables.set("max_energy_on_invalid_wh", "1000")
    words.refuse_started()
    await charger.plug_in(1, a_car())
    await charger.present_token(1, CARD)
    await charger.await_delivered()
    await charger.tick(3_600)
    assert charger.status() == "SuspendedEVSE"
    assert 1_000 <= charger.evse().meter.import_wh < 1_100


async def test_where_authorisation_is_off_everybody_charges(charger: VirtualChargePoint, central: Central) -> None:
    charger.variables.set("auth_enabled", "false")
    assert await charger.present_token(1, "ANYBODY") == "Accepted"
    assert central.payloads("Authorize") == []
