"""Sessions that go on although their token was refused."""

import pytest

from chargepoints.models import ChargePoint, Command, MeterValue, Transaction
from chargepoints.services import deauthorization
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db
REGISTER = "Energy.Active.Import.Register"


@pytest.fixture
def refused() -> Transaction:
    """A session that its charger began while it was offline, told at NOW, and refused."""
    row = factories.transaction(
        factories.evse(), started_at=NOW - minutes(30), state="quarantined", flaw="token refused: Invalid"
    )
    Transaction.objects.filter(pk=row.pk).update(created_at=NOW)
    return row


def read(row: Transaction, after_minutes: float, value: float, measurand: str = REGISTER) -> None:
    MeterValue.objects.create(
        charge_point=row.charge_point,
        evse_number=1,
        transaction=row,
        at=NOW + minutes(after_minutes),
        measurand=measurand,
        value=value,
    )


def test_who_draws_on_after_the_refusal_is_stopped_once(refused: Transaction) -> None:
    read(refused, 1, 1000)
    read(refused, 3, 1200)
    assert deauthorization.sweep(now=NOW + minutes(1)) == 0
    assert deauthorization.sweep(now=NOW + minutes(4)) == 1
    assert deauthorization.sweep(now=NOW + minutes(5)) == 0
    command = Command.objects.get(kind="remote_stop")
    assert (command.transaction, command.payload) == (refused, {"transaction_remote_id": refused.remote_id})


def test_who_shows_power_and_no_register_is_stopped(refused: Transaction) -> None:
    Transaction.objects.filter(pk=refused.pk).update(power_w=3680, last_value_at=NOW + minutes(3))
    assert deauthorization.sweep(now=NOW + minutes(4)) == 1


def test_a_charger_that_keeps_the_transaction_but_not_the_energy_obeys(refused: Transaction) -> None:
    """1.6 9.1.24: StopTransactionOnInvalidId false."""
    read(refused, -10, 500)
    read(refused, 1, 1000)
    read(refused, 3, 1000)
    Transaction.objects.filter(pk=refused.pk).update(power_w=3680, last_value_at=NOW - minutes(1))
    assert deauthorization.sweep(now=NOW + minutes(4)) == 0


@pytest.mark.parametrize("change", [{"ended_at": NOW}, {"state": "active", "flaw": ""}, {"flaw": "no stop was sent"}])
def test_others_are_left_alone(refused: Transaction, change: dict) -> None:
    read(refused, 1, 1000)
    read(refused, 3, 1200)
    Transaction.objects.filter(pk=refused.pk).update(**change)
    assert deauthorization.sweep(now=NOW + minutes(4)) == 0


def test_a_charger_that_is_away_is_asked_when_it_is_back(refused: Transaction) -> None:
    read(refused, 1, 1000)
    read(refused, 3, 1200)
    ChargePoint.objects.filter(pk=refused.charge_point_id).update(connection_key="")
    assert deauthorization.sweep(now=NOW + minutes(4)) == 0
    ChargePoint.objects.filter(pk=refused.charge_point_id).update(connection_key="link")
    assert deauthorization.sweep(now=NOW + minutes(5)) == 1
