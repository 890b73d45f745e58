"""What a charger says it follows, against what it should."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from chargepoints.domain import reports
from chargepoints.models import ChargePoint, ChargingProfile, CompositeSchedule
from chargepoints.services import commands, external_limits, smart_charging
from tests.chargepoints.services.plans import HOUR, STEPS, answer, answer_all, default, plan, read, session, waiting
from tests.chargepoints.services.plans import told as limits_of
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
PATIENCE_S = 20


def told(evse) -> CompositeSchedule:
    return CompositeSchedule.objects.filter(evse=evse).first()


def planned():
    """A session whose charger took its default and its plan and was asked for neither."""
    row = session()
    answer(default(row.charge_point))
    answer(plan(row))
    row.charge_point.commands.filter(kind="get_composite_schedule").delete()
    return row


def test_a_charger_that_follows_its_profiles_differs_in_nothing() -> None:
    row = planned()
    read(row.evse, STEPS)
    found = told(row.evse)
    assert found.expected_periods == [[0, 7_000.0], [900, 0.0], [1_800, 9_000.0]]
    assert (found.difference_w, found.difference_at, found.is_persistent) == (0.0, None, False)
    assert waiting(row.charge_point) == []


def test_a_charger_that_follows_something_else_is_told_once_more_the_default_first() -> None:
    row = planned()
    read(row.evse, [(0, 7_000.0), (1_800, 11_000.0)], now=NOW + MINUTE)
    found = told(row.evse)
    assert (found.difference_w, found.difference_at) == (7_000.0, NOW + timedelta(minutes=15))
    assert not found.is_persistent
    default_again, plan_again = waiting(row.charge_point)
    assert (default_again.intent.purpose, plan_again.intent.purpose) == ("tx_default", "tx")
    assert [(one.start_s, one.limit_w) for one in plan_again.intent.periods] == list(STEPS)
    assert ChargingProfile.objects.filter(is_repeat=True).count() == 2


def test_an_older_plan_is_not_told_again_in_the_place_of_a_newer_one_that_is_on_its_way() -> None:
    row = planned()
    newer = plan(row, [(0, 3_000.0)], now=NOW + MINUTE)
    read(row.evse, [(0, 11_000.0)], now=NOW + MINUTE)
    assert not told(row.evse).is_persistent
    assert waiting(row.charge_point) == [newer]


@pytest.mark.django_db(transaction=True)
def test_an_older_plan_is_not_told_again_while_a_newer_one_is_being_written() -> None:
    row = planned()
    is_written, is_read = threading.Event(), threading.Event()

    def write() -> None:
        with contextlib.closing(connection), transaction.atomic():
            plan(row, [(0, 3_000.0)], now=NOW + MINUTE)
            is_written.set()
            if connection.vendor == "postgresql":  # SQLite has one writer: the others wait for its end
                assert is_read.wait(PATIENCE_S)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert is_written.wait(PATIENCE_S)
        read(row.evse, [(0, 11_000.0)], now=NOW + MINUTE)
        is_read.set()
        writing.result()
    assert [limits_of(command) for command in waiting(row.charge_point)] == [[(0, 3_000.0)]]


def test_it_is_asked_again_at_once_and_marked_when_it_still_differs_and_told_no_third_time() -> None:
    row = planned()
    read(row.evse, [(0, 11_000.0)])
    for command in waiting(row.charge_point):
        answer(command, now=NOW + MINUTE)
    assert len(waiting(row.charge_point, "get_composite_schedule")) == 1
    answer_all(row.charge_point, now=NOW + MINUTE)
    read(row.evse, [(0, 11_000.0)], now=NOW + 2 * MINUTE)
    assert told(row.evse).is_persistent
    assert waiting(row.charge_point) == []


def test_the_default_alone_is_compared_where_nobody_charges() -> None:
    row = planned()
    row.state = "ended"
    row.save()
    read(row.evse, [(0, 11_000.0)])
    assert told(row.evse).expected_periods == [[0, 4_200.0]]
    assert [command.intent.purpose for command in waiting(row.charge_point)] == ["tx_default"]


def test_a_charger_that_answers_without_limits_cannot_be_compared() -> None:
    row = planned()
    read(row.evse, [])
    assert (told(row.evse).difference_w, told(row.evse).is_persistent) == (None, False)
    assert waiting(row.charge_point) == []


def test_without_any_profile_the_evse_s_own_power_is_expected() -> None:
    row = session()
    read(row.evse, [(0, 11_000.0)])
    assert (told(row.evse).expected_periods, told(row.evse).difference_w) == ([[0, 11_000.0]], 0.0)


def test_a_limit_from_elsewhere_is_expected_too() -> None:
    row = planned()
    limit = reports.ExternalLimitReported(1, "EMS", NOW, None, ((0, 5_000.0),))
    external_limits.limit_reported(charge_point_id=row.charge_point_id, report=limit, now=NOW)
    read(row.evse, [(0, 5_000.0), (900, 0.0), (1_800, 5_000.0)])
    assert told(row.evse).difference_w == 0.0


def test_after_its_first_plan_a_charger_is_asked_and_then_every_quarter_of_an_hour() -> None:
    row = session()
    answer(plan(row))
    (first,) = waiting(row.charge_point, "get_composite_schedule")
    assert (first.intent.evse_number, first.intent.duration_s) == (1, 7_200)
    answer(first)
    read(row.evse, STEPS)
    answer(plan(row, now=NOW + 10 * MINUTE), now=NOW + 10 * MINUTE)
    assert waiting(row.charge_point, "get_composite_schedule") == []
    answer(plan(row, now=NOW + 16 * MINUTE), now=NOW + 16 * MINUTE)
    assert len(waiting(row.charge_point, "get_composite_schedule")) == 1


def test_a_charger_that_cannot_tell_is_asked_once_a_day() -> None:
    row = session()
    answer(plan(row))
    (asked,) = waiting(row.charge_point, "get_composite_schedule")
    asked.status = "sent"
    asked.save()
    commands.failed(command_id=asked.pk, error="NotSupported: ", now=NOW)
    answer(plan(row, now=NOW + HOUR), now=NOW + HOUR)
    assert waiting(row.charge_point, "get_composite_schedule") == []
    tomorrow = NOW + 25 * HOUR
    answer(plan(row, now=tomorrow, valid_to=tomorrow + HOUR), now=tomorrow)
    assert len(waiting(row.charge_point, "get_composite_schedule")) == 1


def test_a_refused_plan_is_not_asked_about() -> None:
    row = session()
    answer(plan(row), accepted=False)
    assert waiting(row.charge_point, "get_composite_schedule") == []


def test_the_schedule_of_an_unknown_evse_is_nobody_s() -> None:
    row = planned()
    report = reports.ScheduleReadBack(9, NOW, 3_600, ((0, 1.0),))
    smart_charging.store_read_back(charge_point_id=row.charge_point_id, report=report, now=NOW)
    assert CompositeSchedule.objects.count() == 0
    assert ChargePoint.objects.count() == 1
