"""A central system, and a charger of either version that talks to it. Time stands still until a test moves it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from chargepoints.virtual import Clock, EvseSpec, Timing, VirtualChargePoint

from .central import Central
from .words import Words, Words16, Words201

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FAST = Timing(call_timeout_s=2, retry_s=0.02, backoff_first_s=0.01, backoff_max_s=0.05, boot_wait_max_s=0.02)


@pytest.fixture
async def central() -> AsyncIterator[Central]:
    system = Central()
    await system.start()
    yield system
    await system.kill()


@pytest.fixture(params=[Words16, Words201], ids=["1.6", "2.0.1"])
def words(request: pytest.FixtureRequest, central: Central) -> Words:
    return request.param(central)


@pytest.fixture
async def charger(words: Words, central: Central) -> AsyncIterator[VirtualChargePoint]:
    """Two EVSEs of 11 kW: the second gives energy back and hears the car's state of charge."""
    evses = [EvseSpec(1), EvseSpec(2, ("cCCS2", "cG105"), max_discharge_w=10_000, dc=True, knows_soc=True)]
    charge_point = VirtualChargePoint(
        "VCP 1", central.url, words.version, evses=evses, clock=Clock(START), meter_interval_s=300, timing=FAST
    )
    async with charge_point:
        await charge_point.await_online()
        yield charge_point
    assert charge_point.violations == []
