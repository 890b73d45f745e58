"""Which inputs are kept."""

from datetime import timedelta

import pytest

from smac import selectors
from smac.models import PlanRun
from smac.services import planning
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(settings):
    """Plans the same supply point again, some seconds later."""
    settings.SMAC_KEPT_RUNS = 3
    evse = factories.evse()
    world.running(evse)

    def again(seconds):
        now = NOW + timedelta(seconds=seconds)
        return planning.run(supply_point_id=evse.charge_point.supply_point_id, now=now)

    return again


def kept():
    return [bool(run.problem) for run in PlanRun.objects.order_by("-pk")]


def test_inputs_are_kept_of_the_newest_runs_only_and_curves_of_all(plan):
    runs = [plan(seconds) for seconds in range(6)]
    assert kept() == [True] * 3 + [False] * 3
    assert [run.curves.count() for run in runs] == [1] * 6
    assert selectors.latest_run(supply_point_id=runs[0].supply_point_id) == runs[-1]


def test_a_slow_run_is_kept_for_its_days(plan, settings):
    settings.SMAC_SLOW_MS = 0
    slow = plan(0)
    settings.SMAC_SLOW_MS = 1e9
    for seconds in range(1, 6):
        plan(seconds)
    assert kept() == [True] * 3 + [False] * 2 + [True]
    plan((settings.SMAC_KEPT_DAYS + 1) * 86_400)
    slow.refresh_from_db()
    assert (slow.problem, slow.is_kept) == ({}, False)
