"""Several workers want to plan the same supply point at the same instant."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from smac.models import PlanningState, PlanRun
from smac.services import planning
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
WORKERS = 6


def test_one_plans_and_the_others_leave_it_to_him():
    evse = factories.evse()
    _, row = world.running(evse)
    PlanningState.objects.update(requested_at=None)
    barrier, holding = threading.Barrier(WORKERS), threading.Event()
    real = planning.reading.take

    def slow(**values):
        holding.wait(timeout=10)
        return real(**values)

    def work(_):
        try:
            barrier.wait(timeout=10)
            made = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
            if made is None:
                turned_away.append(1)
                if len(turned_away) == WORKERS - 1:
                    holding.set()
            return made
        finally:
            connection.close()

    turned_away = []
    planning.reading.take = slow
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            made = list(pool.map(work, range(WORKERS)))
    finally:
        planning.reading.take = real

    assert sum(run is not None for run in made) == 1
    assert PlanRun.objects.count() == 1
    assert len(world.profiles(row)) == 1
    assert PlanningState.objects.get().lock_key == ""
