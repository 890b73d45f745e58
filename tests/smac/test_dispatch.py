"""Only what really changes goes to a charger."""

from datetime import timedelta

import pytest

from chargepoints.models import ChargePoint, ChargingProfile, Command, DeviceVariable
from chargepoints.services import commands
from smac import dispatch
from smac.services import needs, planning
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW, QUARTER

pytestmark = pytest.mark.django_db


def plan(evse, now=NOW):
    return planning.run(supply_point_id=evse.charge_point.supply_point_id, now=now)


def test_the_same_plan_is_sent_once():
    evse = factories.evse()
    _, row = world.running(evse)
    plan(evse)
    plan(evse)
    world.accept(world.profiles(row)[0])
    plan(evse)
    assert len(world.profiles(row)) == 1


def test_a_schedule_that_began_within_a_second_is_not_sent_again():
    evse = factories.evse()
    DeviceVariable.objects.create(
        charge_point=evse.charge_point, name="ChargingScheduleMaxPeriods", value="24", reported_at=NOW
    )
    world.prices((NOW, 0.30), (NOW + HOUR, 0.10))
    _, row = world.running(evse)
    plan(evse, NOW + timedelta(seconds=20, milliseconds=300))
    assert world.profiles(row)[0].intent.starts_at > NOW
    plan(evse, NOW + timedelta(seconds=25, milliseconds=700))
    assert len(world.profiles(row)) == 1


def test_a_changed_wish_is_sent_and_replaces_what_was_not_sent_yet():
    evse = factories.evse()
    need, row = world.running(evse, mode="fast")
    plan(evse)
    needs.change_need(need=need, changes={"mode": "basic"}, now=NOW)
    plan(evse)
    first, second = world.profiles(row)
    assert first.status == "superseded"
    assert second.status == "queued"
    assert world.limits(second)[0][1] < 7_000


def test_a_profile_begins_with_the_quarter_ends_with_a_pause_and_is_valid_an_hour_longer():
    evse = factories.evse()
    _, row = world.running(evse, mode="fast", target_soc_percent=100)
    plan(evse, NOW + timedelta(minutes=7))
    (command,) = world.profiles(row)
    assert command.intent.starts_at == NOW
    assert world.limits(command) == [(0, 11_000.0), (7_200, 0.0)]
    assert command.intent.valid_to == NOW + 2 * HOUR + timedelta(minutes=75)
    assert command.supersede_key == f"profile:{evse.pk}"


def test_a_car_that_leaves_at_seven_past_is_charged_until_seven_past():
    evse = factories.evse()
    _, row = world.running(evse, mode="fast", target_soc_percent=100, departure_at=NOW + timedelta(minutes=37))
    plan(evse, NOW + timedelta(minutes=4))
    (command,) = world.profiles(row)
    assert world.limits(command) == [(0, 11_000.0), (37 * 60, 0.0)]


def test_a_car_on_one_phase_gets_what_the_charger_can_be_told_at_least():
    evse = factories.evse()
    evse.min_power_w = 4_140
    evse.save()
    _, row = world.running(evse, mode="fast", target_soc_percent=100, max_charge_w=3_667, min_charge_w=1_380)
    plan(evse)
    assert world.limits(world.profiles(row)[0]) == [(0, 4_140.0), (7_200, 0.0)]


def told(row, *periods):
    """The profile that the charger took, as if it had been told this."""
    ChargingProfile.objects.filter(transaction=row).update(periods=[list(period) for period in periods])


def test_less_than_a_step_is_no_reason_to_speak():
    evse = factories.evse()
    _, row = world.running(evse, mode="fast", target_soc_percent=100)
    plan(evse)
    world.accept(world.profiles(row)[0])
    told(row, (0, 10_950.0), (7_200, 0.0))
    plan(evse)
    assert len(world.profiles(row)) == 1


def test_less_than_a_step_that_leaves_the_battery_short_at_the_departure_is_told():
    evse = factories.evse()
    _, row = world.running(evse, mode="fast", target_soc_percent=100)
    plan(evse)
    world.accept(world.profiles(row)[0])
    told(row, (0, 10_850.0), (7_200, 0.0))
    plan(evse)
    assert len(world.profiles(row)) == 2


def test_the_steps_are_settings(settings):
    settings.SMAC_CALM_STEP_W, settings.SMAC_CALM_STEP_WH = 40, 10_000
    evse = factories.evse()
    _, row = world.running(evse, mode="fast", target_soc_percent=100)
    plan(evse)
    world.accept(world.profiles(row)[0])
    told(row, (0, 10_950.0), (7_200, 0.0))
    plan(evse)
    assert len(world.profiles(row)) == 2


