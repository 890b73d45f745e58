"""What a battery holds, and where that is known from."""

from datetime import timedelta

import pytest

from chargepoints.domain.metering import SOC
from chargepoints.models import MeterValue, Transaction
from smac.models import ChargingNeed
from smac.snapshot import charge
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def told(row, percent, at):
    MeterValue.objects.create(
        charge_point=row.charge_point, evse_number=1, transaction=row, at=at, measurand=SOC, value=percent, unit="%"
    )
    Transaction.objects.filter(pk=row.pk).update(soc_percent=percent, last_value_at=at)
    row.refresh_from_db()


def test_a_charge_told_at_the_start_only_is_counted_on():
    evse = factories.evse()
    need, row = world.running(evse)
    told(row, 50.0, NOW)
    world.meter(row, (NOW, 0.0), (NOW + 30 * MINUTE, 5_000.0))
    Transaction.objects.filter(pk=row.pk).update(last_value_at=NOW + 30 * MINUTE)
    found = charge.charge_of(ChargingNeed.objects.get(pk=need.pk))
    assert found.energy_wh == pytest.approx(20_000 + 5_000 * 0.92)
    assert found.origin == "meter"
    assert found.uncertainty_percent == pytest.approx(1 + 0.05 * 4_600 / 40_000 * 100, abs=0.1)


def test_a_charge_told_just_now_is_believed_as_it_is():
    evse = factories.evse()
    need, row = world.running(evse)
    world.meter(row, (NOW, 0.0), (NOW + 30 * MINUTE, 5_000.0))
    told(row, 61.0, NOW + 30 * MINUTE)
    assert charge.energy_wh(ChargingNeed.objects.get(pk=need.pk)) == pytest.approx(24_400)


def test_a_charger_that_tells_0_does_not_know():
    evse = factories.evse()
    need, row = world.running(evse, soc_percent=37.0)
    told(row, 0.0, NOW)
    found = charge.charge_of(ChargingNeed.objects.get(pk=need.pk))
    assert (found.energy_wh, found.origin) == (pytest.approx(14_800), "stated")


def test_a_guess_never_stops_a_car():
    evse = factories.evse()
    need, _ = world.running(evse, soc_percent=90.0, target_soc_percent=80.0)
    assert charge.energy_wh(need) == pytest.approx(36_000)
    need.soc_origin = ChargingNeed.SocOrigin.LAST_SESSION
    assert charge.energy_wh(need) == pytest.approx(27_000)
