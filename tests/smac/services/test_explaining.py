"""What bound each part of a plan, in words."""

import pytest

from smac.services import explaining, planning, solving
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


def plan_of(evse):
    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    return run, run.curves.get()


def test_slots_with_one_reason_are_told_together_with_powers_and_prices():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    world.running(evse, target_soc_percent=45)
    _, curve = plan_of(evse)
    first, second = explaining.stretches(curve=curve)[:2]
    assert (first.starts_at, first.ends_at, first.most_w) == (NOW, NOW + HOUR, 0.0)
    assert (first.reason, first.label) == ("waiting", "Waits for a better time")
    assert first.price[0] > second.price[1]
    assert second.starts_at == NOW + HOUR
    assert second.most_w == pytest.approx(11_000, abs=1)


def test_nothing_is_told_of_the_time_after_the_departure():
    evse = factories.evse()
    world.running(evse, mode="fast")
    _, curve = plan_of(evse)
    assert explaining.stretches(curve=curve)[-1].ends_at == NOW + 2 * HOUR


def test_a_makeshift_plan_says_so_to_everybody(monkeypatch):
    monkeypatch.setattr(solving, "solve_together", lambda *args, **values: 1 / 0)
    evse = factories.evse()
    _, row = world.running(evse, mode="fast")
    _, curve = plan_of(evse)
    assert curve.reason["is_makeshift"]
    assert "makeshift" in world.profiles(row)[0].reason
