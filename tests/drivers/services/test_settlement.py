"""What a session costs and how green it was, kept once and for all."""

from datetime import timedelta
from decimal import Decimal

import pytest

from chargepoints.models import Tariff
from drivers.models import ChargeSession
from drivers.services import progress, sessions, settlement
from tests.factories import NOW
from tests.smac import world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def over(charging: ChargeSession) -> ChargeSession:
    """10 kWh in the second hour, whose grid is cleaner and cheaper than the first one's."""
    Tariff.objects.update(follows_market=True, energy_price_per_kwh=Decimal(0))
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    co2 = world.series("co2", charging.evse.charge_point.supply_point)
    for slot in range(12):
        world.value(co2, NOW + slot * world.QUARTER, 600 if slot < 4 else 150)
    world.meter(charging.transaction, (NOW, 0), (NOW + HOUR, 0), (NOW + 2 * HOUR, 10_000))
    sessions.finished(session=charging, ended_at=NOW + 2 * HOUR)
    session = sessions.with_relations().get()
    settlement.settle(session=session, now=NOW + 2 * HOUR)
    return session


def test_the_footprint_is_kept_with_the_session(over: ChargeSession) -> None:
    over.refresh_from_db()
    assert over.footprint == {"green_share": 0.8, "co2_g": 1_500, "at_once_co2_g": 6_000, "at_once_price": "3.00"}


def test_what_the_plan_saved_is_told_on_the_summary(over: ChargeSession) -> None:
    saving = progress.of(session=over, now=NOW + 2 * HOUR).saving
    assert saving is not None
    assert (saving.price, saving.co2_g, round(saving.co2_percent)) == (Decimal("2.00"), 4_500, 75)


def test_card_receipt_and_history_say_the_same_whatever_price_is_told_later(over: ChargeSession) -> None:
    sessions.pick_up(session=over, now=NOW + 2 * HOUR)
    world.value(world.Series.objects.get(kind="import_price"), NOW + HOUR, 9.0, known_at=NOW + 3 * HOUR)
    session = sessions.with_relations().get()
    cost = settlement.cost_of(session=session, now=NOW + 4 * HOUR)
    assert cost is not None
    assert session.transaction is not None
    assert cost.total == session.transaction.cost_amount == Decimal("1.00")
