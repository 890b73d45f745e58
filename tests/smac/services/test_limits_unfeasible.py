"""Orders that cannot be kept: changed to another limit, or ordered all the same."""

from datetime import timedelta

import pulp
import pytest

from chargepoints.domain.errors import Refused
from smac.models import FlexOrder, FlexOrderAcceptance, PlanningState
from smac.optimisation.adapter import Outcome, Program
from smac.services import judging, limits, planning
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def evse():
    return factories.evse()


@pytest.fixture
def dso():
    return factories.grid_operator()


@pytest.fixture
def tight(evse, dso):
    """Five kilowatts for somebody who needs 10.87."""
    world.running(evse, mode="fast", target_soc_percent=70)
    return order(evse, dso)


def order(evse, dso, **values):
    usual = {"scope": "each", "max_power_w": 5_000, "starts_at": NOW, "ends_at": NOW + 2 * HOUR, "now": NOW}
    return limits.create_order(charge_points=[evse.charge_point], ordered_by=dso, **{**usual, **values})


def moves(row):
    return [change.status for change in row.changes.all()]


# --- changed ----------------------------------------------------------------------------------------------------------


def test_the_least_limit_is_told_in_steps_that_keep_it_feasible(tight):
    assert limits.least_limit_w(tight) == 10_900
    assert tight.verdict["least_limit_w"] == pytest.approx(20_000 / 0.92 / 2, abs=5)


def test_a_changed_order_is_a_new_one_in_the_place_of_the_old_and_is_feasible(tight, dso):
    changed = limits.change_order(order=tight, max_power_w=limits.least_limit_w(tight), ordered_by=dso, now=NOW)

    assert (changed.status, changed.max_power_w, changed.replaces) == (FlexOrder.Status.SUCCESS, 10_900, tight)
    assert list(changed.charge_points.all()) == list(tight.charge_points.all())
    tight.refresh_from_db()
    assert (tight.withdrawn_at, tight.max_power_w, tight.status) == (NOW, 5_000, FlexOrder.Status.UNFEASIBLE)
    assert moves(tight) == ["pending", "unfeasible", "replaced"]
    assert tight.changes.last().by == dso


def test_a_change_holds_from_now_on_and_the_chargers_are_told_at_once(evse, tight, dso):
    planning.run_due(now=NOW)
    row = evse.transactions.get()
    world.accept(world.profiles(row)[0])

    changed = limits.change_order(order=tight, max_power_w=10_900, ordered_by=dso, now=LATER)
    assert (changed.starts_at, changed.ends_at) == (LATER, tight.ends_at)
    assert PlanningState.objects.get().requested_at == LATER
    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=LATER)

    assert [world.limits(it)[0][1] for it in world.profiles(row)] == [5_000.0, 10_900.0]
    assert run.curves.get().reason["order_id"] == changed.pk


def test_an_order_still_to_come_keeps_its_window_when_it_is_changed(evse, dso):
    later = order(evse, dso, starts_at=NOW + HOUR)
    changed = limits.change_order(order=later, max_power_w=7_000, ordered_by=dso, now=LATER)

    assert (changed.starts_at, changed.reason) == (NOW + HOUR, later.reason)


def test_an_order_is_changed_once_and_not_after_its_end(tight, dso):
    limits.change_order(order=tight, max_power_w=10_900, ordered_by=dso, now=NOW)
    stale = FlexOrder.objects.get(pk=tight.pk)
    with pytest.raises(Refused):
        limits.change_order(order=stale, max_power_w=9_000, ordered_by=dso, now=NOW)
    ended = FlexOrder.objects.get(replaces=tight)
    with pytest.raises(Refused):
        limits.change_order(order=ended, max_power_w=9_000, ordered_by=dso, now=NOW + 2 * HOUR)
    assert FlexOrder.objects.count() == 2


def test_a_change_that_is_refused_leaves_the_old_order_as_it_was(tight, dso):
    with pytest.raises(Refused):
        limits.change_order(order=tight, max_power_w=-1, ordered_by=dso, now=NOW)

    tight.refresh_from_db()
    assert tight.withdrawn_at is None
    assert moves(tight) == ["pending", "unfeasible"]


