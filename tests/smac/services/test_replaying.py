"""Runs once more."""

import json

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePointGroup
from smac import records
from smac.models import PlanRun
from smac.optimisation import highs, solve
from smac.optimisation.plan import plan_to_json
from smac.optimisation.together import solve_together
from smac.services import planning, replaying, solving
from smac.snapshot import groups
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def point():
    """Two cars, one of them giving back, under a changing price and some sun, with a battery of the place."""
    row = factories.supply_point(storage_capacity_wh=9_000, storage_power_w=3_000, contracted_capacity_w=17_000)
    giving = factories.evse(at=row, max_discharge_w=7_000)
    world.prices((NOW, 0.31), (NOW + HOUR, 0.22), (NOW + 2 * HOUR, 0.37), (NOW + 5 * HOUR, 0.18))
    world.value(world.series("production", row), NOW + HOUR, 6_120, duration_s=3_600)
    world.running(giving, v2g_allowed=True, max_discharge_w=6_000, departure_at=NOW + 6 * HOUR)
    world.running(factories.evse(at=row), mode="green", departure_at=NOW + 3 * HOUR)
    return row


def test_a_replay_gives_the_same_plan_to_the_byte(point):
    planning.run(supply_point_id=point.pk, now=NOW)
    # The second is made on a live model that still stands at the first one's solution.
    run = planning.run(supply_point_id=point.pk, now=NOW + QUARTER / 3)
    run.refresh_from_db()
    again = replaying.replay(run)
    assert replaying.is_same(run, again)
    run.problem["import_price"][0] = 0.05
    assert not replaying.is_same(run, replaying.replay(run))


def test_a_fallback_is_replayed_as_one(point, monkeypatch):
    planning.run(supply_point_id=point.pk, now=NOW)

    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(solving, "solve_together", fails)
    run = planning.run(supply_point_id=point.pk, now=NOW + QUARTER)
    assert (run.status, run.is_kept) == ("fallback", True)
    run.refresh_from_db()
    assert replaying.is_same(run, replaying.replay(run))


def test_a_run_with_others_is_replayed_with_them(point):
    other = factories.charge_point()
    world.running(other.evses.get(), mode="fast", departure_at=NOW + 2 * HOUR)
    feeder = ChargePointGroup.objects.create(name="feeder", capacity_w=15_000, export_capacity_w=2_000)
    feeder.charge_points.set([other, *point.charge_points.all()])
    together = groups.take_together(supply_point_id=point.pk, now=NOW)
    plans = solve_together(together.problems, together.limits)
    runs = records.save_all(together=together, plans=plans, reasons={}, solve_ms=1.0, now=NOW)
    for made in runs.values():
        run = PlanRun.objects.get(pk=made.pk)
        assert replaying.is_same(run, replaying.replay(run))
        case = json.loads(replaying.as_text(replaying.input_of(run).as_case(about="feeder")))
        assert plan_to_json(replaying.solve_again(replaying.input_from_case(case))) == plan_to_json(
            plans[str(run.supply_point_id)]
        )


@pytest.fixture
def neighbours(point):
    """A second supply point behind the same feeder, which is too weak for both."""
    other = factories.charge_point()
    world.running(other.evses.get(), mode="fast", departure_at=NOW + 2 * HOUR)
    feeder = ChargePointGroup.objects.create(name="feeder", capacity_w=15_000, export_capacity_w=2_000)
    feeder.charge_points.set([other, *point.charge_points.all()])
    return point.pk, other.supply_point_id


def replayed(supply_point_id):
    """The newest run of a supply point, and whether a replay gives its plan."""
    run = PlanRun.objects.filter(supply_point_id=supply_point_id).latest("pk")
    return run, replaying.is_same(run, replaying.replay(run))


def fails(*args, **kwargs):
    raise RuntimeError


def test_a_fallback_of_several_planned_together_is_replayed_as_one(neighbours, monkeypatch):
    planning.run(supply_point_id=neighbours[0], now=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(solving, "solve_together", fails)
        planning.run(supply_point_id=neighbours[0], now=NOW + QUARTER)
    for pk in neighbours:
        run, same = replayed(pk)
        assert (run.status, same) == ("fallback", True)


def test_where_there_was_no_time_for_all_at_once_a_replay_keeps_to_the_same_shares(neighbours, monkeypatch):
    planning.run(supply_point_id=neighbours[0], now=NOW)
    with monkeypatch.context() as hurry:
        hurry.setattr(solving, "TIME_LIMIT_S", 0.0)
        solving.forget()
        planning.run(supply_point_id=neighbours[0], now=NOW + QUARTER)
    for pk in neighbours:
        run, same = replayed(pk)
        assert (run.status, same) == ("fallback", True)
        assert {"code": "previous_plan_used", "subject": ""} in run.notes


def test_a_search_that_was_broken_off_is_replayed_to_where_it_stood(monkeypatch):
    """Fifteen cars in room for eight: the first choice of who pauses that is found is taken."""
    row = factories.supply_point(contracted_capacity_w=35_000)
    for number in range(15):
        wish = {"target_soc_percent": 28 + number, "mode": ("cheap", "basic")[number % 2]}
        evse = factories.evse(at=row)
        evse.min_power_w = 4_140
        evse.save()
        world.running(evse, departure_at=NOW + 2 * HOUR, **wish)
    with monkeypatch.context() as hurry:
        hurry.setitem(highs._OPTIONS, "mip_rel_gap", 10.0)
        planning.run(supply_point_id=row.pk, now=NOW)
    run, same = replayed(row.pk)
    assert same
    assert replaying.why_not(run) == ""
    run.course = {}
    assert not replaying.is_same(run, replaying.replay(run))


def test_a_linear_program_that_was_broken_off_is_named_as_what_no_replay_reaches(point, monkeypatch):
    monkeypatch.setattr(solve, "_calm", lambda *args: False)
    run = planning.run(supply_point_id=point.pk, now=NOW)
    assert "ran out of time" in replaying.why_not(run)


def test_an_input_that_is_not_kept_any_more_is_refused_in_words(point):
    run = planning.run(supply_point_id=point.pk, now=NOW)
    run.problem = {}
    with pytest.raises(Refused, match="not kept any more"):
        replaying.replay(run)


def test_a_saved_input_is_a_case_that_people_can_read(point):
    run = planning.run(supply_point_id=point.pk, now=NOW)
    run.refresh_from_db()
    plan = replaying.replay(run)
    text = replaying.as_text(replaying.input_of(run).as_case(about="what happened", plan=plan))
    assert max(len(line) for line in text.splitlines()) <= 120
    assert text.count("\n") < 350
    case = json.loads(text)
    assert plan_to_json(replaying.solve_again(replaying.input_from_case(case))) == plan_to_json(plan)
    assert case["expect"]["power_w"] == {one.key: list(one.power_w) for one in plan.sessions}
