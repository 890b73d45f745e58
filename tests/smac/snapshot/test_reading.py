"""Rows to a problem: each input."""

from datetime import timedelta
from decimal import Decimal

import pytest

from chargepoints.models import ChargePoint, SupplyPoint, Transaction
from smac.models import ChargingNeed, FlexOrder, NeedTarget
from smac.optimisation.problem import Mode, Scope
from smac.snapshot import reading
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


def taken(point, now=NOW, **values):
    return reading.take(supply_point_id=point.pk, now=now, **values)


def only_session(point, now=NOW):
    (session,) = taken(point, now).problem.sessions
    return session


def test_limits_and_opportunity_cost_come_from_the_supply_point():
    point = factories.supply_point(contracted_capacity_w=30_000, injection_limit_w=7_000, opportunity_cost_per_h="0.4")
    problem = taken(point).problem
    assert set(problem.max_import_w) == {30_000.0}
    assert set(problem.max_export_w) == {7_000.0}
    assert problem.opportunity_cost_per_h == 0.4
    assert problem.storage is None


def test_a_private_point_has_no_opportunity_cost():
    home = factories.supply_point(owner=factories.driver(), opportunity_cost_per_h=Decimal("0.4"))
    assert taken(home).problem.opportunity_cost_per_h == 0


def test_local_storage_is_taken_as_half_full_and_left_so():
    point = factories.supply_point(storage_capacity_wh=20_000, storage_power_w=5_000)
    storage = taken(point).problem.storage
    assert (storage.energy_wh, storage.end_energy_wh, storage.max_discharge_w) == (10_000, 10_000, 5_000)


def test_forecasts_are_read_as_they_were_known_at_that_time():
    point = factories.supply_point()
    demand = world.series("demand", point)
    world.value(demand, NOW, 1_000, known_at=NOW - HOUR)
    world.value(demand, NOW, 2_000, known_at=NOW - timedelta(minutes=5))
    world.value(demand, NOW, 9_000, known_at=NOW + timedelta(minutes=5))
    assert taken(point).problem.demand_w[0] == 2_000
    assert taken(point, NOW + timedelta(minutes=6)).problem.demand_w[0] == 9_000


def test_an_hourly_value_holds_for_its_four_quarters_and_a_gap_takes_the_day_before():
    point = factories.supply_point()
    production = world.series("production", point)
    world.value(production, NOW, 4_000, duration_s=3_600)
    world.value(production, NOW + HOUR, 0, duration_s=3_600)
    world.value(production, NOW - 22 * HOUR, 700, duration_s=900)
    curve = taken(point, NOW + 20 * timedelta(minutes=1)).problem.production_w
    assert curve[:4] == (4_000, 4_000, 4_000, 0)
    assert curve[7] == 700  # 14:00, known of yesterday only


def test_what_nobody_has_told_is_assumed_and_named():
    snapshot = taken(factories.supply_point())
    assert set(snapshot.assumed) == {"import_price", "demand", "production"}
    assert set(snapshot.problem.demand_w) == {0.0}
    assert set(snapshot.problem.import_price) == {0.30}
    assert snapshot.problem.co2_g_per_kwh is None


def test_the_price_is_the_markets_and_the_tariffs_and_a_series_of_the_point_goes_before_its_zones():
    evse = factories.evse()  # its tariff adds 0.10
    point = evse.charge_point.supply_point
    world.prices((NOW, 0.30), (NOW + HOUR, 0.20))
    assert taken(point).problem.import_price[3:5] == (0.40, 0.30)
    own = world.series("import_price", point)
    world.value(own, NOW, 0.05, duration_s=3_600)
    assert taken(point).problem.import_price[0] == 0.15


def test_giving_back_earns_the_export_price_but_never_more_than_drawing_costs():
    evse = factories.evse()
    point = evse.charge_point.supply_point
    world.prices((NOW, 0.30))
    assert taken(point).problem.export_price[0] == 0.20
    export = world.series("export_price", point)
    world.value(export, NOW, 0.25)
    world.value(export, NOW + QUARTER, 0.90)
    assert taken(point).problem.export_price[:2] == (0.25, 0.40)