@pytest.mark.parametrize("values", [{"min_power_w": 4_000}, {"max_power_w": 11_000}])
def test_no_least_limit_is_told_where_it_would_not_help(evse, dso, values):
    world.running(evse, soc_percent=99, target_soc_percent=99)
    assert limits.least_limit_w(order(evse, dso, **values)) is None


# --- accepted ---------------------------------------------------------------------------------------------------------


def test_whoever_orders_all_the_same_is_kept_by_name_with_who_misses_what(evse, tight, dso):
    seen = limits.misses_digest(tight)
    made = limits.accept_misses(order=tight, accepted_by=dso, now=LATER, seen=seen)

    assert (made.accepted_by, made.accepted_at) == (dso, LATER)
    assert [(it["name"], it["missed_wh"]) for it in made.missed] == [
        (str(evse), tight.verdict["missed"][0]["missed_wh"])
    ]
    assert limits.standing_acceptance(tight) == made
    assert moves(tight) == ["pending", "unfeasible", "accepted"]
    tight.refresh_from_db()
    assert (tight.status, tight.withdrawn_at, tight.max_power_w) == (FlexOrder.Status.UNFEASIBLE, None, 5_000)


def test_accepting_twice_keeps_the_first(tight, dso):
    first = limits.accept_misses(order=tight, accepted_by=dso, now=NOW)
    assert limits.accept_misses(order=tight, accepted_by=factories.grid_operator(), now=LATER) == first
    assert FlexOrderAcceptance.objects.count() == 1


def test_what_more_is_missed_since_has_to_be_accepted_anew(evse, tight, dso):
    seen = limits.misses_digest(tight)
    limits.accept_misses(order=tight, accepted_by=dso, now=NOW)
    evse.charging_needs.update(target_soc_percent=75)
    limits.judge_again(order=tight, now=NOW)

    assert limits.standing_acceptance(tight) is None
    with pytest.raises(Refused, match="judged anew"):
        limits.accept_misses(order=tight, accepted_by=dso, now=LATER, seen=seen)
    again = limits.accept_misses(order=tight, accepted_by=dso, now=LATER)
    assert limits.standing_acceptance(FlexOrder.objects.get(pk=tight.pk)) == again


def test_only_what_hurts_somebody_and_holds_can_be_accepted(evse, dso):
    world.running(evse, target_soc_percent=70)
    kept = order(evse, dso, max_power_w=11_000)
    offer = order(evse, dso, mandatory=False)
    gone = order(evse, dso)
    limits.withdraw_order(order=gone, now=NOW, by=dso)
    for row, now, words in (
        (kept, NOW, "nothing to accept"),
        (offer, NOW, "An offer gives way"),
        (gone, NOW, "withdrawn"),
        (order(evse, dso), NOW + 2 * HOUR, "already ended"),
    ):
        with pytest.raises(Refused, match=words):
            limits.accept_misses(order=row, accepted_by=dso, now=now)
    assert gone.changes.last().by == dso


# --- the optimiser late, or failing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["late", "broken"])
def test_an_optimiser_that_is_late_or_fails_leaves_an_estimate_without_a_limit(evse, dso, monkeypatch, failure):
    def solve(self, time_limit_s=None):
        if failure == "broken":
            raise pulp.PulpSolverError("no solver")
        return Outcome.NOTHING

    world.running(evse, target_soc_percent=70)
    monkeypatch.setattr(Program, "solve", solve)
    judged = order(evse, dso).verdict

    assert (judged["certain"], judged["feasible"], judged["least_limit_w"]) == (False, False, None)
    assert judged["missed"]


def test_an_order_that_nobody_can_judge_holds_and_is_judged_later(evse, dso, monkeypatch):
    world.running(evse, mode="fast", target_soc_percent=70)
    with monkeypatch.context() as broken:
        broken.setattr(judging, "judge_together", lambda *_args, **_more: 1 / 0)
        saved = order(evse, dso)
        assert (saved.status, saved.verdict) == (FlexOrder.Status.PENDING, {})
        limits.advance(now=NOW + timedelta(minutes=1))
        saved.refresh_from_db()
        assert saved.status == FlexOrder.Status.PENDING
    planning.run_due(now=NOW)
    assert world.limits(world.profiles(evse.transactions.get())[0])[0] == (0, 5_000.0)

    limits.advance(now=NOW + timedelta(minutes=2))
    saved.refresh_from_db()
    assert saved.status == FlexOrder.Status.UNFEASIBLE
