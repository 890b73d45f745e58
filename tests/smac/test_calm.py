"""Whom to tell of a new plan."""

from dataclasses import replace

from smac.calm import Bound, Step, Telling, bounds_of, to_tell
from smac.optimisation.problem import Order, Scope
from smac.optimisation.solve import solve
from tests.smac.test_checks import CAR, PROBLEM

HOURS = (0.25,) * 4
STEP = Step(power_w=200.0, energy_wh=100.0)
FREE = (float("inf"),) * 4


def telling(key="car", *, new=5_000.0, told=5_000.0, planned=None, counts_at=(4,)):
    return Telling(
        key=key,
        new_w=(new,) * 4,
        told_w=(told,) * 4,
        planned_w=((planned or new),) * 4,
        most_w=11_000.0,
        counts_at=counts_at,
    )


def chosen(*tellings, bounds=(), step=STEP):
    return to_tell(tellings, hours=HOURS, bounds=bounds, step=step)


def test_one_who_was_told_nothing_is_told():
    assert chosen(replace(telling(), told_w=())) == {"car"}
    assert chosen(replace(telling(), told_w=(5_000.0, 5_000.0, None, 5_000.0))) == {"car"}


def test_a_difference_up_to_the_step_is_kept_and_one_beyond_it_is_told():
    short = telling(counts_at=())
    assert chosen(replace(short, told_w=(5_200.0,) * 4)) == set()
    assert chosen(replace(short, told_w=(5_000.0, 5_000.0, 5_201.0, 5_000.0))) == {"car"}


def test_a_difference_up_to_the_step_is_told_where_it_changes_what_is_in_the_battery_by_a_target():
    assert chosen(telling(told=4_900.0)) == set()
    assert chosen(telling(told=4_850.0)) == {"car"}
    assert chosen(telling(told=5_150.0)) == {"car"}


def test_what_only_shifts_before_the_target_does_not_change_the_result():
    shifted = replace(telling(), told_w=(5_200.0, 4_800.0, 5_200.0, 4_800.0))
    assert chosen(shifted) == set()
    assert chosen(replace(shifted, told_w=(5_200.0, 5_200.0, 4_800.0, 4_800.0), counts_at=(2, 4))) == set()
    assert chosen(replace(shifted, told_w=(5_200.0, 5_200.0, 4_800.0, 4_800.0)), step=Step(200.0, 50.0)) == set()
    early = replace(shifted, told_w=(5_200.0, 5_200.0, 4_800.0, 4_800.0), counts_at=(2, 4))
    assert chosen(early, step=Step(200.0, 50.0)) == {"car"}


def test_what_is_far_away_is_told_only_where_it_changes_the_result_or_breaks_a_limit():
    soon = replace(STEP, soon_h=0.5)
    later = replace(telling(), told_w=(5_000.0, 5_000.0, 9_000.0, 1_000.0))
    assert chosen(later) == {"car"}
    assert chosen(later, step=soon) == set()
    assert chosen(replace(later, counts_at=(3, 4)), step=soon) == {"car"}
    assert chosen(later, step=soon, bounds=[Bound(frozenset({"car"}), (100.0,) * 4, FREE)]) == {"car"}
    assert chosen(replace(later, told_w=(5_000.0, 9_000.0, 1_000.0, 5_000.0)), step=soon) == {"car"}


def test_those_who_stay_do_not_exceed_a_limit_together_and_the_farthest_is_told():
    near, far = telling("near", told=5_040.0), telling("far", told=5_090.0)
    limit = Bound(frozenset({"near", "far"}), over_w=(60.0,) * 4, under_w=FREE)
    assert chosen(near, far) == set()
    assert chosen(near, far, bounds=[limit]) == {"far"}
    assert chosen(near, far, bounds=[replace(limit, over_w=(0.0,) * 4)]) == {"near", "far"}
    assert chosen(near, far, bounds=[replace(limit, keys=frozenset({"near"}))]) == set()


def test_one_who_draws_less_makes_room_for_one_who_draws_more():
    more, less = telling("more", told=5_090.0), telling("less", told=4_910.0)
    assert chosen(more, less, bounds=[Bound(frozenset({"more", "less"}), (0.0,) * 4, FREE)]) == set()


