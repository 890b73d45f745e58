"""The meter tells whether a charger does what it accepted."""

from datetime import timedelta

import pytest

from chargepoints.domain.metering import POWER_IMPORT
from chargepoints.models import MeterValue, Transaction
from chargepoints.services import smart_charging
from tests.chargepoints.services.plans import answer, answer_all, default, plan, session, waiting
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def row() -> Transaction:
    """A session of 7 kW for a quarter of an hour, then a pause."""
    made = session()
    answer(default(made.charge_point))
    answer(plan(made))
    answer_all(made.charge_point)
    return made


def shown(row: Transaction, *powers: tuple[float, float]) -> bool:
    """The meter shows W at minutes; whether that is more than was allowed."""
    for minute, power_w in powers:
        MeterValue.objects.create(
            charge_point=row.charge_point,
            evse_number=1,
            transaction=row,
            at=NOW + minute * MINUTE,
            measurand=POWER_IMPORT,
            value=power_w,
            unit="W",
        )
    found = smart_charging.look(transaction_row=row, now=NOW + powers[-1][0] * MINUTE)
    row.refresh_from_db()
    return found


def test_more_than_a_tenth_above_the_limit_twice_in_a_row_is_marked_and_told_once_more(row: Transaction) -> None:
    assert shown(row, (5, 9_000), (6, 9_100))
    assert (row.over_limit_at, row.over_limit_w) == (NOW + 6 * MINUTE, 2_100)
    assert [command.intent.purpose for command in waiting(row.charge_point)] == ["tx_default", "tx"]


def test_once_or_by_a_little_is_not(row: Transaction) -> None:
    assert not shown(row, (5, 7_600), (6, 9_000))
    assert not shown(row, (7, 7_700))
    assert (row.over_limit_at, waiting(row.charge_point)) == (None, [])


def test_a_car_that_needs_a_moment_to_slow_down_is_not(row: Transaction) -> None:
    assert not shown(row, (15.2, 7_000), (15.8, 7_000))


def test_a_car_that_goes_on_in_a_pause_is(row: Transaction) -> None:
    assert shown(row, (17, 4_000), (18, 4_000))
    assert row.over_limit_w == 4_000


def test_values_from_before_the_newest_plan_are_not_judged_by_it(row: Transaction) -> None:
    answer(plan(row, [(0, 3_000.0)], starts_at=NOW + 6 * MINUTE, now=NOW + 6 * MINUTE), now=NOW + 6 * MINUTE)
    assert not shown(row, (5, 7_000), (6, 7_000))
    assert shown(row, (7.5, 7_000), (8.5, 7_000))


def test_a_charger_that_goes_on_like_that_is_told_no_third_time(row: Transaction) -> None:
    shown(row, (5, 9_000), (6, 9_000))
    for command in waiting(row.charge_point):
        answer(command, now=NOW + 7 * MINUTE)
    assert shown(row, (8, 9_000), (9, 9_000))
    assert row.over_limit_at == NOW + 9 * MINUTE
    assert waiting(row.charge_point) == []


def test_giving_back_is_never_too_much_and_an_ended_session_is_not_looked_at(row: Transaction) -> None:
    assert not shown(row, (17, 0), (18, 0))
    row.state = "ended"
    row.save()
    assert not shown(row, (19, 9_000), (20, 9_000))


def test_without_any_profile_the_evse_s_own_power_is_the_limit() -> None:
    made = session()
    assert not shown(made, (5, 11_500), (6, 11_500))
    assert shown(made, (7, 13_000), (8, 13_000))