def test_a_session_takes_the_lesser_of_car_and_charger():
    evse = factories.evse(max_power_w=22_000)
    evse.min_power_w = 4_140
    evse.save()
    world.running(evse, mode="green", max_charge_w=7_400, min_charge_w=1_380, departure_at=NOW + HOUR)
    session = only_session(evse.charge_point.supply_point)
    assert (session.mode, session.max_charge_w, session.min_charge_w) == (Mode.GREEN, 7_400, 4_140)
    assert (session.first_slot, session.last_slot) == (0, 4)
    assert (session.capacity_wh, session.energy_wh) == (40_000, 8_000)
    assert (session.targets[0].slot, session.targets[0].energy_wh) == (4, 20_000)
    assert session.v2g is False


@pytest.mark.parametrize(("charger", "car", "agreed"), [(0, 9_000, True), (9_000, 0, True), (9_000, 9_000, False)])
def test_v2g_needs_charger_car_and_driver(charger, car, agreed):
    evse = factories.evse(max_discharge_w=charger)
    world.running(evse, max_discharge_w=car, v2g_allowed=agreed)
    session = only_session(evse.charge_point.supply_point)
    assert (session.v2g, session.max_discharge_w) == (False, 0)


def test_a_charger_that_booted_and_whose_dialect_nobody_knows_gives_nothing():
    evse = factories.evse(max_discharge_w=9_000)
    _, row = world.running(evse, max_discharge_w=6_000, v2g_allowed=True)
    ChargePoint.objects.update(booted_at=NOW)
    assert not only_session(evse.charge_point.supply_point).v2g
    ChargePoint.objects.update(dialect="negative-limits")
    assert only_session(evse.charge_point.supply_point).v2g
    Transaction.objects.filter(pk=row.pk).update(v2g_capable=False)
    assert not only_session(evse.charge_point.supply_point).v2g


def test_v2g_gives_what_both_can_and_keeps_the_drivers_floor():
    evse = factories.evse(max_discharge_w=9_000)
    world.running(evse, max_discharge_w=6_000, v2g_allowed=True, floor_soc_percent=30)
    session = only_session(evse.charge_point.supply_point)
    assert (session.v2g, session.max_discharge_w, session.floor_wh) == (True, 6_000, 12_000)
    assert session.wear_cost_per_kwh > 0


def test_the_batterys_charge_is_the_cars_word_else_what_was_stated_and_metered():
    evse = factories.evse()
    _, row = world.running(evse)
    world.meter(row, (NOW, 100.0), (NOW + 10 * timedelta(minutes=1), 1_100.0))
    assert only_session(evse.charge_point.supply_point).energy_wh == 8_000 + 920
    row.soc_percent = 31.0
    row.save()
    assert only_session(evse.charge_point.supply_point).energy_wh == 12_400


def test_a_car_that_stays_after_its_departure_is_charged_on_and_its_window_stands_still():
    evse = factories.evse()
    world.running(evse, departure_at=NOW + HOUR)
    ends = [
        only_session(evse.charge_point.supply_point, NOW + HOUR + late).last_slot for late in (QUARTER, 2 * QUARTER)
    ]
    assert ends == [15, 14]


def test_a_car_that_leaves_within_a_quarter_has_its_minutes_counted():
    evse = factories.evse()
    world.running(evse, departure_at=NOW + timedelta(minutes=37))
    snapshot = taken(evse.charge_point.supply_point, NOW + timedelta(minutes=4))
    (session,) = snapshot.problem.sessions
    assert sum(snapshot.problem.slot_hours[: session.last_slot]) == pytest.approx(33 / 60)


def test_an_announced_car_counts_for_half_an_hour_from_the_next_slot_on():
    evse = factories.evse()
    world.state(evse)
    session = only_session(evse.charge_point.supply_point)
    assert (session.announced, session.first_slot) == (True, 1)
    assert taken(evse.charge_point.supply_point, NOW + timedelta(minutes=31)).problem.sessions == ()


