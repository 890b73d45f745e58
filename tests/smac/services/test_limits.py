"""Grid operators' orders."""

from datetime import datetime, timedelta

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePointGroup
from chargepoints.services import quirks
from smac.models import FlexOrder, PlanningState, PlanRun
from smac.services import limits, planning
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


def order(*charge_points, **values):
    usual = {
        "ordered_by": values.pop("ordered_by", None) or factories.grid_operator(),
        "charge_points": charge_points,
        "scope": "each",
        "max_power_w": 5_000,
        "starts_at": NOW,
        "ends_at": NOW + HOUR,
        "now": NOW,
    }
    return limits.create_order(**{**usual, **values})


def preview(*charge_points, **values):
    usual = {"scope": "each", "max_power_w": 5_000, "starts_at": NOW, "ends_at": NOW + HOUR, "now": NOW}
    return limits.preview_order(charge_points=charge_points, **{**usual, **values})


def test_an_order_of_5_kw_reaches_a_charger_that_runs_at_11_kw_and_says_success():
    evse = factories.evse()
    need, row = world.running(evse, mode="fast")
    planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    assert world.limits(world.profiles(row)[0])[0] == (0, 11_000.0)
    world.accept(world.profiles(row)[0])

    now = NOW + timedelta(minutes=10)
    saved = order(evse.charge_point, starts_at=now, ends_at=now + timedelta(minutes=20), now=now)
    assert PlanningState.objects.get().requested_at == now
    run = planning.run(supply_point_id=evse.charge_point.supply_point_id, now=now)

    periods = world.limits(world.profiles(row)[1])
    assert periods[0] == (0, 5_000.0)
    assert periods[1] == (1_800, 11_000.0)
    assert saved.status == FlexOrder.Status.SUCCESS
    assert saved.verdict["missed"] == []
    assert [hit["need_id"] for hit in saved.verdict["hit"]] == [need.pk]
    assert run.curves.get().reason["order_id"] == saved.pk
    assert world.profiles(row)[1].reason == "Grid limit of 5 kW until 13:30."


def test_an_order_that_makes_a_target_unreachable_is_unfeasible_and_says_who_misses_what():
    evse = factories.evse()
    need, _ = world.running(evse, target_soc_percent=70)  # 21.7 kWh from the grid in two hours of 11 kW
    saved = order(evse.charge_point, ends_at=NOW + 2 * HOUR)
    assert saved.status == FlexOrder.Status.UNFEASIBLE
    (missed,) = saved.verdict["missed"]
    assert missed["name"] == str(evse)
    assert missed["need_id"] == need.pk
    assert missed["missed_wh"] == pytest.approx(20_000 - 10_000 * 0.92, abs=5)
    assert missed["reached_soc_percent"] == pytest.approx(43, abs=0.1)
    assert saved.verdict["least_limit_w"] == pytest.approx(20_000 / 0.92 / 2, abs=5)
    assert [change.status for change in saved.changes.all()] == ["pending", "unfeasible"]


def test_the_least_limit_that_was_told_is_feasible():
    evse = factories.evse()
    world.running(evse, target_soc_percent=70)
    told = preview(evse.charge_point, ends_at=NOW + 2 * HOUR).least_limit_w
    assert preview(evse.charge_point, ends_at=NOW + 2 * HOUR, max_power_w=int(told) + 1).feasible
    assert not preview(evse.charge_point, ends_at=NOW + 2 * HOUR, max_power_w=int(told) - 50).feasible


def test_the_least_limit_for_all_together_is_told_as_the_order_is_stated():
    near, far = factories.evse(), factories.evse()
    for evse in (near, far):
        world.running(evse, target_soc_percent=70)  # 10.87 kW each, for two hours
    together = {"scope": "together", "ends_at": NOW + 2 * HOUR}
    judged = preview(near.charge_point, far.charge_point, max_power_w=10_000, **together)
    assert not judged.feasible
    assert judged.least_limit_w == pytest.approx(2 * 20_000 / 0.92 / 2, abs=10)
    assert len(judged.missed) == 2
    told = int(judged.least_limit_w) + 2
    assert preview(near.charge_point, far.charge_point, max_power_w=told, **together).feasible


