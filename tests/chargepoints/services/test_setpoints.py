"""Discharge by a vendor's own message."""

import json
from datetime import timedelta

import pytest

from chargepoints.models import Command, Transaction
from chargepoints.services import smart_charging
from tests.chargepoints.services.plans import answer, answer_all, plan, session, speaks, told, waiting
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
GIVING = ((0, 7_000.0), (900, -5_000.0), (1_800, -3_000.0), (2_700, 6_000.0))


@pytest.fixture
def row() -> Transaction:
    made = session(max_discharge_w=10_000)
    speaks(made.charge_point, "setpoint-messages")
    command = answer(plan(made, GIVING))
    assert told(command) == [(0, 7_000.0), (900, 0.0), (2_700, 6_000.0)]
    answer_all(made.charge_point)
    return made


def messages(row: Transaction) -> list[Command]:
    return waiting(row.charge_point, "data_transfer")


def test_a_charger_is_asked_for_each_power_when_its_time_comes_and_told_how_it_goes_on(row: Transaction) -> None:
    powers = []
    for minute in range(0, 60, 5):
        smart_charging.keep(now=NOW + minute * MINUTE)
        for command in messages(row):
            powers.append((minute, json.loads(command.intent.data)["power"]))
            answer(command)
    assert powers == [(15, -5_000), (30, -3_000), (45, 6_000)]


def test_the_message_is_the_dialect_s(row: Transaction) -> None:
    smart_charging.keep(now=NOW + 15 * MINUTE)
    (command,) = messages(row)
    assert (command.intent.vendor_id, command.intent.message_id) == ("org.twinev.v2g", "SetPower")
    assert json.loads(command.intent.data) == {"connectorId": 1, "transactionId": row.remote_id, "power": -5_000}
    assert command.transaction == row


def test_after_the_plan_the_safe_default_holds(row: Transaction) -> None:
    smart_charging.keep(now=NOW + 15 * MINUTE)
    answer(messages(row)[0])
    smart_charging.keep(now=NOW + timedelta(hours=3))
    assert json.loads(messages(row)[0].intent.data)["power"] == 4_200
