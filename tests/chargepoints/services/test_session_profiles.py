"""A session's plan, told as its charger takes it."""

from datetime import timedelta

import pytest

from chargepoints.models import ChargingProfile
from chargepoints.services import smart_charging
from tests import factories
from tests.chargepoints.services.plans import HOUR, STEPS, answer, can, default, plan, row_of, session, speaks, told
from tests.factories import NOW

pytestmark = pytest.mark.django_db
GIVING = ((0, 7_000.0), (900, -5_000.0), (1_800, 0.0))


def test_a_plan_is_told_as_it_is_to_a_charger_that_named_no_limits() -> None:
    command = plan(session())
    assert told(command) == list(STEPS)
    assert (row_of(command).planned_periods, row_of(command).adaptations) == ([], "")


def test_a_charger_with_few_periods_is_told_a_beginning_and_the_plan_is_kept() -> None:
    row = session()
    can(row.charge_point, ChargingScheduleMaxPeriods="2")
    command = plan(row)
    assert told(command) == [(0, 7_000.0), (900, 0.0)]
    assert row_of(command).planned_periods == [list(step) for step in STEPS]
    assert row_of(command).adaptations == "fewer_periods"


def test_a_charger_with_one_period_is_told_how_long_it_holds() -> None:
    row = session()
    can(row.charge_point, ChargingScheduleMaxPeriods="1")
    command = plan(row)
    assert (told(command), command.intent.duration_s) == ([(0, 7_000.0)], 900)


def test_the_stack_level_is_within_what_the_charger_holds() -> None:
    row = session()
    assert plan(row).intent.stack_level == 1
    can(row.charge_point, ChargeProfileMaxStackLevel="0")
    assert plan(row).intent.stack_level == 0


def test_a_charger_that_holds_one_profile_gets_the_plan_in_the_place_of_its_default() -> None:
    row = session()
    can(row.charge_point, MaxChargingProfilesInstalled="1")
    answer(default(row.charge_point))
    intent = answer(plan(row)).intent
    assert (intent.purpose, intent.evse_number, intent.profile_id, intent.stack_level) == ("tx_default", 0, 1, 0)
    assert (intent.transaction_remote_id, intent.valid_to) == ("", None)
    assert [(one.start_s, one.limit_w) for one in intent.periods] == [*STEPS, (7_200, 4_200.0)]
    held = ChargingProfile.objects.filter(status="accepted")
    assert [(one.purpose, one.adaptations) for one in held] == [("tx_default", "only_profile")]


def test_where_two_evses_share_the_one_place_nobody_s_plan_takes_it() -> None:
    row = session(evses=2)
    can(row.charge_point, MaxChargingProfilesInstalled="1")
    assert plan(row).intent.purpose == "tx"


def test_one_phase_is_said_so_that_a_current_is_not_spread_over_three() -> None:
    row = session()
    row.evse.phases = 1
    row.evse.save()
    assert {period.phases for period in plan(row).intent.periods} == {1}
    assert default(row.charge_point).intent.periods[0].phases == 1
    assert {period.phases for period in plan(session()).intent.periods} == {None}


def test_a_charger_whose_dialect_nobody_knows_never_gets_a_negative_limit_and_the_row_says_why() -> None:
    command = plan(session(max_discharge_w=10_000), GIVING)
    assert told(command) == [(0, 7_000.0), (900, 0.0)]
    assert row_of(command).adaptations == "no_dialect"
    assert row_of(command).planned_periods == [list(step) for step in GIVING]


def test_a_charger_that_speaks_negative_limits_gets_them() -> None:
    row = session(max_discharge_w=10_000)
    speaks(row.charge_point, "negative-limits")
    assert told(plan(row, GIVING)) == list(GIVING)


def test_a_charger_that_refuses_the_past_once_is_told_from_now_on_ever_after() -> None:
    row = session()
    refused = answer(default(row.charge_point), accepted=False)
    again = row.charge_point.commands.exclude(pk=refused.pk).get()
    assert again.intent.starts_at == NOW
    assert row_of(refused).status == "refused"
    answer(again)
    later = NOW + timedelta(minutes=20)
    command = plan(row, now=later)
    assert command.intent.starts_at == later
    assert told(command) == [(0, 0.0), (600, 9_000.0)]


def test_a_default_limit_that_is_refused_twice_is_not_sent_a_third_time() -> None:
    charge_point = factories.charge_point()
    answer(default(charge_point), accepted=False)
    answer(charge_point.commands.get(status="queued"), accepted=False)
    assert charge_point.commands.count() == 2


def test_a_plan_that_is_cleared_holds_no_more() -> None:
    row = session()
    command = answer(plan(row))
    answer(smart_charging.clear_session_profile(transaction_row=row, now=NOW + HOUR))
    assert row_of(command).status == "cleared"