def test_what_is_unfeasible_says_by_how_much_and_when():
    evse = factories.evse()
    world.running(evse, target_soc_percent=70)  # 10.87 kW on average, for two hours
    judged = preview(evse.charge_point, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)
    missing = 20_000 / 0.92 - 11_000 - 5_000
    assert judged.relaxation_wh == pytest.approx(missing, abs=10)
    assert judged.extra_w == pytest.approx(missing, abs=10)
    assert judged.least_limit_w == pytest.approx(5_000 + missing, abs=10)
    ((start, end),) = judged.windows
    assert NOW + HOUR <= datetime.fromisoformat(start) < datetime.fromisoformat(end) <= NOW + 2 * HOUR
    assert preview(evse.charge_point, max_power_w=11_000, ends_at=NOW + HOUR).windows == ()


@pytest.mark.parametrize(
    "values",
    [
        {"ends_at": NOW + 2 * HOUR},
        {"max_power_w": 11_000},
        {"scope": "together", "max_power_w": 12_000, "ends_at": NOW + 2 * HOUR, "floor_w": 4_200},
        {"scope": "supply", "max_power_w": 9_000, "ends_at": NOW + 2 * HOUR},
        {"min_power_w": 3_000, "mandatory": False},
    ],
)
def test_a_preview_says_what_the_saved_order_says(values):
    evses = factories.evse(), factories.evse()
    for evse in evses:
        world.running(evse, target_soc_percent=70)
    points = [evse.charge_point for evse in evses]
    before = preview(*points, **values).as_json()
    saved = order(*points, **values)
    saved.refresh_from_db()
    assert saved.verdict == before
    assert (saved.status == "success") == before["feasible"]


def test_an_order_for_the_whole_connection_counts_the_house_too():
    evse = factories.evse()
    point = evse.charge_point.supply_point
    demand = world.series("demand", point)
    for quarter in range(100):
        world.value(demand, NOW + quarter * world.QUARTER, 3_000)
    need, row = world.running(evse, mode="fast", target_soc_percent=70)
    judged = preview(evse.charge_point, scope="supply", max_power_w=9_000, ends_at=NOW + 2 * HOUR)
    assert not judged.feasible
    assert judged.least_limit_w == pytest.approx(3_000 + 20_000 / 0.92 / 2, abs=10)
    assert [hit.need_id for hit in judged.hit] == [need.pk]

    order(evse.charge_point, scope="supply", max_power_w=9_000)
    planning.run(supply_point_id=point.pk, now=NOW)
    assert world.limits(world.profiles(row)[0])[0] == (0, 6_000.0)


def test_an_order_may_ask_for_a_least_power():
    evse = factories.evse()
    world.prices((NOW, 0.50), (NOW + HOUR, 0.10))
    _, row = world.running(evse)
    order(evse.charge_point, max_power_w=11_000, min_power_w=6_000)
    planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    assert world.limits(world.profiles(row)[0])[0][1] >= 6_000


def test_a_least_power_that_no_battery_takes_is_unfeasible_and_the_highest_that_can_be_kept_is_told():
    evse = factories.evse()
    world.running(evse, soc_percent=90, target_soc_percent=95)
    asked = {"max_power_w": 11_000, "min_power_w": 10_000, "ends_at": NOW + 2 * HOUR}
    judged = preview(evse.charge_point, **asked)
    assert not judged.feasible
    assert judged.missed == ()
    assert 0 <= judged.most_least_w < 4_000
    assert preview(evse.charge_point, **{**asked, "min_power_w": int(judged.most_least_w)}).feasible


def test_an_order_may_ask_for_power_to_the_grid_and_says_where_there_is_none():
    evse = factories.evse(max_discharge_w=10_000)
    quirks.set_dialect(charge_point=evse.charge_point, name="negative-limits")
    _, row = world.running(evse, soc_percent=80, departure_at=NOW + 6 * HOUR, max_discharge_w=10_000, v2g_allowed=True)
    asked = {"v2g": True, "max_export_w": 8_000, "wanted_export_w": 5_000}
    assert preview(evse.charge_point, **asked).feasible
    saved = order(evse.charge_point, **asked)
    planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    assert saved.status == FlexOrder.Status.SUCCESS
    assert -8_000 <= world.limits(world.profiles(row)[0])[0][1] <= -5_000

    plain = factories.evse()
    world.running(plain)
    judged = preview(plain.charge_point, **asked)
    assert not judged.feasible
    # For its own target it has to draw in this hour, too, what the next one does not give.
    assert judged.relaxation_wh == pytest.approx(5_000 + 12_000 / 0.92 - 11_000, abs=10)


