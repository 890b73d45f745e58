"""The receipt's lines."""

from datetime import timedelta
from decimal import Decimal

import pytest

from chargepoints.models import Tariff
from drivers.models import ChargeSession
from drivers.services import receipt, sessions, settlement
from tests.factories import NOW
from tests.smac import world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
END = NOW + 2 * HOUR


@pytest.fixture
def charged(charging: ChargeSession) -> ChargeSession:
    """4 kWh at 0.30 in the first half hour, 6 kWh at 0.10 in the second hour, and 0.10 on top."""
    Tariff.objects.update(follows_market=True, energy_price_per_kwh=Decimal("0.10"), session_fee=Decimal("0.35"))
    world.prices((NOW, 0.20), (NOW + HOUR, 0.05))
    world.meter(charging.transaction, (NOW, 0), (NOW + HOUR / 2, 4_000), (NOW + HOUR, 4_000), (END, 10_000))
    return sessions.with_relations().get()


def test_neighbouring_quarters_of_one_price_are_a_line(charged: ChargeSession) -> None:
    found = [
        (line.starts_at, line.ends_at, round(line.wh), line.price_per_kwh)
        for line in receipt.lines(session=charged, now=END)
    ]
    assert found == [
        (NOW, NOW + HOUR / 2, 4_000, Decimal("0.30")),
        (NOW + HOUR, END, 6_000, Decimal("0.15")),
    ]


def test_the_lines_add_up_to_the_energy_on_card_and_receipt(charged: ChargeSession) -> None:
    cost = settlement.cost_of(session=charged, now=END)
    assert cost is not None
    lines = receipt.lines(session=charged, now=END)
    assert sum(line.price_per_kwh * Decimal(str(line.wh)) / 1000 for line in lines) == pytest.approx(cost.energy)
    assert cost.total == cost.energy + Decimal("0.35") == Decimal("2.45")
    assert receipt.mean_price(amount=cost.energy, energy_wh=cost.energy_wh) == Decimal("0.21")


def test_before_the_charger_began_there_are_no_lines(waiting: ChargeSession) -> None:
    assert receipt.lines(session=sessions.with_relations().get(), now=NOW) == []
    assert receipt.mean_price(amount=Decimal(0), energy_wh=0.0) is None