def test_less_than_a_step_over_the_limit_of_the_grid_connection_is_told():
    evse = factories.evse(at=factories.supply_point(contracted_capacity_w=10_900))
    _, row = world.running(evse, mode="fast", target_soc_percent=100)
    plan(evse)
    world.accept(world.profiles(row)[0])
    told(row, (0, 10_950.0), (7_200, 0.0))
    plan(evse)
    assert [limit for _, limit in world.limits(world.profiles(row)[-1])] == [10_900.0, 0.0]


def test_a_charger_that_said_how_many_periods_it_holds_is_told_no_coarser_plan_than_it_must_be():
    known, unknown = factories.evse(), factories.evse()
    DeviceVariable.objects.create(
        charge_point=known.charge_point, name="ChargingScheduleMaxPeriods", value="50", reported_at=NOW
    )
    world.prices(*((NOW + slot * QUARTER, 0.4 - 0.3 * (slot % 2)) for slot in range(60)))
    for evse in (known, unknown):
        world.running(evse, soc_percent=10, target_soc_percent=95, departure_at=NOW + 12 * HOUR)
        plan(evse)
    fine, coarse = (
        len(command.payload["periods"])
        for command in Command.objects.filter(kind="set_charging_profile").order_by("pk")
    )
    assert 20 < fine <= 50
    assert coarse <= 20


def test_a_refused_or_expired_profile_counts_as_never_told():
    evse = factories.evse()
    _, row = world.running(evse)
    plan(evse)
    commands.expire(now=NOW + timedelta(days=2))
    assert dispatch.last_profile(row) is None
    plan(evse)
    assert len(world.profiles(row)) == 2
    taken = factories.taken(row.charge_point_id)
    commands.answered(command_id=taken.pk, accepted=False, answer={"status": "Rejected"}, now=NOW)
    assert dispatch.last_profile(row) is None


def test_a_profile_that_was_replaced_unsent_does_not_count_when_its_successor_is_refused():
    evse = factories.evse()
    need, row = world.running(evse, mode="fast")
    plan(evse)
    needs.change_need(need=need, changes={"mode": "basic"}, now=NOW)
    plan(evse)
    taken = factories.taken(row.charge_point_id)
    commands.answered(command_id=taken.pk, accepted=False, answer={"status": "Rejected"}, now=NOW)
    assert [command.status for command in world.profiles(row)] == ["superseded", "rejected"]
    assert dispatch.last_profile(row) is None


def test_after_a_restart_the_charger_is_told_again():
    evse = factories.evse()
    _, row = world.running(evse)
    plan(evse)
    world.accept(world.profiles(row)[0])
    ChargePoint.objects.filter(pk=row.charge_point_id).update(booted_at=NOW + timedelta(minutes=1))
    plan(evse)
    assert len(world.profiles(row)) == 2


def test_a_charger_that_is_away_gets_its_profile_later():
    evse = factories.evse(connected=False)
    _, row = world.running(evse)
    plan(evse)
    assert [command.status for command in world.profiles(row)] == ["queued"]


def test_an_announced_or_ended_session_is_told_nothing():
    announced, ended = factories.evse(), factories.evse()
    world.state(announced)
    _, row = world.running(ended)
    row.state = "ended"
    row.save()
    plan(announced)
    plan(ended)
    assert Command.objects.filter(kind="set_charging_profile").count() == 0


def test_what_a_car_cannot_be_told_is_a_pause():
    evse = factories.evse()
    evse.min_power_w = 4_140
    evse.save()
    _, row = world.running(evse, mode="basic", departure_at=NOW + 8 * HOUR)
    plan(evse)
    powers = [limit for _, limit in world.limits(world.profiles(row)[0])]
    assert all(limit == 0 or limit >= 4_140 for limit in powers)


def test_a_plan_that_the_charger_cannot_be_told_whole_is_not_sent_again_and_again():
    evse = factories.evse()
    DeviceVariable.objects.create(
        charge_point=evse.charge_point, name="ChargingScheduleMaxPeriods", value="2", reported_at=NOW
    )
    _, row = world.running(evse, mode="fast", target_soc_percent=100)
    plan(evse)
    world.accept(world.profiles(row)[0])
    row_of = ChargingProfile.objects.filter(transaction=row)
    row_of.update(periods=[[0, 7_000.0]], planned_periods=row_of.get().periods)
    plan(evse)
    assert len(world.profiles(row)) == 1
    row_of.update(planned_periods=[[0, 7_000.0], [3_600, 9_000.0], [7_200, 0.0]])
    plan(evse)
    assert len(world.profiles(row)) == 2
