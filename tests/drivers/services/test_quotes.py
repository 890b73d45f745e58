"""The promise before the start."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chargepoints.models import Evse
from drivers.models import Vehicle
from drivers.services import quotes
from tests import factories
from tests.drivers.conftest import wish
from tests.factories import NOW
from tests.smac import world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def giving(driver: Any) -> Vehicle:
    return factories.vehicle(driver, v2g=True, max_discharge_w=10_000, battery_capacity_wh=40_000)


@pytest.fixture
def taking(driver: Any) -> Evse:
    tariff = factories.tariff(energy_price_per_kwh=Decimal(0), export_price_per_kwh=Decimal("0.60"))
    world.prices((NOW, 0.60), (NOW + HOUR, 0.05))
    return factories.charge_point(owner=driver, max_discharge_w=10_000, tariff=tariff).evses.get()


@pytest.mark.parametrize("wanted", [True, False])
def test_what_giving_back_earns_is_told_before_and_after_the_consent(
    driver: Any, giving: Vehicle, taking: Evse, wanted: bool
) -> None:
    asked = wish(giving, taking, mode="cheap", soc_percent=70, departure_at=NOW + 4 * HOUR, v2g_wanted=wanted)
    promise = quotes.quote(driver=driver, wish=asked, now=NOW)
    offer = quotes.v2g_offer(driver=driver, wish=asked, promise=promise, now=NOW)
    assert offer is not None
    assert offer.pays
    assert offer.export_wh > 5_000
    assert (promise.cost.export_wh > 0) == wanted


def test_where_nothing_can_be_given_back_nothing_is_offered(driver: Any, car: Vehicle, home_evse: Evse) -> None:
    asked = wish(car, home_evse)
    promise = quotes.quote(driver=driver, wish=asked, now=NOW)
    assert quotes.v2g_offer(driver=driver, wish=asked, promise=promise, now=NOW) is None


@pytest.mark.parametrize(
    ("co2_g", "at_once_co2_g", "price", "expected"),
    [
        (1_500, 6_000, "1.00", (4_500, 75.0, "2.00")),
        (6_500, 6_000, "3.50", (0, 0.0, "0")),
        (None, None, "3.00", (0, 0.0, "0.00")),
    ],
)
def test_only_what_is_better_than_charging_at_once_is_a_saving(
    co2_g: Any, at_once_co2_g: Any, price: str, expected: tuple[float, float, str]
) -> None:
    found = quotes.saving(co2_g=co2_g, at_once_co2_g=at_once_co2_g, price=Decimal(price), at_once_price=Decimal("3.00"))
    assert (found.co2_g, found.co2_percent, found.price) == (*expected[:2], Decimal(expected[2]))