def test_a_closed_need_is_gone():
    evse = factories.evse()
    need, _ = world.running(evse)
    ChargingNeed.objects.filter(pk=need.pk).update(status="closed")
    assert taken(evse.charge_point.supply_point).problem.sessions == ()


def test_the_sessions_of_another_supply_point_are_not_seen():
    world.running(factories.evse())
    assert taken(factories.supply_point()).problem.sessions == ()


def order(*charge_points, **values):
    usual = {
        "ordered_by": factories.grid_operator(),
        "max_power_w": 5_000,
        "starts_at": NOW + timedelta(minutes=20),
        "ends_at": NOW + timedelta(minutes=50),
        "created_at": NOW,
    }
    row = FlexOrder.objects.create(**{**usual, **values})
    row.charge_points.set(charge_points)
    return row


def test_an_order_holds_for_the_sessions_at_its_charge_points_for_exactly_its_window():
    evse, other = factories.evse(), factories.evse()
    point = evse.charge_point.supply_point
    need, _ = world.running(evse)
    row = order(evse.charge_point, other.charge_point, floor_w=1_400, v2g=True, max_export_w=3_000)
    problem = taken(point).problem
    (limit,) = problem.orders
    assert limit.key == f"order:{row.pk}"
    assert limit.session_keys == (f"need:{need.pk}",)
    assert problem.slot_starts[limit.first_slot] == NOW + timedelta(minutes=20)
    assert problem.slot_starts[limit.last_slot] == NOW + timedelta(minutes=50)
    assert len(problem.slot_starts) == len(problem.import_price) == 98
    assert (limit.limit_w, limit.floor_w, limit.export_limit_w) == (5_000, 1_400, 3_000)
    assert (limit.scope, limit.mandatory) == (Scope.EACH, True)


def test_orders_that_are_withdrawn_over_or_elsewhere_set_no_limit():
    evse, other = factories.evse(), factories.evse()
    world.running(evse)
    order(evse.charge_point, withdrawn_at=NOW)
    order(evse.charge_point, starts_at=NOW - HOUR, ends_at=NOW)
    order(evse.charge_point, starts_at=NOW + 30 * HOUR, ends_at=NOW + 31 * HOUR)
    order(other.charge_point)
    assert taken(evse.charge_point.supply_point).problem.orders == ()


def test_a_supply_point_that_does_not_exist_is_said_so():
    with pytest.raises(SupplyPoint.DoesNotExist):
        reading.take(supply_point_id=0, now=NOW)


def test_the_floor_of_a_point_with_two_vehicles_is_one_floor():
    charger = factories.charge_point(evses=2, max_power_w=22_000)
    for evse in charger.evses.all():
        world.running(evse)
    order(charger, max_power_w=7_000, floor_w=4_200)
    (limit,) = taken(charger.supply_point).problem.orders
    assert (limit.limit_w, limit.floor_w, len(limit.session_keys)) == (7_000, 0, 2)


def test_a_point_with_two_vehicles_keeps_its_floor_under_a_lower_limit():
    charger = factories.charge_point(evses=2)
    for evse in charger.evses.all():
        world.running(evse)
    order(charger, max_power_w=1_000, floor_w=4_200)
    (limit,) = taken(charger.supply_point).problem.orders
    assert limit.limit_w == 4_200


def test_points_under_one_limit_share_one_floor_each():
    charger = factories.charge_point(evses=2)
    single = factories.charge_point(at=charger.supply_point)
    for evse in (*charger.evses.all(), *single.evses.all()):
        world.running(evse)
    order(charger, single, scope="together", floor_w=4_200)
    (limit,) = taken(charger.supply_point).problem.orders
    assert limit.floor_w * len(limit.session_keys) == 2 * 4_200


