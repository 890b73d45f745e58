"""Several workers plan at the same instant."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from smac.models import PlanningState, PlanRun
from smac.services import planning, waiting
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
WORKERS = 6
POINTS = 12


def test_one_plans_and_the_others_leave_it_to_him():
    evse = factories.evse()
    _, row = world.running(evse)
    PlanningState.objects.update(requested_at=None)
    barrier, holding = threading.Barrier(WORKERS), threading.Event()
    real = planning.take_together

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
    planning.take_together = slow
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            made = list(pool.map(work, range(WORKERS)))
    finally:
        planning.take_together = real

    assert sum(run is not None for run in made) == 1
    assert PlanRun.objects.count() == 1
    assert len(world.profiles(row)) == 1
    assert PlanningState.objects.get().lock_key == ""


def test_many_points_are_planned_once_each_while_one_of_them_takes_its_time():
    points = [factories.supply_point().pk for _ in range(POINTS)]
    for pk in points:
        planning.request(supply_point_id=pk, reason="order", now=NOW)
    slow, all_others_done, real = points[0], threading.Event(), planning.take_together
    planned = []

    def take(**values):
        if values["supply_point_id"] == slow:
            assert all_others_done.wait(timeout=30)
        return real(**values)

    def work(_):
        try:
            while (made := planning.run_next(now=NOW)) is not None:
                planned.append(made.supply_point_id)
                if len(planned) == POINTS - 1:
                    all_others_done.set()
        finally:
            connection.close()

    planning.take_together = take
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(work, range(WORKERS)))
    finally:
        planning.take_together = real

    assert (sorted(planned), planned[-1]) == (points, slow)
    assert sorted(PlanRun.objects.values_list("supply_point_id", flat=True)) == points
    assert set(PlanningState.objects.values_list("lock_key", "requested_at")) == {("", None)}
    assert waiting.due(now=NOW) == []


def test_requests_that_come_while_it_is_planned_make_one_plan_more_and_none_is_lost():
    point = factories.supply_point().pk
    planning.request(supply_point_id=point, reason="first", now=NOW)
    planning_now, asked, real = threading.Event(), threading.Event(), planning.take_together

    def take(**values):
        if not planning_now.is_set():
            planning_now.set()
            assert asked.wait(timeout=10)
        return real(**values)

    def ask(number):
        try:
            assert planning_now.wait(timeout=10)
            planning.request(supply_point_id=point, reason=f"meanwhile {number}", now=NOW)
        finally:
            connection.close()

    def plan():
        try:
            planning.run_next(now=NOW)
        finally:
            connection.close()

    planning.take_together = take
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            planner = pool.submit(plan)
            list(pool.map(ask, range(WORKERS - 1)))
            asked.set()
            planner.result(timeout=10)
    finally:
        planning.take_together = real

    while planning.run_next(now=NOW) is not None:
        pass
    first, second = PlanRun.objects.order_by("pk").values_list("reason", flat=True)
    assert first == "first"
    assert second.startswith("meanwhile")
