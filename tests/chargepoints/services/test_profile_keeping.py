"""A charger goes on having what it was told."""

from datetime import timedelta

import pytest

from chargepoints.domain.reports import Booted
from chargepoints.models import ChargePoint, ChargingProfile, Transaction
from chargepoints.services import provisioning, smart_charging
from tests import factories
from tests.chargepoints.services.plans import (
    HOUR,
    STEPS,
    answer,
    answer_all,
    can,
    default,
    plan,
    row_of,
    session,
    told,
    waiting,
)
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def held(row: Transaction) -> Transaction:
    """The session's charger took its default and its plan."""
    ChargePoint.objects.filter(pk=row.charge_point_id).update(booted_at=NOW - HOUR)
    answer(default(row.charge_point))
    answer(plan(row))
    answer_all(row.charge_point)
    return row


def boot(charge_point: ChargePoint, now=NOW + 5 * MINUTE) -> None:
    report = Booted(vendor="Vend", model="M1", ocpp_version="1.6")
    provisioning.boot(charge_point_id=charge_point.pk, report=report, now=now)


def reconnect(charge_point: ChargePoint, now=NOW + HOUR) -> None:
    provisioning.connected(charge_point_id=charge_point.pk, connection_key="new", ocpp_version="1.6", now=now)


def test_after_a_restart_the_default_is_told_again_and_then_each_session_s_plan() -> None:
    row = held(session())
    boot(row.charge_point)
    first, second = waiting(row.charge_point)
    assert (first.intent.purpose, second.intent.purpose) == ("tx_default", "tx")
    assert (told(second), second.intent.valid_to) == (list(STEPS), NOW + 2 * HOUR)
    assert ChargingProfile.objects.filter(status="lost").count() == 2


def test_what_has_ended_or_is_on_its_way_anew_is_not_told_again() -> None:
    over, renewed = held(session()), held(session())
    over.state, over.ended_at = "ended", NOW
    over.save()
    newer = plan(renewed, now=NOW + MINUTE)
    for row in (over, renewed):
        boot(row.charge_point)
    assert [command.intent.purpose for command in waiting(over.charge_point)] == ["tx_default"]
    assert waiting(renewed.charge_point)[0] == newer
    assert len(waiting(renewed.charge_point)) == 2


def test_a_plan_that_is_over_is_not_told_again() -> None:
    row = held(session())
    boot(row.charge_point, NOW + 3 * HOUR)
    assert [command.intent.purpose for command in waiting(row.charge_point)] == ["tx_default"]


def test_two_restarts_in_a_row_tell_it_once() -> None:
    row = held(session())
    boot(row.charge_point)
    boot(row.charge_point)
    assert [command.intent.purpose for command in waiting(row.charge_point)] == ["tx", "tx_default"]


def test_after_a_lost_link_the_charger_is_asked_whether_it_still_has_its_plan() -> None:
    row = held(session())
    reconnect(row.charge_point)
    assert waiting(row.charge_point) == []
    assert len(waiting(row.charge_point, "get_composite_schedule")) == 1


def test_a_charger_that_forgets_with_its_link_is_told_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from chargepoints.domain.quirks import Quirks
    from chargepoints.services import quirks

    row = held(session())
    monkeypatch.setattr(quirks, "of", lambda charge_point: Quirks(forgets_on_reconnect=True))
    reconnect(row.charge_point)
    assert [command.intent.purpose for command in waiting(row.charge_point)] == ["tx_default", "tx"]


def test_a_charger_whose_default_never_arrived_gets_it_with_its_next_link() -> None:
    charge_point = factories.charge_point(connected=False)
    reconnect(charge_point)
    assert waiting(charge_point) == []  # one that never booted is told at its boot
    ChargePoint.objects.update(booted_at=NOW - HOUR)
    reconnect(charge_point)
    reconnect(charge_point)
    assert [command.intent.purpose for command in waiting(charge_point)] == ["tx_default"]


def test_a_charger_that_refused_its_default_is_left_alone_until_it_restarts() -> None:
    charge_point = factories.charge_point()
    ChargePoint.objects.update(booted_at=NOW - HOUR)
    answer(default(charge_point), accepted=False)
    answer(waiting(charge_point)[0], accepted=False)
    reconnect(charge_point)
    assert waiting(charge_point) == []


def test_a_shortened_plan_goes_on_in_time_and_only_then() -> None:
    row = session()
    can(row.charge_point, ChargingScheduleMaxPeriods="2")
    held(row)
    assert smart_charging.keep(now=NOW + 16 * MINUTE) == 0
    assert smart_charging.keep(now=NOW + 30 * MINUTE) == 1
    (command,) = waiting(row.charge_point)
    assert (command.intent.starts_at, told(command)) == (NOW + 30 * MINUTE, [(0, 9_000.0)])
    assert smart_charging.keep(now=NOW + 31 * MINUTE) == 0
    answer(command, now=NOW + 31 * MINUTE)
    assert smart_charging.keep(now=NOW + 32 * MINUTE) == 0


def test_a_charger_of_one_period_is_told_the_next_one_when_the_first_has_passed() -> None:
    row = session()
    can(row.charge_point, ChargingScheduleMaxPeriods="1")
    held(row)
    assert smart_charging.keep(now=NOW + 14 * MINUTE) == 0
    assert smart_charging.keep(now=NOW + 15 * MINUTE) == 1
    (command,) = waiting(row.charge_point)
    assert (told(command), command.intent.duration_s) == ([(0, 0.0)], None)


def test_a_period_whose_time_has_passed_is_told_again_where_the_plan_comes_back_to_it() -> None:
    row = session()
    can(row.charge_point, ChargingScheduleMaxPeriods="1")
    answer(plan(row, [(0, 7_000.0), (900, 0.0), (1_800, 7_000.0)]))
    assert smart_charging.keep(now=NOW + 30 * MINUTE) == 1


def test_nothing_goes_on_for_a_charger_that_is_away() -> None:
    row = session()
    can(row.charge_point, ChargingScheduleMaxPeriods="1")
    held(row)
    ChargePoint.objects.update(connection_key="")
    assert smart_charging.keep(now=NOW + 15 * MINUTE) == 0


def test_a_plan_that_came_before_the_transaction_ran_is_told_once_more() -> None:
    row = session()
    refused = answer(plan(row), accepted=False)
    assert smart_charging.keep(now=NOW + timedelta(seconds=10)) == 0
    assert smart_charging.keep(now=NOW + MINUTE) == 1
    (again,) = waiting(row.charge_point)
    assert (row_of(again).is_repeat, again.intent.starts_at) == (True, NOW + MINUTE)
    answer(again, accepted=False, now=NOW + MINUTE)
    assert smart_charging.keep(now=NOW + 3 * MINUTE) == 0
    assert row_of(refused).status == "refused"


def test_a_plan_in_the_place_of_the_default_gives_way_when_its_session_ends() -> None:
    row = session()
    can(row.charge_point, MaxChargingProfilesInstalled="1")
    held(row)
    assert smart_charging.keep(now=NOW + MINUTE) == 0
    row.state, row.ended_at = "ended", NOW + MINUTE
    row.save()
    assert smart_charging.keep(now=NOW + 2 * MINUTE) == 1
    (command,) = waiting(row.charge_point)
    assert told(command) == [(0, 4_200.0)]
    answer(command)
    assert smart_charging.keep(now=NOW + 3 * MINUTE) == 0
