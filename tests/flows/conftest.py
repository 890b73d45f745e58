"""Rows that the running system finds when it starts."""

import pytest

from chargepoints.models import ChargePoint, IdToken, Location, Operator, SupplyPoint
from chargepoints.services import authorization, provisioning
from twinev.identity.models import User

SECRET = "5f4dcc3b5aa765d61d8327deb882cf99"


@pytest.fixture
def charge_point(transactional_db: None) -> ChargePoint:
    """One EVSE of 11 kW; the identity is one that has to be written with percent signs."""
    operator = Operator.objects.create(name="Steinheim Mobil")
    place = Location.objects.create(operator=operator, name="Market", latitude=51.87, longitude=9.09)
    supply_point = SupplyPoint.objects.create(location=place, name="Feeder", contracted_capacity_w=43_000)
    made, _ = provisioning.register_charge_point(
        identity="CP|Markt 1",
        supply_point=supply_point,
        latitude=51.87,
        longitude=9.09,
        evses=[provisioning.EvseSpec(number=1, max_power_w=11_000)],
        secret=SECRET,
    )
    return made


@pytest.fixture
def token(transactional_db: None) -> IdToken:
    return authorization.register_token(token="DEADBEEF", driver=User.objects.create_user("ann"))
