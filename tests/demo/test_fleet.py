"""The demo's chargers, from one start to the next."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chargepoints.domain.reservation import CONNECTOR_TYPES
from tests.chargepoints.virtual.central import Central
from tests.chargepoints.virtual.words import Words16, Words201
from twinev.demo import fleet
from twinev.demo.district import DISTRICT
from twinev.demo.fleet import SecretFile

OLD, NEW = "0f" * 16, "5e" * 16
POINTS = [spec for _, _, spec in DISTRICT.charge_points()]


@pytest.fixture
async def central() -> AsyncIterator[Central]:
    system = Central()
    await system.start()
    yield system
    await system.kill()


def _chargers(url: str, secrets: SecretFile) -> dict:
    return fleet.make(DISTRICT, url=url, charger_secrets=secrets.load(), kept={}, registers={})


@pytest.mark.parametrize("words", [Words16, Words201], ids=["1.6", "2.0.1"])
async def test_a_password_that_was_changed_from_afar_is_known_at_the_next_start(
    words: type, central: Central, tmp_path: Path
) -> None:
    said = words(central)
    identity = next(spec.identity for spec in POINTS if spec.ocpp_version == said.version)
    secrets = SecretFile(tmp_path)
    secrets.save({spec.identity: OLD for spec in POINTS})
    charger = _chargers(central.url, secrets)[identity]
    async with charger:
        await charger.await_online()
        assert await said.set_password(NEW) == "Accepted"
        await charger.wait_for(lambda one: one.link.connections == 2)
        secrets.keep({identity: charger})
    assert secrets.load()[identity] == NEW
    assert _chargers(central.url, secrets)[identity].link.access.password == NEW
    assert {secret for name, secret in secrets.load().items() if name != identity} == {OLD}


def test_a_charger_that_was_not_let_in_changes_nothing_of_what_is_kept(tmp_path: Path) -> None:
    secrets = SecretFile(tmp_path)
    secrets.save({spec.identity: OLD for spec in POINTS})
    secrets.keep(_chargers("ws://127.0.0.1:9/ocpp", secrets))
    assert set(secrets.load().values()) == {OLD}


def test_each_plug_has_the_name_by_which_reservations_ask_for_it(tmp_path: Path) -> None:
    secrets = SecretFile(tmp_path)
    secrets.save({spec.identity: OLD for spec in POINTS})
    chargers = _chargers("ws://127.0.0.1:9/ocpp", secrets)
    for spec in POINTS:
        for evse in spec.evses:
            built = chargers[spec.identity].evse(evse.number).spec
            assert set(built.connectors) == {CONNECTOR_TYPES[one] for one in evse.connectors}
            assert (built.lock == "none") == built.dc, "a fixed cable has no lock"