def test_limits_told_by_the_hour_hold_below_the_contract_and_never_beyond_their_hour():
    point = factories.supply_point(contracted_capacity_w=30_000, injection_limit_w=7_000)
    most, back = world.series("max_import", point), world.series("max_export", point)
    world.value(most, NOW, 12_000, duration_s=3_600)
    world.value(most, NOW + HOUR, 90_000, duration_s=3_600)
    world.value(most, NOW - 24 * HOUR + 2 * HOUR, 5_000, duration_s=3_600)
    world.value(back, NOW, 0)
    problem = taken(point).problem
    assert problem.max_import_w[:9] == (*(12_000,) * 4, *(30_000,) * 5)
    assert problem.max_export_w[:2] == (0, 7_000)


def test_an_order_for_the_connection_limits_it_or_allows_more():
    charger = factories.charge_point(max_discharge_w=5_000)
    point = charger.supply_point
    world.running(charger.evses.get())
    window = {"scope": "supply", "starts_at": NOW + QUARTER, "ends_at": NOW + 3 * QUARTER}
    row = order(charger, max_power_w=70_000, v2g=True, max_export_w=40_000, **window)
    problem = taken(point).problem
    assert problem.max_import_w[:4] == (50_000, 70_000, 70_000, 50_000)
    assert problem.max_export_w[:4] == (20_000, 40_000, 40_000, 20_000)
    FlexOrder.objects.filter(pk=row.pk).update(max_power_w=9_000, max_export_w=1_000)
    problem = taken(point).problem
    (limit,) = problem.orders
    assert set(problem.max_import_w) == {50_000}
    assert (limit.session_keys, limit.limit_w, limit.export_limit_w) == ((), 9_000, 1_000)
    assert (limit.first_slot, limit.last_slot) == (1, 3)


def test_an_order_may_ask_for_a_least_power():
    big, small = factories.charge_point(max_power_w=22_000), factories.charge_point(max_power_w=11_000)
    world.running(big.evses.get())
    order(big, small, scope="together", max_power_w=30_000, min_power_w=6_000)
    (limit,) = taken(big.supply_point).problem.orders
    assert (limit.limit_w, limit.least_w) == (20_000, 4_000)


def test_an_order_for_the_connection_holds_with_nobody_there():
    charger = factories.charge_point()
    order(charger, scope="supply", max_power_w=9_000)
    assert [limit.limit_w for limit in taken(charger.supply_point).problem.orders] == [9_000]


def test_the_battery_of_the_place_holds_what_was_told_within_the_hour():
    point = factories.supply_point(storage_capacity_wh=20_000, storage_power_w=5_000)
    told = world.series("storage_soc", point)
    world.value(told, NOW - 30 * timedelta(minutes=1), 30)
    storage = taken(point).problem.storage
    assert (storage.energy_wh, storage.end_energy_wh) == (6_000, 6_000)
    world.value(told, NOW - QUARTER, 90)
    storage = taken(point).problem.storage
    assert (storage.energy_wh, storage.end_energy_wh) == (18_000, 10_000)
    assert taken(point, NOW + 2 * HOUR).problem.storage.energy_wh == 10_000


def test_a_fuse_of_each_phase_is_a_limit_of_each_phase():
    assert taken(factories.supply_point()).problem.max_phase_w is None
    assert set(taken(factories.supply_point(phase_current_a=63)).problem.max_phase_w) == {63 * 230.0}


@pytest.mark.parametrize(
    ("installed", "car", "power_w", "phases"),
    [
        ({"phases": 3}, None, 11_000, (1, 2, 3)),
        ({"phases": 3, "first_phase": 2}, None, 7_400, (2,)),
        ({"phases": 3, "first_phase": 3}, 2, 7_400, (1, 3)),
        ({"phases": 3, "first_phase": 2}, 3, 7_400, (1, 2, 3)),
        ({"phases": 3}, None, 7_400, ()),
        ({"phases": 1, "first_phase": 3}, 3, 3_700, (3,)),
    ],
)
def test_a_car_loads_the_phases_it_uses_where_the_charger_hangs_on_them(installed, car, power_w, phases):
    evse = factories.evse()
    for name, value in installed.items():
        setattr(evse, name, value)
    evse.save()
    need, _ = world.running(evse, max_charge_w=power_w)
    ChargingNeed.objects.filter(pk=need.pk).update(phases=car)
    assert only_session(evse.charge_point.supply_point).phases == phases


