"""A charging station that has started and whose connectors are free."""

from collections.abc import Awaitable, Callable

import pytest

from chargepoints.models import ChargePoint, Connector, Evse
from tests.chargepoints.ocpp.conftest import Connect
from tests.conformance.v201.station import Station

Up = Callable[[], Awaitable[Station]]


@pytest.fixture
def up(connect: Connect, charge_point: ChargePoint) -> Up:
    """Connects the station and lets it start; called again, it has lost its line and is back."""

    async def start() -> Station:
        station = Station(await connect("2.0.1"))
        assert (await station.boot())["status"] == "Accepted"
        await station.obey("SetChargingProfile", status="Accepted")
        await station.status("Available")
        return station

    return start


@pytest.fixture
async def station(up: Up) -> Station:
    return await up()


@pytest.fixture
def second_evse(charge_point: ChargePoint) -> Evse:
    evse = Evse.objects.create(charge_point=charge_point, number=2, max_power_w=11_000)
    Connector.objects.create(evse=evse, standard=Connector.Standard.CCS, status=Connector.Status.AVAILABLE)
    return evse
