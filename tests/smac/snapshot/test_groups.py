"""Supply points behind one feeder: who is planned together, and within what."""

import pytest

from chargepoints.models import ChargePointGroup
from smac import records, selectors
from smac.models import PlanRun
from smac.optimisation.together import solve_together
from smac.snapshot import groups
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


def node(name, *charge_points, parent=None, **values):
    row = ChargePointGroup.objects.create(name=name, parent=parent, **values)
    row.charge_points.set(charge_points)
    return row


@pytest.fixture
def chargers():
    return [factories.charge_point() for _ in range(4)]


def pk(charger):
    return charger.supply_point_id


def session(charger, **values):
    return world.running(charger.evses.get(), **{"mode": "fast", "departure_at": NOW + 3 * HOUR, **values})


def together(charger):
    return groups.take_together(supply_point_id=pk(charger), now=NOW)


def test_a_group_without_a_capacity_couples_nobody(chargers):
    node("names only", *chargers)
    assert selectors.coupled_with(supply_point_id=pk(chargers[0])) == [pk(chargers[0])]
    session(chargers[0])
    found = together(chargers[0])
    assert (list(found.snapshots), found.limits) == ([str(pk(chargers[0]))], ())


def test_a_node_couples_its_whole_branch_and_shared_members_couple_further(chargers):
    one, two, three, four = chargers
    transformer = node("transformer", capacity_w=60_000)
    node("feeder", one, two, parent=transformer)
    node("other feeder", two, three, capacity_w=30_000)
    node("elsewhere", four, capacity_w=10_000)
    assert selectors.coupled_with(supply_point_id=pk(one)) == sorted([pk(one), pk(two), pk(three)])
    assert selectors.coupled_with(supply_point_id=pk(three)) == sorted([pk(one), pk(two), pk(three)])
    assert selectors.coupled_with(supply_point_id=pk(four)) == [pk(four)]


def test_the_limit_is_the_capacity_less_what_nobody_plans(chargers):
    one, two, idle, sunny = chargers
    group = node("feeder", *chargers, capacity_w=30_000, export_capacity_w=10_000)
    session(one)
    session(two)
    world.value(world.series("demand", idle.supply_point), NOW, 4_000, duration_s=3_600)
    world.value(world.series("production", sunny.supply_point), NOW, 90_000, duration_s=3_600)
    found = together(one)
    assert sorted(found.snapshots) == sorted([str(pk(one)), str(pk(two))])
    (limit,) = found.limits
    assert limit.key == f"group:{group.pk}"
    assert set(limit.site_keys) == set(found.snapshots)
    # 4 kW are drawn by the one, the injection limit of 20 kW is given back by the other.
    assert limit.max_import_w[:4] == (30_000 - 4_000 + 20_000,) * 4
    assert limit.max_export_w[:4] == (0,) * 4


def test_a_limit_on_what_flows_back_alone_leaves_drawing_free(chargers):
    node("feeder", *chargers[:2], export_capacity_w=5_000)
    session(chargers[0])
    (limit,) = together(chargers[0]).limits
    assert limit.max_import_w[0] == selectors.UNLIMITED_W
    assert set(limit.max_export_w) == {5_000}


def test_what_is_planned_together_keeps_the_capacity_and_says_so_in_its_rows(chargers):
    one, two, *_ = chargers
    node("feeder", one, two, capacity_w=14_000)
    session(one)
    session(two)
    found = together(one)
    plans = solve_together(found.problems, found.limits)
    drawn = [sum(powers) for powers in zip(*(plan.grid_w for plan in plans.values()), strict=True)]
    assert max(drawn) == pytest.approx(14_000, abs=1)
    runs = records.save_all(together=found, plans=plans, reasons={pk(one): "order"}, solve_ms=3.0, now=NOW)
    rows = {key: PlanRun.objects.get(pk=run.pk) for key, run in runs.items()}
    assert [rows[key].reason for key in sorted(rows)] == ["order", "slot"]
    for row in rows.values():
        assert row.together["runs"] == {key: run.pk for key, run in runs.items()}
        assert row.together["groups"][0]["max_import_w"][0] == 14_000


def test_a_battery_or_an_order_is_something_to_plan(chargers):
    one, two, three, _ = chargers
    node("feeder", *chargers, capacity_w=30_000)
    two.supply_point.storage_capacity_wh, two.supply_point.storage_power_w = 10_000, 5_000
    two.supply_point.save()
    assert sorted(together(one).snapshots) == sorted([str(pk(one)), str(pk(two))])
    assert selectors.plannable(supply_point_ids=[pk(one), pk(two), pk(three)], now=NOW) == {pk(two)}
