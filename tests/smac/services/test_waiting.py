"""Who is planned next."""

from datetime import timedelta

import pytest

from smac.models import PlanningState, PlanRun
from smac.services import planning, requests, waiting
from tests import factories
from tests.smac import world
from tests.smac.world import NOW, QUARTER

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def asked(reason="order", at=NOW):
    """A supply point that waits since `at`; its key."""
    point = factories.supply_point()
    PlanningState.objects.create(supply_point=point, requested_at=at, reason=reason)
    return point.pk


def test_whoever_has_waited_longest_is_next():
    second, third, first = (asked(at=NOW - wait * SECOND) for wait in (5, 1, 9))
    assert waiting.due(now=NOW) == [first, second, third]


def test_news_go_before_the_plans_of_a_new_slot_but_not_for_ever():
    slot = asked(waiting.SLOT_REASON, at=NOW)
    news = asked(at=NOW + 5 * SECOND)
    assert waiting.due(now=NOW + 6 * SECOND) == [news, slot]
    assert waiting.due(now=NOW + 21 * SECOND) == [slot, news]


def test_a_point_that_is_asked_for_again_and_again_keeps_nobody_from_the_turn():
    loud, quiet = asked(), asked(at=NOW + SECOND)
    planned = []
    for turn in range(4):
        now = NOW + (2 + turn) * SECOND
        planned.append(planning.run_next(now=now).supply_point_id)
        requests.request(supply_point_id=loud, reason="again", now=now)
    assert planned == [loud, quiet, loud, loud]


def test_a_slow_point_keeps_only_its_own_worker_busy(monkeypatch):
    slow, others = asked(at=NOW - SECOND), [asked() for _ in range(3)]
    real, meanwhile = planning.take_together, []

    def take(**values):
        if values["supply_point_id"] == slow:
            meanwhile.extend(planning.run_next(now=NOW).supply_point_id for _ in others)
            assert planning.run_next(now=NOW) is None
        return real(**values)

    monkeypatch.setattr(planning, "take_together", take)
    assert planning.run_next(now=NOW).supply_point_id == slow
    assert meanwhile == others


def test_a_planner_that_died_gives_its_points_free_after_a_minute():
    point = factories.supply_point()
    PlanningState.objects.create(supply_point=point, lock_key="dead", locked_until=NOW + waiting.LOCK_TIME)
    assert planning.run(supply_point_id=point.pk, now=NOW) is None
    assert (waiting.due(now=NOW), waiting.is_late(now=NOW)) == ([], False)
    later = NOW + waiting.LOCK_TIME + SECOND
    assert (waiting.due(now=later), waiting.is_late(now=later)) == ([point.pk], True)
    assert planning.run_next(now=later).supply_point_id == point.pk
    assert waiting.due(now=later) == []


def test_locks_of_several_are_taken_all_or_none():
    one, other = asked(), asked()
    held = waiting.lock([other], now=NOW)
    assert waiting.lock([one, other], now=NOW) is None
    assert waiting.due(now=NOW) == [one]
    waiting.release(held)
    both = waiting.lock([other, one], now=NOW)
    assert list(both.reasons) == [one, other]
    assert waiting.due(now=NOW) == []


def test_who_was_served_meanwhile_is_not_planned_again():
    point = asked()
    assert planning.run(supply_point_id=point, now=NOW, if_asked=True) is not None
    assert planning.run(supply_point_id=point, now=NOW, if_asked=True) is None
    assert PlanRun.objects.count() == 1


def test_a_new_slot_asks_for_those_in_use_once():
    evse, idle = factories.evse(), factories.evse()
    world.running(evse)
    planning.run_due(now=NOW)
    assert waiting.ask_for_slot(now=NOW + QUARTER - SECOND) == 0
    assert waiting.ask_for_slot(now=NOW + QUARTER) == 1
    assert waiting.ask_for_slot(now=NOW + QUARTER) == 0
    assert waiting.due(now=NOW + QUARTER) == [evse.charge_point.supply_point_id]
    assert idle.charge_point.supply_point_id not in waiting.due(now=NOW + QUARTER)


def test_a_plan_that_failed_is_tried_again_after_a_minute(monkeypatch):
    evse = factories.evse()
    world.running(evse)
    with monkeypatch.context() as patch:
        patch.setattr(planning, "take_together", lambda **values: 1 / 0)
        planning.run_due(now=NOW)
    assert PlanRun.objects.get().status == PlanRun.Status.FAILED
    assert waiting.ask_for_slot(now=NOW + 59 * SECOND) == 0
    assert waiting.ask_for_slot(now=NOW + 61 * SECOND) == 1


def test_what_waits_longer_than_its_task_takes_is_late():
    asked()
    assert not waiting.is_late(now=NOW + SECOND)
    assert waiting.is_late(now=NOW + 3 * SECOND)
