"""Asking for a new plan."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from smac.models import PlanningState
from smac.services import planning, requests, waiting
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """The tasks that were sent, by supply point."""
    found = []
    monkeypatch.setattr(requests, "send", found.append)
    return found


def ask(point, reason, capture, now=NOW):
    with capture(execute=True):
        requests.request(supply_point_id=point.pk, reason=reason, now=now)


def test_only_the_first_request_of_a_burst_counts_until_it_is_served(sent, django_capture_on_commit_callbacks):
    point = factories.supply_point()
    for reason in ("first", "second", "third"):
        ask(point, reason, django_capture_on_commit_callbacks)
    assert sent == [point.pk]

    run = planning.run(supply_point_id=point.pk, now=NOW)
    ask(point, "fourth", django_capture_on_commit_callbacks)
    assert run.reason == "first"
    assert sent == [point.pk, point.pk]


def test_a_request_is_for_after_the_commit(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting_for_it:
        requests.request(supply_point_id=factories.supply_point().pk, reason="order", now=NOW)
    assert sent == []
    assert len(waiting_for_it) == 1


def test_news_of_somebody_who_waits_for_the_slots_plan_make_it_pressing(sent, django_capture_on_commit_callbacks):
    evse = factories.evse()
    world.running(evse)
    PlanningState.objects.update(requested_at=None)
    waiting.ask_for_slot(now=NOW)
    ask(evse.charge_point.supply_point, "order", django_capture_on_commit_callbacks)
    ask(evse.charge_point.supply_point, "need changed", django_capture_on_commit_callbacks)
    assert PlanningState.objects.get().reason == "order"
    assert sent == [evse.charge_point.supply_point_id]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="there, whoever writes keeps all others out")
def test_who_plans_before_a_wish_is_committed_is_asked_again_for_it():
    point = factories.supply_point().pk
    planning.request(supply_point_id=point, reason="order", now=NOW)

    def plan():
        try:
            held = waiting.lock([point], now=NOW, if_asked=point)
            assert held is not None
            waiting.release(held)
        finally:
            connection.close()

    with transaction.atomic():
        planning.request(supply_point_id=point, reason="session started", now=NOW)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(plan).result(timeout=30)
    state = PlanningState.objects.get()
    assert (state.requested_at, state.reason) == (NOW, "session started")
