"""Capacities of feeders and transformers."""

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePointGroup
from smac.models import PlanningState
from smac.services import groups
from tests import factories
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def feeder():
    row = ChargePointGroup.objects.create(name="feeder")
    row.charge_points.set([factories.charge_point(), factories.charge_point()])
    return row


def asked():
    return PlanningState.objects.filter(requested_at__isnull=False).count()


def test_a_capacity_is_kept_and_whoever_it_couples_is_planned_again(feeder):
    factories.charge_point()
    groups.set_capacity(group=feeder, capacity_w=40_000, export_capacity_w=0, now=NOW)
    feeder.refresh_from_db()
    assert (feeder.capacity_w, feeder.export_capacity_w) == (40_000, 0)
    assert asked() == 2


def test_taking_a_capacity_away_sets_its_supply_points_free(feeder):
    groups.set_capacity(group=feeder, capacity_w=40_000, now=NOW)
    PlanningState.objects.all().delete()
    groups.set_capacity(group=feeder, capacity_w=None, now=NOW)
    assert asked() == 2


@pytest.mark.parametrize(
    "wrong", [{"capacity_w": 0}, {"capacity_w": -5}, {"capacity_w": None, "export_capacity_w": -1}]
)
def test_a_capacity_that_nothing_can_have_is_refused(feeder, wrong):
    with pytest.raises(Refused):
        groups.set_capacity(group=feeder, now=NOW, **wrong)
    assert asked() == 0