def test_direct_current_loads_all_phases_and_slows_down_earlier():
    evse = factories.evse(standard="IEC_62196_T2_COMBO", max_power_w=50_000)
    world.running(evse, max_charge_w=7_000)
    session = only_session(evse.charge_point.supply_point)
    assert (session.phases, session.knee) == ((1, 2, 3), 0.8)


def test_efficiency_taper_and_wear_are_the_cars_own():
    evse = factories.evse(max_discharge_w=9_000)
    need, _ = world.running(evse, max_discharge_w=6_000, v2g_allowed=True)
    before = only_session(evse.charge_point.supply_point)
    assert (before.charge_efficiency, before.discharge_efficiency, before.knee) == (0.92, 0.92, 0.9)
    assert before.wear_cost_per_kwh == 0.05
    own = {"charge_efficiency": 0.88, "discharge_efficiency": 0.9, "taper_from_percent": 85, "wear_cost_per_kwh": 0.12}
    ChargingNeed.objects.filter(pk=need.pk).update(**own)
    after = only_session(evse.charge_point.supply_point)
    assert (after.charge_efficiency, after.discharge_efficiency, after.knee) == (0.88, 0.9, 0.85)
    assert after.wear_cost_per_kwh == 0.12


def test_the_energy_mix_is_looked_at_where_it_is_known():
    point = factories.supply_point()
    mix = world.series("co2", point)
    world.value(mix, NOW, 250.5, duration_s=3_600)
    assert taken(point).problem.co2_g_per_kwh[:4] == (250.5,) * 4


def test_charges_to_be_reached_on_the_way_are_targets_of_their_own():
    evse = factories.evse()
    need, _ = world.running(evse)
    for minutes, percent in ((40, 30.0), (90, 45.0), (180, 99.0), (-10, 21.0)):
        NeedTarget.objects.create(need=need, at=NOW + timedelta(minutes=minutes), soc_percent=percent)
    snapshot = taken(evse.charge_point.supply_point)
    (session,) = snapshot.problem.sessions
    starts = snapshot.problem.slot_starts
    assert [(starts[target.slot] - NOW, target.energy_wh) for target in session.targets] == [
        (timedelta(minutes=40), 12_000),
        (timedelta(minutes=90), 18_000),
        (timedelta(hours=2), 20_000),
    ]


def test_supply_points_that_are_planned_together_share_one_horizon():
    here, there = factories.evse(), factories.evse()
    world.running(here, departure_at=NOW + timedelta(minutes=37))
    world.running(there, departure_at=NOW + timedelta(minutes=52))
    ids = [evse.charge_point.supply_point_id for evse in (here, there)]
    one, other = reading.take_all(supply_point_ids=ids, now=NOW)
    assert one.problem.slot_starts == other.problem.slot_starts
    assert len(one.problem.slot_starts) == 98
    assert [len(one.problem.sessions), len(other.problem.sessions)] == [1, 1]


@pytest.mark.parametrize(
    ("installed", "power_w", "least_w"),
    [
        ({}, 11_000, 3 * 6 * 230),
        ({}, 7_400, 6 * 230),
        ({"phases": 1}, 11_000, 6 * 230),
        ({"min_power_w": 2_000}, 11_000, 2_000),
        ({}, 1_000, 1_000),
    ],
)
def test_below_six_amperes_on_each_phase_in_use_a_car_pauses(installed, power_w, least_w):
    evse = factories.evse()
    for name, value in installed.items():
        setattr(evse, name, value)
    evse.save()
    world.running(evse, max_charge_w=power_w)
    assert only_session(evse.charge_point.supply_point).min_charge_w == least_w