def test_giving_back_more_than_planned_is_kept_within_the_limit_of_what_may_flow_back():
    giving = telling(new=-5_000.0, told=-5_090.0)
    bound = Bound(frozenset({"car"}), FREE, (50.0,) * 4)
    assert chosen(giving) == set()
    assert chosen(giving, bounds=[bound]) == {"car"}


def test_a_limit_that_the_vehicle_cannot_use_exceeds_nothing():
    """A car that takes less than the charger can be told at least."""
    small = replace(telling(new=4_140.0, told=4_150.0, planned=3_600.0), most_w=3_600.0)
    assert chosen(small, bounds=[Bound(frozenset({"car"}), (0.0,) * 4, FREE)]) == set()


def test_the_bounds_are_what_limits_and_orders_leave_beside_the_plan():
    plan = solve(PROBLEM)
    (supply,) = bounds_of(PROBLEM, plan)
    assert (supply.keys, supply.over_w[0], supply.over_w[3]) == ({"car"}, 1_000.0, 11_000.0)
    assert supply.under_w[0] == 11_000.0

    order = Order("order", 0, 2, 8_000.0, session_keys=("car",), export_limit_w=0.0)
    ordered = replace(PROBLEM, orders=(order,))
    (bound,) = bounds_of(ordered, solve(ordered))[1:]
    assert bound.over_w == (0.0, 0.0, float("inf"), float("inf"))
    assert bound.under_w[0] == 8_000.0
    together = replace(ordered, orders=(replace(order, scope=Scope.TOGETHER, limit_w=9_000.0, floor_w=4_200.0),))
    assert bounds_of(together, solve(together))[1].over_w[0] == 0.0
    whole = replace(ordered, orders=(replace(order, session_keys=(), limit_w=9_000.0, export_limit_w=None),))
    assert bounds_of(whole, solve(whole))[1].over_w[0] == 0.0


def test_the_limit_of_a_point_bounds_its_own_vehicle():
    own = replace(PROBLEM, sessions=(replace(CAR, limit_w=(7_000.0,) * 4),))
    bound = bounds_of(own, solve(own))[-1]
    assert (bound.keys, bound.over_w[0]) == ({"car"}, 0.0)


def test_each_phase_s_fuse_bounds_those_who_load_it_by_their_part_of_it():
    """A car on the first phase and one on all three, 3 kW a phase: of the first phase nothing is left."""
    single = replace(CAR, key="single", phases=(1,), max_charge_w=2_000.0)
    triple = replace(CAR, key="triple", phases=(1, 2, 3), max_charge_w=3_000.0)
    scene = replace(PROBLEM, sessions=(single, triple), demand_w=(0.0,) * 4, max_phase_w=(3_000.0,) * 4)
    plan = solve(scene)
    assert [it.power_w[0] for it in plan.sessions] == [2_000.0, 3_000.0]
    one, two, three = bounds_of(scene, plan)[1:]
    assert (one.keys, one.over_w[0], one.part) == ({"single", "triple"}, 0.0, {"single": 1.0, "triple": 1 / 3})
    assert (two.keys, two.over_w[0], three.over_w[0]) == ({"triple"}, 2_000.0, 2_000.0)


def test_one_whose_profile_breaks_a_single_phase_s_fuse_is_told():
    """Together they draw what was planned: only the first phase has more."""
    single, triple = telling("single", new=2_000.0, told=2_090.0), telling("triple", new=3_000.0, told=2_910.0)
    tellings = [replace(it, counts_at=()) for it in (single, triple)]
    keys, part = frozenset({"single", "triple"}), {"single": 1.0, "triple": 1 / 3}
    supply = Bound(keys, (0.0,) * 4, FREE)
    assert chosen(*tellings, bounds=[supply]) == set()
    assert chosen(*tellings, bounds=[supply, Bound(keys, (0.0,) * 4, FREE, part)]) == {"single"}
    assert chosen(*tellings, bounds=[supply, Bound(keys, (60.0,) * 4, FREE, part)]) == set()
