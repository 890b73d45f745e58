"""A driver with a car, a public charger and one at home."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from chargepoints.models import Evse, Reservation
from drivers.models import ChargeSession, Vehicle
from drivers.services import booking, sessions
from drivers.services.wish import Wish
from tests import factories
from tests.factories import NOW


@pytest.fixture(autouse=True)
def fresh_map() -> None:
    """The public map is cached for all."""
    cache.clear()


@pytest.fixture
def car(driver: Any) -> Vehicle:
    return factories.vehicle(driver)


@pytest.fixture
def public_evse(db: None) -> Evse:
    """A charger for 0.50 EUR/kWh, with ten minutes to pick up and 0.10 EUR a minute after them."""
    tariff = factories.tariff(
        energy_price_per_kwh=Decimal("0.50"),
        follows_market=False,
        pickup_grace_minutes=10,
        penalty_per_minute=Decimal("0.10"),
    )
    return factories.evse(tariff=tariff)


@pytest.fixture
def home_evse(driver: Any) -> Evse:
    return factories.charge_point(owner=driver).evses.get()


@pytest.fixture
def reservation(driver: Any, car: Vehicle, public_evse: Evse) -> Reservation:
    return booking.reserve(driver=driver, evse=public_evse, vehicle=car, position=None, now=NOW)


def wish(car: Vehicle, evse: Evse, *, now: datetime = NOW, **values: Any) -> Wish:
    usual = {"mode": "basic", "soc_percent": 40, "target_soc_percent": 80, "departure_at": now + timedelta(hours=2)}
    return Wish(vehicle=car, evse=evse, **{**usual, **values})


@pytest.fixture
def waiting(driver: Any, car: Vehicle, public_evse: Evse, reservation: Reservation) -> ChargeSession:
    """A session that waits for its charger."""
    return sessions.begin(driver=driver, wish=wish(car, public_evse, reservation=reservation), quote={}, now=NOW)


@pytest.fixture
def charging(driver: Any, waiting: ChargeSession) -> ChargeSession:
    """A session that charges since NOW, with 5 kWh on the meter."""
    row = factories.transaction(waiting.evse, driver, started_at=NOW)
    sessions.started(session=waiting, transaction_row=row, now=NOW)
    return sessions.with_relations().get(pk=waiting.pk)
