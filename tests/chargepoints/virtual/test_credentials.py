"""A secret that is changed from afar."""

import pytest

from chargepoints.virtual import Clock, VirtualChargePoint
from chargepoints.virtual.credentials import secret_of

from .central import Central
from .conftest import FAST, START
from .words import Words

OLD, NEW = "a-long-enough-secret", "another-long-secret!"


def test_only_1_6_reads_hexadecimal() -> None:
    assert secret_of("1.6", "00ff" * 8) == b"\x00\xff" * 8
    assert secret_of("2.0.1", "00ff" * 8) == "00ff" * 8
    assert secret_of("1.6", NEW) == NEW


@pytest.fixture
async def locked(central: Central) -> Central:
    """The central system asks for a password."""
    await central.kill()
    central.credentials = ("VCP", OLD)
    await central.start()
    return central


async def test_a_new_secret_is_tried_at_once(words: Words, locked: Central) -> None:
    charger = VirtualChargePoint("VCP", locked.url, words.version, OLD, clock=Clock(START), timing=FAST)
    async with charger:
        await charger.await_online()
        locked.credentials = ("VCP", NEW)
        assert await words.set_password(NEW) == "Accepted"
        await charger.wait_for(lambda cp: cp.link.connections == 2)
        assert charger.link.access.password == NEW


async def test_a_secret_that_does_not_open_is_given_up_for_the_old_one(words: Words, locked: Central) -> None:
    charger = VirtualChargePoint("VCP", locked.url, words.version, OLD, clock=Clock(START), timing=FAST)
    async with charger:
        await charger.await_online()
        assert await words.set_password(NEW) == "Accepted"
        await charger.wait_for(lambda cp: cp.link.connections == 2)
        assert charger.link.access.password == OLD
