"""A charger that has started and whose connector is free."""

from collections.abc import Awaitable, Callable

import pytest

from chargepoints.models import ChargePoint
from tests.chargepoints.ocpp.conftest import Connect
from tests.conformance.v16.station import Station

Up = Callable[[], Awaitable[Station]]


@pytest.fixture
def up(connect: Connect, charge_point: ChargePoint) -> Up:
    """Connects the charger and lets it start; called again, it has lost its line and is back."""

    async def start() -> Station:
        station = Station(await connect("1.6"))
        assert (await station.boot())["status"] == "Accepted"
        await station.obey("SetChargingProfile", status="Accepted")
        await station.status("Available", connector=0)
        await station.status("Available")
        return station

    return start


@pytest.fixture
async def station(up: Up) -> Station:
    return await up()
