"""News from the chargers become tasks, and tasks do one thing."""

import pytest

from chargepoints import events
from chargepoints.models import Reservation
from smac import tasks
from smac.models import ChargingNeed, PlanningState, PlanRun
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("signal", "ids", "sent"),
    [
        ("transaction_started", {"transaction_id": 7}, [["attach_need", 7]]),
        ("transaction_ended", {"transaction_id": 7}, [["close_need", 7], ["settle_transaction", 7]]),
        ("meter_values_stored", {"charge_point_id": 1, "transaction_id": 7}, [["watch_session", 7]]),
        ("meter_values_stored", {"charge_point_id": 1, "transaction_id": None}, []),
        ("charge_point_booted", {"charge_point_id": 1}, [["replan_charge_point", 1, "charge point booted"]]),
        ("external_limit_changed", {"charge_point_id": 1}, [["replan_charge_point", 1, "external limit changed"]]),
        ("charge_point_connected", {"charge_point_id": 1}, [["replan_charge_point", 1, "charge point connected"]]),
        ("reservation_changed", {"reservation_id": 5}, [["replan_reservation", 5]]),
    ],
)
def test_each_signal_sends_its_tasks(monkeypatch, signal, ids, sent):
    seen = []
    monkeypatch.setattr(tasks.follow, "delay", seen.extend)
    getattr(events, signal).send(sender=None, **ids)
    assert seen == sent


def test_a_reservation_is_planned_for():
    evse, driver = factories.evse(), factories.driver()
    reservation = Reservation.objects.create(
        evse=evse, driver=driver, id_token=factories.id_token(driver), reserved_at=NOW, expires_at=NOW + HOUR
    )
    tasks.follow([["replan_reservation", reservation.pk]])
    state = PlanningState.objects.get(supply_point=evse.charge_point.supply_point)
    assert state.reason == "reservation changed"


def test_news_that_cannot_be_followed_keep_no_others_back():
    row = factories.transaction(factories.evse())
    tasks.follow([["attach_need", 0], ["unheard_of"], ["attach_need", row.pk]])
    assert ChargingNeed.objects.get().transaction == row


def test_the_tasks_carry_a_session_from_its_start_to_its_receipt():
    evse = factories.evse()
    row = factories.transaction(evse)
    tasks.attach_need(row.pk)
    tasks.replan(evse.charge_point.supply_point_id)
    (command,) = world.profiles(row)
    world.accept(command, now=command.created_at)
    tasks.watch_session(row.pk)
    row.state = "ended"
    row.save()
    tasks.close_need(row.pk)
    tasks.settle_transaction(row.pk)
    tasks.advance_orders()
    tasks.replan(evse.charge_point.supply_point_id)
    tasks.replan_due()
    tasks.replan_every_slot()
    row.refresh_from_db()
    assert ChargingNeed.objects.get().status == "closed"
    assert row.cost_amount == 0
    assert [run.reason for run in PlanRun.objects.order_by("pk")] == ["session started", "session ended"]


def test_a_charger_that_is_back_asks_for_a_plan():
    point = factories.charge_point()
    tasks.replan_charge_point(point.pk, "charge point booted")
    assert PlanningState.objects.get().reason == "charge point booted"
    tasks.replan_charge_point(0, "charge point booted")
    assert PlanningState.objects.count() == 1


def test_a_late_settlement_does_not_take_the_penalty_off_the_receipt():
    from chargepoints.models import Transaction

    row = factories.transaction(factories.evse(), state="ended", ended_at=factories.NOW)
    Transaction.objects.filter(pk=row.pk).update(cost_amount="7.50")
    tasks.settle_transaction(row.pk)
    row.refresh_from_db()
    assert str(row.cost_amount) == "7.50"
