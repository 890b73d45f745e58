"""Tasks that plan: tickets for whoever is the most pressing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from smac import tasks
from smac.models import PlanningState, PlanRun
from tests import factories
from tests.smac import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def tickets(monkeypatch):
    """Tasks that would run next, in their order."""
    found = []
    monkeypatch.setattr(tasks.replan_waiting, "delay", lambda: found.append("waiting"))
    return found


def waiting_since(seconds):
    point = factories.supply_point()
    at = timezone.now() - timedelta(seconds=seconds)
    return PlanningState.objects.create(supply_point=point, requested_at=at, reason="order").supply_point_id


def planned():
    return list(PlanRun.objects.order_by("pk").values_list("supply_point_id", flat=True))


def test_a_ticket_serves_whoever_has_waited_longest():
    late, early = waiting_since(1), waiting_since(5)
    tasks.replan(late)
    assert planned() == [early]
    tasks.replan(early)
    tasks.replan(early)
    assert planned() == [early, late]


def test_a_new_slot_sends_a_few_tickets_that_go_on_until_everybody_is_served(tickets):
    for _ in range(6):
        world.running(factories.evse(), now=timezone.now())
    PlanningState.objects.update(requested_at=None)
    tasks.replan_every_slot()
    assert len(tickets) == 4
    while tickets:
        tickets.pop(0)
        tasks.replan_waiting()
    assert len(planned()) == len(set(planned())) == 6


def test_the_sweep_serves_those_whose_tickets_are_late_and_leaves_the_others_to_theirs(monkeypatch):
    monkeypatch.setattr(tasks, "_SWEEP_S", 60.0)
    waiting_since(0)
    late = [waiting_since(9), waiting_since(5)]
    tasks.replan_due()
    assert planned() == late