def test_an_offer_gives_way_to_targets_and_a_mandatory_order_does_not():
    first = []
    for mandatory in (True, False):
        evse = factories.evse()
        _, row = world.running(evse, target_soc_percent=70)
        order(evse.charge_point, ends_at=NOW + 2 * HOUR, mandatory=mandatory)
        planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
        first.append(world.limits(world.profiles(row)[0])[0][1])
    assert first[0] == 5_000.0
    assert first[1] > 10_000.0


def test_what_a_feeder_leaves_beside_the_others_counts_in_a_verdict():
    here, there = factories.evse(), factories.evse()
    world.running(there, mode="fast", target_soc_percent=100, departure_at=NOW + 3 * HOUR)
    planning.run_due(now=NOW)
    world.running(here, target_soc_percent=60)  # 17.4 kWh in two hours
    free = {"starts_at": NOW, "ends_at": NOW + HOUR, "max_power_w": 8_000}
    assert preview(here.charge_point, **free).feasible
    group = ChargePointGroup.objects.create(name="Feeder", capacity_w=17_500)
    group.charge_points.set([here.charge_point, there.charge_point])
    judged = preview(here.charge_point, **{**free, "max_power_w": 5_000})
    assert not judged.feasible


def test_who_shares_a_feeder_makes_room_for_those_whom_an_order_puts_off():
    here, there = factories.evse(), factories.evse()
    for evse in (here, there):
        world.running(evse, mode="fast", target_soc_percent=70, departure_at=NOW + 4 * HOUR)  # 21.7 kWh
    planning.run_due(now=NOW)
    group = ChargePointGroup.objects.create(name="Feeder", capacity_w=12_000)
    group.charge_points.set([here.charge_point, there.charge_point])
    later = {"starts_at": NOW + 2 * HOUR, "ends_at": NOW + 4 * HOUR, "max_power_w": 0}
    assert preview(here.charge_point, **later).feasible
    both = preview(here.charge_point, there.charge_point, **later)
    assert not both.feasible
    assert sum(missed.missed_wh for missed in both.missed) == pytest.approx((43_478 - 24_000) * 0.92, abs=20)
    assert preview(here.charge_point, there.charge_point, **{**later, "scope": "together"}).extra_w == pytest.approx(
        2 * both.extra_w, abs=10
    )


def test_a_preview_asks_no_more_of_the_database_for_more_sessions(django_assert_max_num_queries):
    point = factories.supply_point(contracted_capacity_w=500_000)
    points = [factories.charge_point(at=point) for _ in range(12)]
    for charge_point in points:
        world.running(charge_point.evses.get())
    with django_assert_max_num_queries(25):
        assert len(preview(*points).hit) == 12


def test_a_preview_saves_nothing_and_plans_nothing():
    evse = factories.evse()
    world.running(evse)
    PlanningState.objects.update(requested_at=None)
    judged = preview(evse.charge_point)
    assert judged.feasible
    assert len(judged.hit) == 1
    assert FlexOrder.objects.count() == PlanRun.objects.count() == 0
    assert PlanningState.objects.filter(requested_at__isnull=False).count() == 0


def test_a_floor_is_granted_whatever_the_limit():
    evse = factories.evse()
    _, row = world.running(evse, mode="fast")
    order(evse.charge_point, max_power_w=0, floor_w=4_200)
    planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    assert world.limits(world.profiles(row)[0])[0] == (0, 4_200.0)


def test_one_limit_for_all_together_is_shared_between_supply_points_by_installed_power():
    big = factories.evse(max_power_w=22_000)
    small = factories.evse(max_power_w=11_000)
    rows = [world.running(it, mode="fast", max_charge_w=22_000)[1] for it in (big, small)]
    order(big.charge_point, small.charge_point, scope="together", max_power_w=27_000)
    planning.run_due(now=NOW)
    first = [world.limits(world.profiles(row)[0])[0][1] for row in rows]
    assert first == [18_000.0, 9_000.0]


def test_a_limit_for_each_point_holds_for_the_sum_of_the_vehicles_at_it():
    point = factories.charge_point(evses=2)
    rows = [world.running(evse, mode="fast")[1] for evse in point.evses.all()]
    order(point, max_power_w=8_000)
    planning.run_due(now=NOW)
    total = sum(world.limits(world.profiles(row)[0])[0][1] for row in rows)
    assert total == pytest.approx(8_000, abs=1)


