from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePoint, Evse, OcppMessage, Operator
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine() -> Operator:
    return factories.operator("Mine")


@pytest.fixture
def evse(mine: Operator) -> Evse:
    return factories.evse(mine)


@pytest.fixture
def staff(client: Client, mine: Operator) -> Client:
    client.force_login(factories.staff(mine))
    return client


def frame(point: ChargePoint, action: str, payload: dict[str, Any] | None = None, **facts: Any) -> OcppMessage:
    usual = {"at": NOW, "direction": "in", "message_type": 2, "message_id": "m1"}
    return OcppMessage.objects.create(charge_point=point, action=action, payload=payload or {}, **usual | facts)


def found(client: Client, **query: str) -> list[int]:
    return [row.pk for row in client.get(reverse("dashboard:messages"), query).context["page"].rows]


def test_frames_are_found_by_charger_message_direction_and_day(staff: Client, evse: Evse, mine: Operator) -> None:
    boot = frame(evse.charge_point, "BootNotification")
    answer = frame(evse.charge_point, "Reset", direction="out", at=NOW - timedelta(days=2))
    other = frame(factories.evse(mine).charge_point, "BootNotification")
    assert found(staff, charger=evse.charge_point.identity) == [answer.pk, boot.pk]
    assert found(staff, action="boot") == [other.pk, boot.pk]
    assert found(staff, direction="out") == [answer.pk]
    assert found(staff, until=f"{NOW - timedelta(days=1):%Y-%m-%d}") == [answer.pk]


def test_a_question_and_its_answer_are_found_by_their_id(staff: Client, evse: Evse) -> None:
    asked = frame(evse.charge_point, "Heartbeat", message_id="a-7")
    answered = frame(evse.charge_point, "Heartbeat", message_id="a-7", direction="out", message_type=3)
    frame(evse.charge_point, "Heartbeat", message_id="a-70")
    assert found(staff, action="a-7") == [answered.pk, asked.pk]


def test_errors_alone_are_shown_on_wish(staff: Client, evse: Evse) -> None:
    frame(evse.charge_point, "Heartbeat")
    error = frame(evse.charge_point, "Reset", message_type=4)
    rubbish = frame(evse.charge_point, "", message_type=0)
    assert found(staff, errors="on") == [rubbish.pk, error.pk]


@pytest.mark.parametrize(
    "said",
    [
        {"transactionId": 42, "meterStop": 5},
        {"transactionInfo": {"transactionId": "42"}},
        {"connectorId": 1, "csChargingProfiles": {"transactionId": 42}},
    ],
)
def test_a_transaction_brings_its_frames_and_the_answers_to_them(staff: Client, evse: Evse, said: Any) -> None:
    row = factories.transaction(evse, remote_id="42", started_at=NOW)
    at = row.created_at
    asked = frame(evse.charge_point, "StopTransaction", said, message_id="7", at=at)
    answered = frame(evse.charge_point, "StopTransaction", message_id="7", message_type=3, direction="out", at=at)
    frame(evse.charge_point, "Heartbeat", message_id="8", at=at)
    frame(evse.charge_point, "StopTransaction", said, message_id="9", at=at - timedelta(days=3))
    assert found(staff, transaction="42") == [answered.pk, asked.pk]


def test_a_foreign_transaction_brings_nothing(staff: Client, evse: Evse) -> None:
    foreign = factories.evse(factories.operator("Other"))
    row = factories.transaction(foreign, remote_id="43")
    frame(foreign.charge_point, "StopTransaction", {"transactionId": 43}, at=row.created_at)
    assert found(staff, transaction="43") == []
    assert found(staff) == []


def test_what_a_charger_sent_is_shown_as_text(staff: Client, evse: Evse) -> None:
    frame(evse.charge_point, "DataTransfer", {"data": "<script>alert(1)</script>"})
    page = staff.get(reverse("dashboard:messages")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
