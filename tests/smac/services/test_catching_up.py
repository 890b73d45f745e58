"""A killed server loses its queue of tasks; the rows tell what is still to do."""

import pytest

from chargepoints.models import Transaction
from smac.models import ChargingNeed
from smac.services import catching_up, needs
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db


def transaction(**values) -> Transaction:
    """A transaction that the database learned of at NOW."""
    row = factories.transaction(factories.evse(), factories.driver(), **values)
    Transaction.objects.filter(pk=row.pk).update(created_at=NOW)
    return row


def test_a_session_whose_start_was_not_heard_of_gets_its_need() -> None:
    row = transaction()
    assert catching_up.catch_up(now=NOW + minutes(1)) == 1
    assert ChargingNeed.objects.get(transaction=row).status == "running"
    assert catching_up.catch_up(now=NOW + minutes(1)) == 0


def test_news_that_is_on_its_way_is_left_to_its_task() -> None:
    transaction()
    assert catching_up.catch_up(now=NOW + minutes(0.1)) == 0


def test_the_need_of_a_session_whose_end_was_not_heard_of_is_closed_and_its_receipt_made() -> None:
    row = transaction()
    needs.attach(transaction=row, now=NOW)
    Transaction.objects.filter(pk=row.pk).update(state="ended", ended_at=NOW + minutes(30))
    assert catching_up.catch_up(now=NOW + minutes(31)) == 2
    row.refresh_from_db()
    assert (row.charging_need.status, str(row.cost_amount)) == ("closed", "0.00")


def test_what_staff_must_judge_gets_no_receipt() -> None:
    row = transaction(state="quarantined", ended_at=NOW)
    assert catching_up.catch_up(now=NOW + minutes(5)) == 0
    row.refresh_from_db()
    assert row.cost_amount is None