def test_without_v2g_an_order_lets_nobody_give_back_and_with_it_no_more_than_allowed():
    evse = factories.evse(max_discharge_w=10_000)
    quirks.set_dialect(charge_point=evse.charge_point, name="negative-limits")
    world.prices((NOW, 0.60), (NOW + HOUR, 0.01))
    export = world.series("export_price", evse.charge_point.supply_point)
    for quarter in range(100):
        world.value(export, NOW + quarter * world.QUARTER, 0.60 if quarter < 4 else 0.0)
    _, row = world.running(evse, soc_percent=80, departure_at=NOW + 6 * HOUR, max_discharge_w=10_000, v2g_allowed=True)
    point_id = evse.charge_point.supply_point_id
    least = []
    for values in ({"v2g": False}, {"v2g": True, "max_export_w": 3_000}):
        saved = order(evse.charge_point, **values)
        planning.run(supply_point_id=point_id, now=NOW)
        least.append(min(limit for _, limit in world.limits(world.profiles(row)[-1])))
        limits.withdraw_order(order=saved, now=NOW)
    assert least == [0.0, -3_000.0]
    planning.run(supply_point_id=point_id, now=NOW)
    assert min(limit for _, limit in world.limits(world.profiles(row)[-1])) == -10_000.0


def test_a_withdrawn_order_holds_no_longer_and_cannot_be_withdrawn_twice():
    evse = factories.evse()
    _, row = world.running(evse, mode="fast")
    saved = order(evse.charge_point)
    planning.run_due(now=NOW)
    limits.withdraw_order(order=saved, now=NOW, note="not needed")
    planning.run_due(now=NOW)
    assert [world.limits(it)[0][1] for it in world.profiles(row)] == [5_000.0, 11_000.0]
    with pytest.raises(Refused):
        limits.withdraw_order(order=saved, now=NOW)
    assert saved.changes.last().note == "not needed"


def test_orders_begin_and_end_once_and_each_asks_for_a_plan():
    evse = factories.evse()
    saved = order(evse.charge_point, starts_at=NOW + timedelta(minutes=7), ends_at=NOW + timedelta(minutes=22))
    planning.run_due(now=NOW)
    assert limits.advance(now=NOW) == 0
    assert limits.advance(now=NOW + timedelta(minutes=7)) == 1
    assert PlanningState.objects.get().reason == "order started"
    planning.run_due(now=NOW + timedelta(minutes=8))
    assert limits.advance(now=NOW + timedelta(minutes=8)) == 0
    assert limits.advance(now=NOW + timedelta(minutes=22)) == 1
    assert PlanningState.objects.get().reason == "order ended"
    assert limits.advance(now=NOW + timedelta(minutes=30)) == 0
    assert [it.status for it in saved.changes.all()] == ["pending", "success", "started", "success", "ended"]


def test_an_order_that_held_from_its_saving_on_is_not_planned_for_a_second_time():
    evse = factories.evse()
    saved = order(evse.charge_point)
    planning.run_due(now=NOW)
    assert limits.advance(now=NOW + timedelta(seconds=8)) == 1
    assert limits.advance(now=NOW + timedelta(seconds=18)) == 0
    assert PlanningState.objects.get().requested_at is None
    assert [it.status for it in saved.changes.all()] == ["pending", "success", "started"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ends_at": NOW}, "The end must be after the start."),
        ({"starts_at": NOW - HOUR}, "The start must not be in the past."),
        ({"starts_at": NOW - 3 * HOUR, "ends_at": NOW - HOUR}, "The end must be in the future."),
        ({"max_power_w": -1}, "Powers cannot be negative."),
        ({"min_power_w": 6_000}, "The least power cannot be above the most."),
        ({"wanted_export_w": 1_000}, "The least power cannot be above the most."),
        (
            {"v2g": True, "max_export_w": 2_000, "wanted_export_w": 1_000, "floor_w": 4_200},
            "The least power cannot be above the most.",
        ),
        ({"scope": "some"}, "Choose whether the limit is for each point or for all together."),
    ],
)
def test_an_impossible_order_is_refused_in_words(values, words):
    evse = factories.evse()
    with pytest.raises(Refused) as refusal:
        order(evse.charge_point, **values)
    assert str(refusal.value) == words
    assert FlexOrder.objects.count() == 0


def test_an_order_without_charge_points_is_refused():
    with pytest.raises(Refused):
        order()


def test_an_order_that_touches_nobody_now_is_a_success():
    evse = factories.evse()
    saved = order(evse.charge_point)
    assert saved.status == FlexOrder.Status.SUCCESS
    assert saved.verdict["hit"] == []
