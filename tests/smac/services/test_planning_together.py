"""Supply points behind one feeder: planned together, locked in order, each told on its own."""

from datetime import timedelta

import pytest

from chargepoints.models import ChargePointGroup
from smac.models import PlanningState, PlanRun
from smac.services import planning, waiting
from tests import factories
from tests.smac import world
from tests.smac.world import NOW, QUARTER

pytestmark = pytest.mark.django_db


def feeder(*evses, capacity_w=15_000):
    group = ChargePointGroup.objects.create(name="Feeder", capacity_w=capacity_w)
    group.charge_points.set([evse.charge_point for evse in evses])
    return group


def point_of(evse):
    return evse.charge_point.supply_point_id


def first_limit(row):
    return world.limits(world.profiles(row)[-1])[0][1]


@pytest.fixture
def pair():
    """Two EVSEs at two supply points, each with a car in a hurry."""
    evses = factories.evse(), factories.evse()
    rows = [world.running(evse, mode="fast", target_soc_percent=100)[1] for evse in evses]
    return evses, rows


def test_a_session_at_one_of_them_plans_them_all_within_the_capacity(pair):
    evses, rows = pair
    feeder(*evses)
    run = planning.run(supply_point_id=point_of(evses[0]), now=NOW)
    assert run.supply_point_id == point_of(evses[0])
    assert set(PlanRun.objects.values_list("supply_point_id", flat=True)) == set(map(point_of, evses))
    assert sum(map(first_limit, rows)) == pytest.approx(15_000, abs=60)
    assert set(PlanningState.objects.values_list("lock_key", "requested_at", "planned_at")) == {("", None, NOW)}


def test_without_a_capacity_each_is_planned_alone(pair):
    evses, rows = pair
    planning.run(supply_point_id=point_of(evses[0]), now=NOW)
    assert [len(world.profiles(row)) for row in rows] == [1, 0]
    assert first_limit(rows[0]) == 11_000


def test_nobody_is_planned_while_one_of_them_is_and_the_request_is_kept(pair):
    evses, rows = pair
    feeder(*evses)
    held = waiting.lock([point_of(evses[1])], now=NOW)
    assert planning.run(supply_point_id=point_of(evses[0]), now=NOW) is None
    waiting.release(held)
    assert planning.run_next(now=NOW) is not None
    assert [len(world.profiles(row)) for row in rows] == [1, 1]


def test_who_joins_between_lock_and_question_is_planned_with_them_the_next_time(pair, monkeypatch):
    evses, rows = pair
    real = planning.take_together

    def take(**values):
        if not ChargePointGroup.objects.exists():
            feeder(*evses)
        return real(**values)

    monkeypatch.setattr(planning, "take_together", take)
    assert planning.run(supply_point_id=point_of(evses[0]), now=NOW) is None
    assert PlanRun.objects.count() == 0
    assert planning.run_next(now=NOW) is not None
    assert sum(map(first_limit, rows)) == pytest.approx(15_000, abs=60)


def test_what_stays_in_the_chargers_keeps_the_capacity_too(pair):
    evses, rows = pair
    feeder(*evses)
    planning.run(supply_point_id=point_of(evses[0]), now=NOW)
    for row in rows:
        world.accept(world.profiles(row)[0])
    before = [first_limit(row) for row in rows]
    ChargePointGroup.objects.update(capacity_w=14_900)
    planning.run(supply_point_id=point_of(evses[0]), now=NOW + timedelta(seconds=10))
    assert sum(map(first_limit, rows)) <= 14_901 < sum(before)


def test_where_planning_fails_every_one_of_them_says_so(pair, monkeypatch):
    evses, _ = pair
    feeder(*evses)
    monkeypatch.setattr(planning, "take_together", lambda **values: 1 / 0)
    planning.run(supply_point_id=point_of(evses[0]), now=NOW)
    assert list(PlanRun.objects.values_list("status", flat=True)) == ["failed", "failed"]
    assert waiting.ask_for_slot(now=NOW + QUARTER) == 2
