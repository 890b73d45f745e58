"""The chain: need, plan, profile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chargepoints.domain.charging_profile import energy_wh
from chargepoints.domain.intents import Period
from smac.checks import Broken
from smac.models import PlanningState, PlanRun
from smac.optimisation.problem import problem_from_dict
from smac.optimisation.solve import solve
from smac.services import planning, solving, waiting
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """The tasks that were sent, by supply point."""
    found = []
    monkeypatch.setattr("smac.services.requests.send", found.append)
    return found


def energy_between(command, start, end):
    """What a profile allows between two moments."""
    periods = [Period(start_s, limit_w) for start_s, limit_w in world.limits(command)]
    begin = command.intent.starts_at
    until = [int((moment - begin).total_seconds()) for moment in (start, end)]
    return energy_wh(periods, until[1]) - energy_wh(periods, until[0])


def test_a_cheap_session_of_120_minutes_across_a_price_step_puts_its_energy_into_the_cheap_slots():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    need, row = world.running(evse)

    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)

    (command,) = world.profiles(row)
    cheap = energy_between(command, NOW + HOUR, NOW + 2 * HOUR)
    wanted = 0.30 * 40_000 / 0.92
    assert run.status == PlanRun.Status.OPTIMAL
    assert cheap == pytest.approx(11_000, abs=150)
    assert energy_between(command, NOW, NOW + HOUR) == pytest.approx(wanted - 11_000, abs=150)
    assert command.intent.starts_at == NOW
    assert run.curves.get(need=need).unmet_wh == 0


def test_a_session_that_fits_into_the_cheap_hour_waits_for_it_and_says_so():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    need, row = world.running(evse, target_soc_percent=40)

    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)

    (command,) = world.profiles(row)
    assert energy_between(command, NOW, NOW + HOUR) == 0
    assert command.reason == "Waits for the cheaper hours from 14:00."  # 13:00 UTC in Steinheim
    assert run.curves.get(need=need).expected_cost > 0


def test_a_run_keeps_its_curves_and_can_be_replayed():
    evse = factories.evse()
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    need, _ = world.running(evse)

    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW + timedelta(minutes=4))

    again = solve(problem_from_dict(run.problem))
    curve = run.curves.get(need=need)
    assert [round(power, 1) for power in again.session(f"need:{need.pk}").power_w] == curve.power_w
    assert len(run.slot_starts) == len(curve.power_w) == len(run.series["price"]) == 96
    assert set(run.series) >= {"demand", "production", "grid", "limit", "flexibility_up", "flexibility_down", "price"}
    assert curve.soc_percent[-1] == pytest.approx(50, abs=0.2)


def test_two_at_once_make_one_plan_and_what_was_asked_for_meanwhile_gets_its_own_turn(monkeypatch, sent):
    point = factories.supply_point()
    real, inner = planning.take_together, []

    def take(**values):
        if not inner:
            inner.append("asked")
            planning.request(supply_point_id=point.pk, reason="meanwhile", now=NOW)
            inner.append(planning.run(supply_point_id=point.pk, now=NOW))
        return real(**values)

    monkeypatch.setattr(planning, "take_together", take)
    planning.run(supply_point_id=point.pk, now=NOW)

    assert inner == ["asked", None]
    assert PlanRun.objects.count() == 1
    assert sent == [point.pk]
    assert planning.run_next(now=NOW).reason == "meanwhile"
    assert planning.run_next(now=NOW) is None
    assert PlanningState.objects.get().lock_key == ""


def test_the_plan_of_a_worker_that_was_overtaken_is_neither_kept_nor_sent(monkeypatch):
    evse = factories.evse()
    _, row = world.running(evse)
    real, late = planning.take_together, NOW + 2 * waiting.LOCK_TIME

    def take(**values):
        snapshot = real(**values)
        if values["now"] == NOW:
            planning.run(supply_point_id=values["supply_point_id"], now=late)
        return snapshot

    monkeypatch.setattr(planning, "take_together", take)
    assert planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW) is None

    assert [run.made_at for run in PlanRun.objects.all()] == [late]
    assert PlanningState.objects.get().lock_key == ""
    assert len(world.profiles(row)) == 1


def test_an_optimiser_that_breaks_leaves_a_fallback_that_says_so_and_still_charges(monkeypatch):
    monkeypatch.setattr(solving, "solve_together", lambda *args, **kwargs: 1 / 0)
    evse = factories.evse()
    _, row = world.running(evse, mode="fast")

    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)

    assert run.status == PlanRun.Status.FALLBACK
    assert {"code": "solver_failed", "subject": ""} in run.notes
    assert max(limit for _, limit in world.limits(world.profiles(row)[0])) == 11_000


def test_a_plan_that_breaks_a_limit_never_reaches_a_charger(monkeypatch):
    evse = factories.evse(at=factories.supply_point(contracted_capacity_w=6_000))
    _, row = world.running(evse, mode="fast")
    real = solving.solve_together

    def unlimited(problems, limits, **values):
        return real({key: replace(it, max_import_w=(50_000.0,) * 96) for key, it in problems.items()}, limits, **values)

    monkeypatch.setattr(solving, "solve_together", unlimited)
    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)

    assert run.status == PlanRun.Status.FALLBACK
    assert max(limit for _, limit in world.limits(world.profiles(row)[0])) <= 6_000


def test_where_not_even_the_fallback_keeps_the_limits_nothing_is_sent_and_the_run_says_failed(monkeypatch):
    evse = factories.evse()
    _, row = world.running(evse)
    monkeypatch.setattr(solving.checks, "broken", lambda problem, plan: [Broken("import", slot=3, value=9e9)])

    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)

    assert (run.status, run.notes) == ("failed", [{"code": "failed", "subject": "Unsafe"}])
    assert world.profiles(row) == []


def test_when_not_even_the_question_can_be_read_the_run_says_failed_and_chargers_keep_what_they_have(monkeypatch):
    evse = factories.evse()
    _, row = world.running(evse)
    point_id = evse.charge_point.supply_point_id
    planning.run(supply_point_id=point_id, now=NOW)
    monkeypatch.setattr(planning, "take_together", lambda **values: 1 / 0)

    run = planning.run(supply_point_id=point_id, now=NOW)

    assert (run.status, run.notes) == ("failed", [{"code": "failed", "subject": "ZeroDivisionError"}])
    assert len(world.profiles(row)) == 1


def test_planned_are_those_asked_for_and_those_whose_plan_is_of_an_earlier_slot():
    busy, idle, asked = factories.evse(), factories.evse(), factories.evse()
    world.running(busy)
    ids = [it.charge_point.supply_point_id for it in (busy, idle, asked)]
    planning.run_due(now=NOW)
    planning.request(supply_point_id=ids[2], reason="test", now=NOW)
    assert planning.run_due(now=NOW + timedelta(minutes=5)) == 1
    assert planning.run_due(now=NOW + timedelta(minutes=15)) == 1
    planned = PlanRun.objects.order_by("pk").values_list("supply_point_id", flat=True)
    assert list(planned) == [ids[0], ids[2], ids[0]]


def test_a_preview_saves_and_sends_nothing():
    evse = factories.evse()
    _, row = world.running(evse)
    snapshot, plan = planning.preview(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    assert len(plan.sessions) == len(snapshot.needs) == 1
    assert PlanRun.objects.count() == 0
    assert world.profiles(row) == []
